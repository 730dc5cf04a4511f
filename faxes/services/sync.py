"""Look for what carriers have received, so that nothing is missed and nothing comes twice.

A look lists all from a little before a mark on. The mark is the newest arrival that was *listed*,
never the clock, and never moves back: a carrier may list an arrival late, and then no more than
five minutes behind the newest that it listed before (so the document of Fax2's API 1.1 promises,
and says what to do; the other vendors promise nothing and are asked in the same way). Once a night
a look goes back a whole day, for carriers that do not keep to that. The mark moves only when the
list was read to its end and each arrival on it has a row, which sees to its pages by itself
(``services.receive``).

A carrier is looked at by one process at a time: it holds the row by a lease, and who has lost that
moves no mark.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import clock
from accounts.errors import NotThere
from accounts.ids import new_id
from accounts.scoping import Actor
from accounts.services import audit
from faxes import jobs, lifecycle
from faxes.carriers import base
from faxes.enums import FaxState
from faxes.models import Carrier, CarrierKind, Fax
from faxes.queries.carriers import own_carrier
from faxes.services import breaker, tombstones
from faxes.services.carrier_tools import kinds, opened
from faxes.services.number_sync import pool_of
from faxes.services.receive import (
    OVERLAP,
    begun,
    dismiss,
    fitting,
    for_nobody,
    leave,
    note_trouble,
    noted,
)

log = logging.getLogger(__name__)
_WIDE: Final = timedelta(hours=24)
_NIGHT: Final = time_of_day(3)  # in the site's time zone, when there is little else to do
# An arrival from so far ahead has a wrong time, which must not become the mark.
_AHEAD: Final = timedelta(days=1)
_AT_ONCE: Final = 200
# A list that is longer, in entries or seconds, is broken off: some have no end.
_MOST_LISTED: Final = 50_000
_SECONDS: Final = 60.0
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)  # what is earlier is no time of a fax
_BESIDE_LISTING: Final = timedelta(seconds=30)
# A job that has not begun by then is lost, or one of very many: another one is put in.
_LOST_AFTER: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Look:
    """A look under way, and who holds it."""

    carrier_id: UUID
    owner: UUID


def attend(now: datetime) -> None:
    """Have each carrier looked at whose time has come; for the sweep."""
    pauses = {
        each.kind: _pause(each.kind, each.capabilities.sync_every)
        for each in kinds()
        if each.capabilities.receives
    }
    due = Q(sync_at__isnull=True) | Q(sync_at__lte=now)
    for carrier in Carrier.objects.filter(due, _unheld(now), enabled=True, kind__in=pauses):
        if breaker.is_shut(carrier, now):
            continue
        claimed = Carrier.objects.filter(pk=carrier.pk, sync_at=carrier.sync_at).update(
            sync_at=now + max(pauses[carrier.kind], _LOST_AFTER)
        )
        if claimed:
            jobs.enqueue("sync", carrier=carrier.pk)


def sync(carrier_id: UUID) -> None:
    """Look once at what a carrier has received.

    Where somebody looks already it is looked again soon: what this call was about may have come
    too late for them.
    """
    now = clock.now()
    row = Carrier.objects.filter(pk=carrier_id, enabled=True).first()
    if row is None or breaker.is_shut(row, now):
        return
    carrier = opened(row, until=time.monotonic() + _SECONDS)
    if not carrier.capabilities.receives:
        return
    look = _claimed(row, now)
    if look is None:
        Carrier.objects.filter(pk=row.pk).update(sync_at=now)
        return
    try:
        row.refresh_from_db()  # who looked before may have moved the mark
        _look(look, row, carrier, now)
    finally:
        _let_go(look, _pause(row.kind, carrier.capabilities.sync_every))


def backfill(actor: Actor, *, carrier_id: UUID, since: datetime) -> int:
    """Take whatever a carrier has received since a date and is not here; how many those are.

    The mark stays where it is. What was deleted here does not come back.

    Raises:
        NotAllowed
        NotThere: the actor's account runs no such carrier.
        CarrierUnavailable, CarrierInDoubt: the list could not be read to its end; what was on it
            until then was taken.

    """
    row = own_carrier(actor, carrier_id)
    carrier = opened(row)
    if not carrier.capabilities.receives:
        return 0
    arrivals, trouble = _listed(carrier, since)
    before = _count(row)
    _take_all(row, carrier, arrivals, go_on=lambda: True)
    new = max(0, _count(row) - before)
    audit.record(
        actor, action="carrier.backfill", object_type="carrier", object_id=row.pk, faxes=new
    )
    if trouble is not None:
        note_trouble(row, trouble)
        raise trouble
    breaker.note_answer(row)
    return new


def backfill_by_operator(carrier_id: UUID, *, since: datetime) -> int:
    """The same for whoever runs this site, whosever carrier it is.

    Raises:
        NotThere: there is none of this id.
        CarrierUnavailable, CarrierInDoubt

    """
    row = Carrier.objects.filter(pk=carrier_id).first()
    if row is None:
        raise NotThere
    return backfill(Actor.system(pool_of(row)), carrier_id=row.pk, since=since)


def _pause(kind: str, seconds: float) -> timedelta:
    """Between two looks. What is on this machine can be looked at often."""
    pace = 1.0 if kind == CarrierKind.EMBEDDED else settings.CARRIER_PACE
    return timedelta(seconds=seconds * pace)


def _claimed(row: Carrier, now: datetime) -> _Look | None:
    """Hold a carrier for a look; None if somebody else does, who is not known to be dead."""
    look = _Look(row.pk, new_id())
    claimed = Carrier.objects.filter(_unheld(now), pk=row.pk).update(
        sync_owner=look.owner, sync_lease_until=now + _lease()
    )
    return look if claimed else None


def _unheld(now: datetime) -> Q:
    return Q(sync_lease_until__isnull=True) | Q(sync_lease_until__lte=now)


def _let_go(look: _Look, pause: timedelta) -> None:
    """End a look; the next comes after a pause, unless somebody wanted one meanwhile."""
    now = clock.now()
    _held(look).filter(sync_at__gt=now).update(sync_at=now + pause)
    _held(look).update(sync_owner=None, sync_lease_until=None)


def _lease() -> timedelta:
    """Longer than a list takes to read, and then the next portion to note."""
    return timedelta(seconds=2 * settings.CARRIER_SECONDS) + _BESIDE_LISTING


def _held(look: _Look) -> QuerySet[Carrier]:
    return Carrier.objects.filter(pk=look.carrier_id, sync_owner=look.owner)


def _kept(look: _Look) -> bool:
    """Renew the lease; False if it was lost."""
    return bool(_held(look).update(sync_lease_until=clock.now() + _lease()))


def _look(look: _Look, row: Carrier, carrier: base.Carrier, now: datetime) -> None:
    wide = _goes_wide(row, now)
    arrivals, trouble = _listed(carrier, _since(row, wide=wide))
    whole = _take_all(row, carrier, arrivals, go_on=lambda: _kept(look))
    if trouble is not None:
        note_trouble(row, trouble)
        return
    breaker.note_answer(row)
    if not whole:
        return
    told = {"synced_at": now} | ({"widened_at": now} if wide else {})
    if not _held(look).update(**told):
        return
    likely = (each.at for each in arrivals if _FIRST <= each.at <= now + _AHEAD)
    newest = max(likely, default=None)
    if newest is not None:
        _held(look).exclude(received_until__gte=newest).update(received_until=newest)


def _goes_wide(row: Carrier, now: datetime) -> bool:
    """Whether no look of this night has gone back a day yet."""
    here = timezone.localtime(now)
    night = here.replace(hour=_NIGHT.hour, minute=0, second=0, microsecond=0)
    if night > here:
        night -= timedelta(days=1)
    return row.widened_at is None or row.widened_at < night


def _since(row: Carrier, *, wide: bool) -> datetime | None:
    """From when a look lists; None for all that there is.

    Nothing from before the carrier was set up here: its past is brought over by request only.
    """
    first = row.created_at - OVERLAP if row.created_at else None
    if row.received_until is None:
        return first
    since = row.received_until - (_WIDE if wide else OVERLAP)
    return max(since, first) if first else since


def _listed(
    carrier: base.Carrier, since: datetime | None
) -> tuple[list[base.Arrival], base.CarrierError | None]:
    """What a carrier lists; with what broke the list off, if that happened.

    An arrival that stands there twice counts as it stands there furthest.
    """
    found: dict[str, base.Arrival] = {}
    try:
        for told in carrier.received_since(since):
            if len(found) >= _MOST_LISTED:
                return list(found.values()), base.CarrierInDoubt("its list has no end")
            if (arrival := fitting(told)) is None:
                continue
            seen = found.get(arrival.ref)
            if seen is None or seen.state == base.ArrivalState.RECEIVING:
                found[arrival.ref] = arrival
    except (base.CarrierUnavailable, base.CarrierInDoubt) as trouble:
        return list(found.values()), trouble
    except Exception:
        log.exception("a list of arrivals cannot be read")
        return list(found.values()), base.CarrierInDoubt("what it told cannot be read")
    return list(found.values()), None


def _take_all(
    row: Carrier,
    carrier: base.Carrier,
    arrivals: Sequence[base.Arrival],
    *,
    go_on: Callable[[], bool],
) -> bool:
    """See that each arrival has its row; whether all have."""
    complete = True
    for start in range(0, len(arrivals), _AT_ONCE):
        portion = arrivals[start : start + _AT_ONCE]
        known = _known(row, portion)
        new = [each for each in portion if each.ref not in known]
        gone = tombstones.buried(row.pk, [each.ref for each in portion])
        nobodys = for_nobody(row, new)
        if row.kind == CarrierKind.EMBEDDED:
            gone |= nobodys  # elsewhere they stay: the number may be entered here tomorrow
        for arrival in portion:
            if arrival.ref in gone:
                dismiss(carrier, arrival)
            elif arrival.ref not in nobodys:
                taken = _taken_surely(row, carrier, arrival, known.get(arrival.ref))
                complete = taken and complete
        if not go_on():
            return False
    return complete


def _known(row: Carrier, arrivals: Sequence[base.Arrival]) -> dict[str | None, Fax]:
    rows = Fax.objects.across_tenants(why="arrivals name their faxes").filter(
        carrier=row, carrier_ref__in=[each.ref for each in arrivals]
    )
    wanted = ("account_id", "state", "tries", "carrier_id", "carrier_ref", "fetch_tries", "wake_at")
    return {fax.carrier_ref: fax for fax in rows.only(*wanted)}


def _taken_surely(
    row: Carrier, carrier: base.Carrier, arrival: base.Arrival, fax: Fax | None
) -> bool:
    """Take one of many; whatever is wrong with it must not stop the others."""
    try:
        _take(row, carrier, arrival, fax)
    except Exception:
        log.exception("arrival %s of carrier %s could not be noted", arrival.ref, row.pk)
        return False
    return True


def _take(row: Carrier, carrier: base.Carrier, arrival: base.Arrival, known: Fax | None) -> None:
    fax = known or begun(row, arrival)
    if fax is None:
        leave(row, carrier, arrival)
    elif fax.state != FaxState.RECEIVING:
        dismiss(carrier, arrival)
    elif arrival.state != base.ArrivalState.RECEIVED:
        noted(carrier, fax, arrival)
    elif known is None or _is_told_first(fax):
        jobs.enqueue("receive", carrier=row.pk, ref=arrival.ref)


def _is_told_first(fax: Fax) -> bool:
    """Whether this is the first that is heard of the end of an arrival that was under way.

    Its wake-up, which was as far off as that of faxes that come in, comes soon then. Once its pages
    were asked for it is woken by its own pauses alone.
    """
    soon = clock.now() + lifecycle.GRACE
    rows = Fax.rows.filter(pk=fax.pk, state=FaxState.RECEIVING, fetch_tries=0, wake_at__gt=soon)
    return bool(rows.update(wake_at=soon))


def _count(row: Carrier) -> int:
    return Fax.objects.across_tenants(why="arrivals of a carrier").filter(carrier=row).count()
