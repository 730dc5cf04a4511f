"""Rows of past faxes that are brought over from a carrier: as they ended, and nobody is told.

A past fax is never moved: it comes in the state in which it ended there. It costs nothing, wakes
nobody, and has an id of its own time, so that lists show it where it belongs. That id is made of
the carrier's own: whoever brings the same fax twice finds it there.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.ids import id_at
from accounts.models import Account
from faxes.carriers.base import PastFax
from faxes.enums import Direction, DocumentRole, FaxState, Outcome, Paper
from faxes.models import Attempt, AttemptState, Carrier, Event, Fax, Faxbox, HistoryImport
from faxes.services import tombstones
from faxes.services.documents import attach
from faxes.services.intake import KeptFile

BROUGHT_OVER: Final = "imported"
_TOLD_LENGTH: Final = 20  # of a number or name as it is told, which may be anything
_ARRIVED: Final = frozenset({Outcome.DELIVERED, Outcome.HANDED_OVER})
_OUT: Final = Direction.OUTBOUND
# Between the time of a try here and that of its fax at its carrier, by whichever clocks.
_APART: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A past fax with where it belongs, and its pages, if they could be had."""

    task: HistoryImport
    past: PastFax
    account: Account
    faxbox: Faxbox
    pages: KeptFile | None
    whole: bool


def already_here(carrier: Carrier, faxes: Sequence[PastFax]) -> set[UUID]:
    """The ids of those that are here, were sent from here, or were deleted here."""
    if not faxes:
        return set()
    refs = {each.ref for each in faxes}
    why = "a carrier's past faxes may be here already"
    arrived = set(
        Fax.objects.across_tenants(why=why)
        .filter(carrier=carrier, carrier_ref__in=refs)
        .values_list("carrier_ref", flat=True)
    )
    sent = set(
        Attempt.objects.across_tenants(why=why)
        .filter(carrier=carrier, carrier_ref__in=refs, started_at__range=_around(faxes))
        .values_list("carrier_ref", flat=True)
    )
    buried = {
        direction: tombstones.buried(carrier.pk, refs, direction=direction)
        for direction in Direction
    }
    ids = {id_of(carrier, each): each for each in faxes}
    brought = Fax.objects.across_tenants(why=why).filter(pk__in=ids)
    here = set(brought.values_list("pk", flat=True))
    for pk, each in ids.items():
        known = sent if each.direction == _OUT else arrived
        if each.ref in known or each.ref in buried[each.direction]:
            here.add(pk)
    return here


def _around(faxes: Sequence[PastFax]) -> tuple[datetime, datetime]:
    """From when to when their tries began here: tries are many, and their ids are in no index."""
    times = [each.at for each in faxes]
    return min(times) - _APART, max(times) + _APART


def id_of(carrier: Carrier, past: PastFax) -> UUID:
    """The id that a past fax has here, always the same."""
    message = f"{carrier.pk.hex}/{past.direction}/{past.ref}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    return id_at(past.at, seed=digest)


def write(brought: Brought, *, now: datetime) -> bool:
    """Write a past fax with all that is known of it, in one transaction; False if it is there."""
    fax = _fax(brought, now)
    sent = fax.direction == _OUT
    try:
        with transaction.atomic(durable=True):
            Fax.objects.bulk_create([fax])
            attempt = _attempt(brought, fax) if sent else None
            if attempt is not None:
                Attempt.objects.bulk_create([attempt])
            Event.objects.bulk_create([_event(brought, fax, attempt)])
            if brought.pages is not None:
                role = DocumentRole.RENDERED if sent else DocumentRole.RECEIVED
                attach(fax, role, [brought.pages])
            HistoryImport.objects.filter(pk=brought.task.pk).update(brought=F("brought") + 1)
    except IntegrityError:
        return False
    return True


def _fax(brought: Brought, now: datetime) -> Fax:
    past, state = brought.past, _state(brought)
    ended = past.ended_at or past.at
    sent = past.direction == _OUT
    pages = brought.pages.pages if brought.pages else past.pages
    return Fax(
        id=id_of(brought.task.carrier, past),
        account=brought.account,
        direction=past.direction,
        state=state,
        outcome=_outcome(brought, state),
        faxbox=brought.faxbox,
        from_number=past.from_number[:_TOLD_LENGTH],
        to_number=past.to_number[:_TOLD_LENGTH],
        remote_station_id=past.station_id[:_TOLD_LENGTH],
        quality=past.quality,
        paper=Paper(brought.account.paper),
        pages=pages,
        pages_done=past.pages_done if sent else pages,
        tries=1 if sent else 0,
        origin="import",
        carrier=None if sent else brought.task.carrier,
        carrier_ref=None if sent else past.ref,
        created_at=past.at,
        finished_at=ended,
        # lists that go on from where they were read never come by it
        received_at=ended if state == FaxState.RECEIVED else None,
        notified_at=now,
        imported_at=now,
        read_at=None if sent else now,
        # programs and people are told that there are no pages to be had
        stripped_at=None if brought.pages else now,
    )


def _state(brought: Brought) -> FaxState:
    past = brought.past
    arrived = past.outcome in _ARRIVED
    if past.direction == _OUT:
        return FaxState.DELIVERED if arrived else FaxState.FAILED
    return FaxState.RECEIVED if arrived or brought.pages else FaxState.FAILED


def _outcome(brought: Brought, state: FaxState) -> Outcome:
    if state == FaxState.RECEIVED:
        whole = brought.past.outcome in _ARRIVED and brought.whole
        return Outcome.DELIVERED if whole else Outcome.TRANSMIT_ERROR
    return brought.past.outcome


def _attempt(brought: Brought, fax: Fax) -> Attempt:
    """How it was sent: what the carrier tells of all its calls counts as one try."""
    past = brought.past
    return Attempt(
        account=brought.account,
        fax=fax,
        number=1,
        state=AttemptState.ENDED,
        outcome=past.outcome,
        to_number=fax.to_number,
        carrier=brought.task.carrier,
        carrier_ref=past.ref,
        started_at=past.at,
        ended_at=past.ended_at or past.at,
        pages_sent=past.pages_done,
        remote_station_id=fax.remote_station_id,
    )


def _event(brought: Brought, fax: Fax, attempt: Attempt | None) -> Event:
    return Event(
        account=brought.account,
        fax=fax,
        at=brought.past.ended_at or brought.past.at,
        from_state="",
        to_state=fax.state,
        because=BROUGHT_OVER,
        attempt=attempt,
    )
