"""A stored mail becomes a fax, exactly one, or is refused; whoever sent it is told by mail."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from accounts import clock
from accounts.errors import AccountSuspended, NotAllowed
from accounts.roles import Role
from accounts.scoping import Actor
from accounts.services.people import member_at
from faxes import jobs, mail_words, notices, vault
from faxes.enums import ErrorCode, MailRefusal
from faxes.errors import DocumentError, InvalidRequest, RequestError
from faxes.models import (
    Channel,
    Fax,
    InboundMail,
    MailState,
    Notification,
    NotificationKind,
)
from faxes.services import intake
from faxes.services.erasure import erase_later
from faxes.services.extras import read_email
from faxes.services.intake import IncomingFile
from faxes.services.submit import FaxRequest, submit_fax

_LEASE: Final = timedelta(minutes=5)
_WAKE_AGAIN: Final = timedelta(seconds=30)
_MOST_TRIES: Final = 5
_AT_ONCE: Final = 200
# What passes by itself is waited for, for a day.
_PASSES: Final = frozenset({ErrorCode.LIMIT_AT_ONCE, ErrorCode.FETCH_BUSY})
_WAIT: Final = timedelta(minutes=1)
_WAIT_FOR: Final = timedelta(days=1)
_SUBJECT_LENGTH: Final = 200
_NAME_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class HeldMail:
    """A mail that is ours to see to until the lease ends."""

    id: UUID
    account_id: UUID
    faxbox_id: UUID | None
    number: str
    sender: str
    cover: str
    spool_key: str
    created_at: datetime
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class MailPart:
    """A document of a mail: its name, what its sender says it is, and where it lies."""

    name: str
    content_type: str
    path: Path


class _Lost(Exception):
    """The mail is somebody else's by now."""


def claim(*, mail_id: UUID) -> HeldMail | None:
    """Take a mail that waits to become a fax; None if none does by this id, or somebody is at it.

    One that whoever had it died of, time and again, is refused.
    """
    now = clock.now()
    row = InboundMail.objects.across_tenants(why="a job names a mail").filter(pk=mail_id)
    waiting = row.filter(state=MailState.SPOOLED)
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    until = now + _LEASE
    if not waiting.filter(free).update(lease_until=until, next_at=until, tries=F("tries") + 1):
        return None
    mail = waiting.select_related("faxbox").get()
    held = HeldMail(
        id=mail.pk,
        account_id=mail.account_id,
        faxbox_id=mail.faxbox_id,
        number=mail.number,
        sender=mail.sender,
        cover=mail.faxbox.mail_cover if mail.faxbox else "",
        spool_key=mail.spool_key,
        created_at=mail.created_at,
        lease_until=until,
    )
    if mail.tries > _MOST_TRIES:
        refuse(held, because=MailRefusal.INTERNAL)
        return None
    return held


