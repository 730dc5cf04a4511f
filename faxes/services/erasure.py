"""Stored objects that no row needs: noted beforehand, destroyed when due.

Every object is noted when it is stored (``vault.put``), for the case that its row never comes to
be; and again in the transaction that removes its rows, for at once.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

from accounts import clock
from faxes import jobs, vault
from faxes.models import (
    Broadcast,
    CoverTemplate,
    Document,
    Erasure,
    ExportPart,
    InboundMail,
    LineCall,
    Upload,
)

log = logging.getLogger(__name__)
_AT_ONCE: Final = 500
_TRY_AGAIN: Final = timedelta(minutes=5)
_BRIEFLY, _PATIENTLY = 200, 30_000  # milliseconds


def erase_later(keys: Iterable[str]) -> None:
    """Note objects for destruction, in the transaction that removes their rows.

    What is kept beside them goes too; its earlier notes stay, for what is stored at this moment.
    """
    now = clock.now()
    going = {key for key in keys if key}
    going |= vault.keys_beside(going)
    Erasure.objects.bulk_create([Erasure(key=key, due_at=now) for key in going])
    transaction.on_commit(erase_due, robust=True)


def scrub() -> None:
    """Clear the databases' write-ahead logs, where deleted rows stand until written over.

    Hardly waits for those who read a log at this moment: then a job does.
    """
    if not _scrubbed(_BRIEFLY):
        jobs.enqueue("scrub")


def scrub_patiently() -> None:
    """Clear them, and wait for whoever reads there; what comes after that the next tidying has."""
    if not _scrubbed(_PATIENTLY):
        log.warning("a write-ahead log could not be cleared: somebody reads it all the time")


def _scrubbed(patience: int) -> bool:
    """Whether all could be cleared, with so many milliseconds for whoever reads one."""
    left = 0
    for connection in connections.all():
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            left += not _cleared(connection, patience)
    return not left


def _cleared(connection: BaseDatabaseWrapper, patience: int) -> bool:
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={patience:d}")
        try:
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual:d}")
    return not busy


def erase_due() -> None:
    """Destroy what is due, unless a row (of a fax of the same submission, say) needs it.

    May run anywhere and twice at once: destroying what is gone does nothing.
    """
    now = clock.now()
    due = list(Erasure.objects.filter(due_at__lte=now).order_by("due_at")[:_AT_ONCE])
    if not due:
        return
    in_use = needed({erasure.key for erasure in due})
    failed = {each.key for each in due if each.key not in in_use and not _destroyed(each.key)}
    if failed:
        Erasure.objects.filter(key__in=failed).update(due_at=now + _TRY_AGAIN)
    done = [each.pk for each in due if each.key not in failed]
    Erasure.objects.filter(pk__in=done).delete()


def forget_notes_of(owner: UUID) -> None:
    """Remove the notes about an account's objects, once none of those is left."""
    Erasure.objects.filter(key__startswith=vault.prefix_of(owner)).delete()


def is_needed(key: str) -> bool:
    """Whether a row names this object."""
    return key in needed({key})


def _destroyed(key: str) -> bool:
    try:
        vault.destroy(key)
    except Exception:  # storage has errors of many kinds; the others must go all the same
        log.exception("a stored object could not be destroyed yet")
        return False
    return True


def needed(keys: set[str]) -> set[str]:
    """Those of the keys that a row names. Whatever else comes to name objects belongs here."""
    # First where objects come from: what is handed on meanwhile, from uploads to broadcasts and
    # from both to faxes, is seen at the one or the other.
    owners = {vault.owner_of(key) for key in keys}
    found = _of_uploads(owners) | _of_broadcasts(owners)
    documents = Document.objects.across_tenants(why="an object may be shared")
    found.update(documents.filter(key__in=keys).values_list("key", flat=True))
    calls = LineCall.objects.filter(Q(document_key__in=keys) | Q(received_key__in=keys))
    for pair in calls.values_list("document_key", "received_key"):
        found.update(pair)
    # a message lies there only as long as something is to happen with it, by which it is found
    mails = InboundMail.objects.across_tenants(why="it may be a mail of theirs")
    waiting = mails.filter(next_at__isnull=False, spool_key__in=keys)
    found.update(waiting.values_list("spool_key", flat=True))
    parts = ExportPart.objects.across_tenants(why="it may be part of an export")
    found.update(parts.filter(key__in=keys).values_list("key", flat=True))
    if owners := {vault.owner_of(key) for key in keys - found}:
        covers = CoverTemplate.objects.across_tenants(why="it may be one of their logos")
        logos = covers.filter(account_id__in=owners, logo_key__in=keys)
        found.update(logos.values_list("logo_key", flat=True))
    return found


def _of_uploads(owners: set[UUID]) -> set[str]:
    rows = Upload.objects.across_tenants(why="it may be among their uploads")
    held = rows.filter(account_id__in=owners).values_list("sources", "rendered")
    return {file["key"] for sources, rendered in held for file in (*sources, rendered)}


def _of_broadcasts(owners: set[UUID]) -> set[str]:
    rows = Broadcast.objects.across_tenants(why="not all of their faxes may be made yet")
    waiting = rows.filter(account_id__in=owners, handed_over_at__isnull=True)
    held = waiting.values_list("sources", "cover", "body")
    return {file["key"] for row in held for files in row for file in files}
