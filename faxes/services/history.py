"""Bring past faxes of an account over from a carrier, a portion of time after the other.

``HistoryImport.reached`` says up to when all is here. A process may be killed at any moment: the
next one goes on from there, and finds the faxes of a portion that was begun by their ids.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from accounts import clock
from accounts.errors import AccountNotFound, NotThere
from accounts.models import Account
from accounts.roles import Role
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.paths import path_of
from faxes.carriers import base
from faxes.enums import Direction, ErrorCode, Paper
from faxes.errors import DocumentError, RequestError
from faxes.models import Carrier, Faxbox, HistoryImport, Number
from faxes.services import history_rows, intake, received_pages
from faxes.services.carrier_tools import opened
from faxes.services.exchange import answers
from faxes.services.history_rows import Brought

T = TypeVar("T")
_PAUSES: Final = (2.0, 10.0, 30.0)  # seconds before what was in vain is tried again
_LONGEST_PAUSE: Final = 300.0  # that a carrier may ask for


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOrder:
    """Whose past faxes, by its domain name; from which carrier, by name or id; of which time.

    Without ``until`` that of an import from ``since`` on which has not ended, else now. Faxes of
    numbers that nobody has here go to the ``faxbox`` of that name, or are left out, as those are
    that a number sent or received before the account had it here, unless those are the account's
    ``earlier`` ones. Faxes whose pages cannot be had are brought ``without_pages``, or hold the
    import up.
    """

    realm: str
    carrier: str
    since: datetime
    until: datetime | None = None
    at_once: timedelta = timedelta(days=1)
    faxbox: str = ""
    without_pages: bool = False
    earlier: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is. ``brought`` and ``left_out`` count all of it, the others one portion.

    ``missing`` are those whose pages could not be had; ``here`` were here already.
    """

    reached: datetime
    until: datetime
    brought: int
    left_out: int
    here: int = 0
    missing: int = 0


@dataclass(slots=True)
class _Counted:
    here: int = 0
    left_out: int = 0
    missing: int = 0


def bring_over(order: HistoryOrder) -> Iterator[Progress]:
    """Bring past faxes over, and tell after each portion how far it is.

    It stops behind a portion in which pages were ``missing``, unless told to go on without.

    Raises:
        AccountNotFound, NotThere: there is no such account, or it may not use such a carrier.
        RequestError: the fax machine is not clear.
        CarrierUnavailable, CarrierInDoubt: the carrier does not answer; what was brought stays.

    """
    account = _account(order.realm)
    row = _carrier(account, order.carrier)
    faxbox = _faxbox(account, order.faxbox) if order.faxbox else None
    carrier, task = opened(row), _task(account, row, order)
    yield _progress(task, _Counted())
    while task.reached < task.until:
        end = min(task.reached + order.at_once, task.until)
        past = _patiently(partial(_listed, carrier, task.reached, end))
        counted = _bring(task, carrier, past, faxbox=faxbox, order=order)
        held_up = counted.missing and not order.without_pages
        if not held_up:
            _reach(task, end, counted)
        task.refresh_from_db()
        yield _progress(task, counted)
        if held_up:
            return


def _account(realm: str) -> Account:
    account = Account.objects.filter(realm=realm.strip().lower()).first()
    if account is None:
        raise AccountNotFound
    return account