@contextmanager
def opened(held: HeldMail) -> Iterator[tuple[Path, Path]]:
    """The message as a file, and an empty folder; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mail-") as folder:
        message, parts = Path(folder) / "message", Path(folder) / "parts"
        parts.mkdir()
        vault.copy_out(held.spool_key, message)
        yield message, parts


def hand_in(held: HeldMail, *, subject: str, parts: Sequence[MailPart]) -> None:
    """Make a fax of the parts of a mail, or refuse it.

    Fax, state of the mail and receipt are written in one transaction: whoever dies before it has
    done nothing, and whoever comes after it finds nothing to do.
    """
    actor = Actor(held.account_id, Role.SYSTEM, name=held.sender or "mail", via="email")
    files = [each.path.open("rb") for each in parts]
    documents = [
        IncomingFile(intake.document_name(part.name), part.path.stat().st_size, file)
        for part, file in zip(parts, files, strict=True)
    ]
    request = FaxRequest(
        to=held.number,
        documents=documents,
        subject=intake.printable(" ".join(subject.split()))[:_SUBJECT_LENGTH],
        faxbox=str(held.faxbox_id or ""),
        cover=held.cover,
        notify=_to_tell(held),
    )
    try:
        submit_fax(
            actor,
            request=request,
            origin="email",
            also=lambda faxes: _settle(held, faxes, parts),
            sent_for=member_at(held.account_id, email=held.sender),  # who may not approve it, then
        )
    except InvalidRequest as invalid:
        codes = {error.code for error in invalid.errors}
        if codes <= _PASSES and clock.now() - held.created_at < _WAIT_FOR:
            _wait(held)
        else:
            _refuse(held, [mail_words.kept(error) for error in invalid.errors], parts)
    except (AccountSuspended, NotAllowed):
        refuse(held, because=MailRefusal.SUSPENDED)
    except _Lost:
        pass
    finally:
        for file in files:
            file.close()


def _to_tell(held: HeldMail) -> list[str]:
    """The sender, if that is an address that mail can be sent to."""
    try:
        return [read_email(held.sender, name="notify")]
    except RequestError:
        return []


def refuse(held: HeldMail, *, because: MailRefusal) -> None:
    """Note that a mail becomes no fax, and have its sender told."""
    _refuse(held, [because.value], ())


def refuse_document(held: HeldMail, *, error: DocumentError) -> None:
    """Note that a mail becomes no fax, as it cannot be read."""
    unreadable = error.code == ErrorCode.DOCUMENT_UNREADABLE
    told = MailRefusal.UNDECODABLE.value if unreadable else mail_words.kept(error)
    _refuse(held, [told], ())


def attend(now: datetime) -> None:
    """Wake mails that are due: their job was lost, or whoever was at them died."""
    due = InboundMail.objects.across_tenants(why="the sweep looks at all").filter(next_at__lte=now)
    for mail_id, next_at in list(due.order_by("next_at").values_list("pk", "next_at")[:_AT_ONCE]):
        again = InboundMail.rows.filter(pk=mail_id, next_at=next_at, state=MailState.SPOOLED)
        if again.update(next_at=now + _WAKE_AGAIN):
            jobs.enqueue("mail", mail=mail_id)


def _ours(held: HeldMail) -> Q:
    return Q(pk=held.id, state=MailState.SPOOLED, lease_until=held.lease_until)


def _settle(held: HeldMail, faxes: Sequence[Fax], parts: Sequence[MailPart]) -> None:
    """Note which fax a mail became, in the transaction that makes that.

    Raises:
        _Lost: it is somebody else's by now, and so is its fax.

    """
    fax = faxes[0]
    changed = InboundMail.rows.filter(_ours(held)).update(
        **_end(parts), state=MailState.FAXED, fax_id=fax.pk
    )
    if not changed:
        raise _Lost
    erase_later([held.spool_key])
    _tell(held, NotificationKind.ACCEPTED, fax=fax)


def _refuse(
    held: HeldMail, errors: Sequence[str | Mapping[str, Any]], parts: Sequence[MailPart]
) -> None:
    with transaction.atomic(durable=True):
        changed = InboundMail.rows.filter(_ours(held)).update(
            **_end(parts),
            state=MailState.REFUSED,
            errors=list(errors),
            dedupe_key=None,  # once what was wrong is mended, the same mail may come again
        )
        if not changed:
            return
        erase_later([held.spool_key])
        _tell(held, NotificationKind.REFUSED, fax=None)
        row = InboundMail.rows.select_related("faxbox").get(pk=held.id)
        notices.tell_mail_refused(row, now=clock.now())


def _end(parts: Sequence[MailPart]) -> dict[str, object]:
    """What changes with the end of a mail; of its documents the first is told of."""
    told = {"filename": "", "content_type": ""}
    if parts:
        told["filename"] = intake.document_name(parts[0].name)[:_NAME_LENGTH]
        told["content_type"] = parts[0].content_type[:128]
    return {
        **told,
        "spool_key": "",
        "next_at": None,
        "lease_until": None,
        "ended_at": clock.now(),
    }


def _wait(held: HeldMail) -> None:
    """Leave a mail for later; that was no try of it."""
    InboundMail.rows.filter(_ours(held)).update(
        lease_until=None, next_at=clock.now() + _WAIT, tries=F("tries") - 1
    )


def _tell(held: HeldMail, kind: NotificationKind, *, fax: Fax | None) -> None:
    """Have the sender told, in the caller's transaction."""
    if not _to_tell(held):
        return
    now = clock.now()
    Notification.objects.create(
        account_id=held.account_id,
        faxbox_id=held.faxbox_id,
        fax=fax,
        mail_id=held.id,
        channel=Channel.EMAIL,
        kind=kind,
        to=held.sender,
        created_at=now,
        next_at=now,
    )
