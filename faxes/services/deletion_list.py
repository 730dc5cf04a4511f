"""The list of what was deleted, kept apart from the database: a restored one is behind it.

A line is a day, ``d`` for a deleted fax or ``s`` for one that was stripped, and its id, sealed:
that tells nothing to who has the list alone. The database counts the lines that it knows. It is
behind, too, when a transaction noted a deletion and then failed: then the deletion is made true.
"""

import logging
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from accounts import clock
from accounts.sealing import key_for, keys_for
from faxes import lifecycle
from faxes.enums import TERMINAL_STATES, FaxState
from faxes.models import DeletionMark, Fax
from faxes.services.deletion_log import DeletionLog, deletion_log

DELETED, STRIPPED = "d", "s"
_PURPOSE: Final = "list of deletions"
_NONCE: Final = 12
_SEALED: Final = 2 * (_NONCE + 16 + 16)  # hex digits of nonce, id and tag
_LINE: Final = len("2026-01-01 d ") + _SEALED + 1
_WHOLE: Final = re.compile(rb"\d{4}-\d\d-\d\d ([ds]) ([0-9a-f]{%d})$" % _SEALED)
_AT_ONCE: Final = 500
_WAITING: Final = (FaxState.PREPARING, FaxState.QUEUED)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """A fax that is in this database and should not be, or not with its pages."""

    fax: Fax
    deleted: bool


def note(faxes: Iterable[UUID], *, what: str) -> None:
    """Put faxes on the list, as the last thing in the transaction that deletes or strips them.

    It is to stay there before that is committed: should it fail even so, a replay makes it true.

    Raises:
        OSError: it cannot be written; the transaction must not be kept.

    """
    box = AESGCM(key_for(_PURPOSE, str(settings.SECRET_KEY)))
    day = f"{clock.now():%Y-%m-%d}"
    lines = [f"{day} {what} {_sealed(box, fax)}\n" for fax in faxes]
    mark = _mark()
    before = _log().append("".join(lines).encode(), known=mark.lines)
    if before <= mark.lines:  # of a list that was lost, what there is now counts
        mark.lines = before + len(lines)
        mark.save(update_fields=["lines"])
    # else the database is behind, and stays so: what it does not know comes before these


def is_behind() -> bool:
    """Whether the list names deletions that this database does not know of.

    Raises:
        OSError: the list cannot be looked at.

    """
    known = DeletionMark.objects.filter(pk=1).values_list("lines", flat=True).first() or 0
    if _log().length(known=known) <= known:
        return False
    with transaction.atomic():  # behind whoever is between the list and the commit
        known = _mark().lines
        return _log().length(known=known) > known


def known_to_be_read(length: int) -> None:
    """Note that this database knows of so many lines of the list."""
    with transaction.atomic():
        mark = _mark()
        mark.lines = max(mark.lines, length)
        mark.save(update_fields=["lines"])


def lines_listed(known: int) -> int:
    """How many lines there are on the list, looked for behind so many that are known.

    Raises:
        OSError: the list cannot be looked at.

    """
    return _log().length(known=known)


def unknown_lines() -> tuple[int, int]:
    """How many lines of the list this database knows, and how many there are."""
    with transaction.atomic():
        known = _mark().lines
        return known, _log().length(known=known)


def listed_faxes(*, after: int = 0) -> Iterator[Listed | None]:
    """The faxes that the list, behind so many lines, says are deleted or stripped, and are not.

    None stands for a line that cannot be read.
    """
    lines = _read(after)
    while portion := list(islice(lines, _AT_ONCE)):
        readable = [each for each in portion if each is not None]
        yield from [None] * (len(portion) - len(readable))
        deleted = {fax for what, fax in readable if what == DELETED}
        named = Fax.objects.across_tenants(why="the list is of all").filter(
            pk__in={fax for _, fax in readable}
        )
        for fax in named.order_by("pk"):
            if fax.pk in deleted or fax.stripped_at is None:
                yield Listed(fax, deleted=fax.pk in deleted)


def ended(fax: Fax) -> bool:
    """Whether a fax has ended; one that waits is canceled, lest it goes out once more."""
    if fax.state in _WAITING:
        lifecycle.cancel(fax, now=clock.now())
        fax.refresh_from_db()
    return fax.state in TERMINAL_STATES


def _mark() -> DeletionMark:
    """The one row, held until the transaction ends."""
    rows = DeletionMark.objects.select_for_update().filter(pk=1)
    if (mark := rows.first()) is not None:
        return mark
    DeletionMark.objects.bulk_create([DeletionMark(pk=1)], ignore_conflicts=True)
    return rows.get()


def _log() -> DeletionLog:
    return deletion_log(_LINE)


def _read(after: int) -> Iterator[tuple[str, UUID] | None]:
    """What was done to which fax; None for a line that cannot be read, and why in the log."""
    boxes = [AESGCM(secret) for secret in keys_for(_PURPOSE)]
    for number, line in enumerate(_log().lines(after=after), after + 1):
        whole = _WHOLE.search(line)  # behind what a crash may have left of another
        if whole is None or whole.start():
            log.error("line %d of the list of deletions is damaged", number)
        if whole is None:
            yield None
            continue
        fax = _opened(boxes, bytes.fromhex(whole[2].decode()))
        if fax is None:
            log.error("line %d of the list of deletions opens with no secret key", number)
        yield None if fax is None else (whole[1].decode(), fax)


def _sealed(box: AESGCM, fax: UUID) -> str:
    nonce = secrets.token_bytes(_NONCE)
    return (nonce + box.encrypt(nonce, fax.bytes, None)).hex()


def _opened(boxes: list[AESGCM], sealed: bytes) -> UUID | None:
    for box in boxes:
        try:
            return UUID(bytes=box.decrypt(sealed[:_NONCE], sealed[_NONCE:], None))
        except InvalidTag:
            continue
    return None