def _carrier(account: Account, told: str) -> Carrier:
    """A carrier that the account may use, by name or id."""
    usable = Carrier.objects.filter(Q(account__isnull=True) | Q(account_id__in=path_of(account)))
    named = list(usable.filter(name=told)[:2])
    if len(named) == 1:
        return named[0]
    try:
        found = usable.filter(pk=UUID(told)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotThere
    return found


def _faxbox(account: Account, told: str) -> Faxbox:
    named: list[Faxbox] = list(Faxbox.objects.for_account(account.pk).filter(name=told)[:2])
    if len(named) != 1:
        raise RequestError(ErrorCode.FAXBOX_UNCLEAR, field="faxbox")
    return named[0]


def _task(account: Account, row: Carrier, order: HistoryOrder) -> HistoryImport:
    """The import to go on with, or a new one."""
    rows = HistoryImport.objects.select_related("carrier", "account")
    same = rows.filter(account=account, carrier=row, since=order.since)
    if order.until is None and (begun := same.filter(done_at__isnull=True).first()):
        return begun
    until = order.until or clock.now()
    task, _ = rows.get_or_create(
        account=account,
        carrier=row,
        since=order.since,
        until=until,
        defaults={"reached": order.since},
    )
    return task


def _bring(
    task: HistoryImport,
    carrier: base.Carrier,
    past: Sequence[base.PastFax],
    *,
    faxbox: Faxbox | None,
    order: HistoryOrder,
) -> _Counted:
    """Bring all of a portion that is not here."""
    counted = _Counted()
    here = history_rows.already_here(task.carrier, past)
    numbers = _numbers(past)
    for each in sorted(past, key=lambda one: one.at):
        if history_rows.id_of(task.carrier, each) in here:
            counted.here += 1
            continue
        goes_to = _goes_to(each, numbers.get(_own_number(each)), task, order, faxbox)
        if goes_to is None:
            counted.left_out += 1
            continue
        brought = Brought(
            task=task, past=each, account=task.account, faxbox=goes_to, pages=None, whole=True
        )
        if each.has_document:
            try:
                brought = _with_pages(carrier, brought)
            except (base.CarrierInDoubt, DocumentError):
                counted.missing += 1
                if not order.without_pages:
                    continue
        if not history_rows.write(brought, now=clock.now()):
            counted.here += 1
            if brought.pages is not None:
                intake.drop([brought.pages])
    return counted


def _goes_to(
    past: base.PastFax,
    number: Number | None,
    task: HistoryImport,
    order: HistoryOrder,
    faxbox: Faxbox | None,
) -> Faxbox | None:
    """Where a past fax belongs; None if it is not the account's, by the rule for what arrives.

    What was sent or came before the account had the number is of whoever had it then; only the
    operator knows that it was the account's own already, at another portal.
    """
    if number is None:
        return faxbox
    if number.account_id != task.account_id:
        return None
    if not order.earlier and not answers(number, past.at):
        return None
    return number.faxbox or faxbox


def _listed(carrier: base.Carrier, since: datetime, until: datetime) -> list[base.PastFax]:
    return list(carrier.history(since, until))


def _own_number(past: base.PastFax) -> str:
    return past.from_number if past.direction == Direction.OUTBOUND else past.to_number


def _numbers(past: Sequence[base.PastFax]) -> dict[str, Number]:
    """Whose the numbers are today, and since when: faxes of others are never brought."""
    rows = Number.objects.across_tenants(why="the numbers of past faxes name their accounts")
    wanted = {_own_number(each) for each in past}
    held = rows.filter(e164__in=wanted).select_related("faxbox", "account")
    return {row.e164: row for row in held}


def _with_pages(carrier: base.Carrier, brought: Brought) -> Brought:
    past, account = brought.past, brought.account
    told = received_pages.AsTold(past.pages, past.quality, Paper(account.paper))
    with tempfile.TemporaryDirectory(prefix="history-") as folder:
        looked = _patiently(
            lambda: received_pages.brought(
                lambda into: carrier.fetch_past(past, into), Path(folder), told=told
            )
        )
        kept = intake.keep_one(account.pk, looked.tiff, "", intake.FAX_TIFF, looked.pages)
    return replace(brought, pages=replace(kept, sound=looked.sound), whole=looked.whole)


def _patiently(ask: Callable[[], T]) -> T:
    """Ask a carrier, again if that was in vain: a few times, or when it wants to be asked."""
    for pause in _PAUSES:
        try:
            return ask()
        except (base.CarrierUnavailable, base.CarrierInDoubt) as trouble:
            wanted = getattr(trouble, "retry_after", None) or pause
            time.sleep(min(wanted, _LONGEST_PAUSE) * settings.CARRIER_PACE)
    return ask()


def _reach(task: HistoryImport, end: datetime, counted: _Counted) -> None:
    """Note that all up to a moment is here, unless somebody else has; on record at the end."""
    now, done = clock.now(), end >= task.until
    with transaction.atomic(durable=True):
        moved = HistoryImport.objects.filter(pk=task.pk, reached=task.reached).update(
            reached=end,
            left_out=F("left_out") + counted.left_out,
            done_at=now if done else None,
        )
        if moved and done:
            brought = HistoryImport.objects.values_list("brought", flat=True).get(pk=task.pk)
            operator = Actor(task.account_id, Role.SYSTEM, name="operator", via="shell")
            audit.record(
                operator,
                action="fax.import",
                object_type="carrier",
                object_id=task.carrier_id,
                faxes=brought,
            )


def _progress(task: HistoryImport, counted: _Counted) -> Progress:
    return Progress(
        reached=task.reached,
        until=task.until,
        brought=task.brought,
        left_out=task.left_out,
        here=counted.here,
        missing=counted.missing,
    )
