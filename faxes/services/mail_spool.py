"""Mails that are to become faxes, from the door to storage; and what was refused at the door.

A message is stored, and the rows that say so are written, before anybody is told that it was taken.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts import clock
from faxes import jobs, notices, vault
from faxes.enums import MailRefusal
from faxes.models import InboundMail, MailState
from faxes.queries.mail_boxes import MailAccount, MailBox
from faxes.services.erasure import erase_later

KEPT_FOR: Final = timedelta(days=30)  # without a fax
# Mails of one account that wait to become faxes; whoever has more is to come again later.
MOST_WAITING: Final = 2000
_WAKE_AFTER: Final = timedelta(seconds=30)
_AT_ONCE: Final = 500


class TooBusy(Exception):
    """So many mails of an account wait already that it is to be handed in later."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """One recipient of a mail: whom it is for, the number asked for, as digits and as E.164.

    ``sender`` is the address that it is taken to be from. ``account`` is known even where no fax
    machine is.
    """

    account: MailAccount
    box: MailBox | None
    sender: str
    recipient: str
    domain: str
    digits: str
    number: str = ""


def keep(mails: Sequence[HandedIn], *, message: Path, known_by: str) -> list[UUID]:
    """Store a message and note that it is to become a fax for each; the ids of the rows.

    Those that were handed in before, by the same ``known_by``, are found again and left alone:
    whoever never heard that a mail was taken hands it in once more.

    Raises:
        TooBusy: nothing was stored.

    """
    known = _known(mails, known_by)
    if len(known) == len({_key(mail, known_by) for mail in mails}):
        return list(known.values())
    for account in {mail.account.id: mail.account for mail in mails}.values():
        _require_room(account)
    owners = {mail.account.id for mail in mails}
    stored = {owner: vault.put(owner, message) for owner in sorted(owners)}
    with transaction.atomic(durable=True):
        vault.named(each.key for each in stored.values())
        rows: dict[str | int, UUID] = {}
        for position, mail in enumerate(mails):
            one = stored[mail.account.id]
            key = _key(mail, known_by)
            row, made = _row(mail, key=key, spool_key=one.key, size=one.size)
            rows[key or position] = row.pk
            if made:
                jobs.enqueue("mail", mail=row.pk)
        # what turned out to have been handed in a moment ago names another
        of_all = InboundMail.objects.across_tenants(why="of several accounts, perhaps")
        used = set(of_all.filter(pk__in=rows.values()).values_list("spool_key", flat=True))
        if unused := [each.key for each in stored.values() if each.key not in used]:
            erase_later(unused)
    return list(rows.values())


def log_refused(mails: Sequence[HandedIn], *, refusal: MailRefusal, size: int = 0) -> None:
    """Note mails that were refused at the door, for the people of the accounts that they were to.

    Nobody is written to: whoever handed them in was told so.
    """
    now = clock.now()
    with transaction.atomic(durable=True):
        for mail in mails:
            row: InboundMail = InboundMail.objects.create(
                **_columns(mail),
                state=MailState.REFUSED,
                errors=[refusal.value],
                size=size,
                created_at=now,
                ended_at=now,
            )
            notices.tell_mail_refused(row, now=now)


def forget_old() -> None:
    """Remove what the log has kept for long enough: what became no fax."""
    old = InboundMail.objects.across_tenants(why="expiry").filter(
        state=MailState.REFUSED, created_at__lt=clock.now() - KEPT_FOR
    )
    while ids := list(old.values_list("pk", flat=True)[:_AT_ONCE]):
        InboundMail.rows.filter(pk__in=ids).delete()


def _known(mails: Sequence[HandedIn], known_by: str) -> dict[str | None, UUID]:
    keys = {key for mail in mails if (key := _key(mail, known_by))}
    rows = InboundMail.objects.across_tenants(why="of several accounts, perhaps")
    return dict(rows.filter(dedupe_key__in=keys).values_list("dedupe_key", "pk")) if keys else {}


def _require_room(account: MailAccount) -> None:
    """Let pass while not too many mails wait.

    Raises:
        TooBusy: too many do.

    """
    waiting = InboundMail.objects.for_account(account.id).filter(next_at__isnull=False)
    if waiting.count() >= MOST_WAITING:
        raise TooBusy(account.name)


def _row(mail: HandedIn, *, key: str | None, spool_key: str, size: int) -> tuple[InboundMail, bool]:
    """The row of a mail, and whether it was made now."""
    now = clock.now()
    columns = _columns(mail) | {
        "state": MailState.SPOOLED,
        "spool_key": spool_key,
        "size": size,
        "created_at": now,
        "next_at": now + _WAKE_AFTER,
    }
    if key is None:
        return InboundMail.objects.create(**columns), True
    rows = InboundMail.objects.for_account(mail.account.id)
    row, made = rows.get_or_create(dedupe_key=key, defaults=columns)
    return row, made


def _columns(mail: HandedIn) -> dict[str, Any]:
    box = mail.box
    return {
        "account_id": mail.account.id,
        "faxbox_id": box.id if box else None,
        "owner_id": box.owner_id if box else None,
        "owner_email": box.owner_email[:254] if box else "",
        "sender": mail.sender[:254],
        "recipient": mail.recipient[:320],
        "domain": mail.domain[:255],
        "number_given": mail.digits[:64],
        "number": mail.number[:20],
    }


def _key(mail: HandedIn, known_by: str) -> str | None:
    """What a mail to a number is known by when it comes again; None if it has no name."""
    if not known_by or mail.box is None:
        return None
    told = (mail.account.id.hex, mail.box.id.hex, mail.number, mail.sender, known_by)
    return hashlib.sha256("\n".join(told).encode("utf-8", "surrogateescape")).hexdigest()
