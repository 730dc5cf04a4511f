"""The numbers that a carrier lists as its customer's come into the pool of whoever runs it.

What is new is added; what is there already stays with whoever has it. A number that its carrier
lists no more is never deleted: ``listed_at`` stays behind the carrier's ``numbers_at`` then.
"""

import logging
import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from accounts import clock
from accounts.models import Account, Kind
from accounts.scoping import Actor
from accounts.services import audit
from faxes import jobs
from faxes.carriers import base
from faxes.models import Carrier, Number
from faxes.queries.carriers import own_carrier
from faxes.services import breaker
from faxes.services.carrier_tools import kinds, opened

log = logging.getLogger(__name__)
_EVERY: Final = timedelta(hours=24)
_TRIED_EVERY: Final = 3600  # seconds, where it was in vain
_AT_ONCE: Final = 500
_MOST: Final = 50_000  # numbers of one carrier
_MOST_BROUGHT: Final = 1_000  # of a carrier that is a tenant's own: nobody has proved them
_SECONDS: Final = 60.0  # for reading them all: some lists have no end
_E164: Final = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, slots=True)
class Synced:
    """How many numbers a carrier lists, and of these: new here, and not this carrier's here.

    ``gone`` are those that it listed the last time and does not now.
    """

    listed: int = 0
    new: int = 0
    elsewhere: int = 0
    gone: int = 0


def attend(now: datetime) -> None:
    """Have the numbers of each carrier asked for once a day."""
    listing = [each.kind for each in kinds() if each.capabilities.lists_numbers]
    due = Q(numbers_at__isnull=True) | Q(numbers_at__lte=now - _EVERY)
    for carrier in Carrier.objects.filter(due, enabled=True, kind__in=listing):
        shut = breaker.is_shut(carrier, now)
        if not shut and cache.add(f"numbers:{carrier.pk.hex}", 1, timeout=_TRIED_EVERY):
            jobs.enqueue("sync_numbers", carrier=carrier.pk)


def sync_listed(carrier_id: UUID) -> None:
    """Bring the numbers of a carrier up to its list, by the portal itself."""
    row = Carrier.objects.filter(pk=carrier_id, enabled=True).first()
    if row is None or breaker.is_shut(row, clock.now()):
        return
    try:
        listed = _listed(row)
    except (base.CarrierUnavailable, base.CarrierInDoubt):
        return  # the breaker knows, and it is tried again
    actor = Actor.system(pool_of(row))
    _bring(actor, row, listed, always=False)


def sync_numbers(actor: Actor, *, carrier_id: UUID) -> Synced:
    """Bring the numbers of a carrier up to its list, now.

    Raises:
        NotAllowed
        NotThere: the actor's account runs no such carrier.
        CarrierUnavailable, CarrierInDoubt: it could not be asked.

    """
    row = own_carrier(actor, carrier_id)
    return _bring(actor, row, _listed(row), always=True)


def _listed(row: Carrier) -> set[str]:
    """The numbers that a carrier lists; what is no number in full is left out."""
    carrier = opened(row, until=time.monotonic() + _SECONDS)
    if not carrier.capabilities.lists_numbers:
        return set()
    try:
        told = _told(carrier)
    except (base.CarrierUnavailable, base.CarrierInDoubt) as trouble:
        wanted = getattr(trouble, "retry_after", None)
        breaker.note_failure(row, str(trouble), retry_after=wanted)
        raise
    breaker.note_answer(row)
    return {each for each in told if _E164.fullmatch(each)}


def _told(carrier: base.Carrier) -> set[str]:
    told = set()
    try:
        for each in carrier.numbers():
            told.add(each.e164)
            if len(told) > _MOST:
                raise base.CarrierInDoubt("its list has no end")  # noqa: TRY301 (as others break off)
    except base.CarrierError:
        raise
    except Exception:
        log.exception("a list of numbers cannot be read")
        raise base.CarrierInDoubt("what it told cannot be read") from None
    return told


def pool_of(row: Carrier) -> UUID:
    """The account in whose pool a carrier's numbers lie: whoever runs it."""
    if row.account_id is not None:
        return row.account_id
    return Account.objects.values_list("pk", flat=True).get(kind=Kind.PLATFORM)


def _bring(actor: Actor, row: Carrier, listed: Collection[str], *, always: bool) -> Synced:
    """Write down what a list says, in one transaction; on record if it changed something."""
    now, ordered, pool = clock.now(), sorted(listed), pool_of(row)
    everybodys = Number.objects.across_tenants(why="a carrier lists whatever it brings faxes for")
    with transaction.atomic():
        held = Carrier.objects.select_for_update(no_key=True).get(pk=row.pk)
        before = held.numbers_at
        theirs = everybodys.filter(carrier=row)
        new = elsewhere = 0
        for start in range(0, len(ordered), _AT_ONCE):
            portion = ordered[start : start + _AT_ONCE]
            if row.account_id is None:
                _take_over(row, portion, now)
            known = dict(everybodys.filter(e164__in=portion).values_list("e164", "carrier_id"))
            room = len(portion) if row.account_id is None else _MOST_BROUGHT - theirs.count()
            rows = [
                Number(account_id=pool, e164=e164, carrier=row, held_since=now, listed_at=now)
                for e164 in portion
                if e164 not in known
            ][: max(0, room)]
            # others may bring numbers in at this moment
            Number.objects.bulk_create(rows, ignore_conflicts=True)
            theirs.filter(e164__in=portion).update(listed_at=now)
            new += len(rows)
            elsewhere += sum(carrier_id != row.pk for carrier_id in known.values())
        gone = theirs.filter(listed_at=before).count() if before is not None else 0
        Carrier.objects.filter(pk=row.pk).update(numbers_at=now)
        done = Synced(listed=len(ordered), new=new, elsewhere=elsewhere, gone=gone)
        if always or new or gone:
            audit.record(
                actor,
                action="numbers.sync",
                object_type="carrier",
                object_id=row.pk,
                listed=done.listed,
                new=new,
                elsewhere=elsewhere,
                gone=gone,
            )
    return done


def _take_over(row: Carrier, numbers: Collection[str], now: datetime) -> None:
    """What the site's own carrier lists is the site's, unless somebody faxes by it already.

    A tenant's own carrier may list whatever it likes.
    """
    Number.objects.across_tenants(why="the site's carrier has them").filter(
        e164__in=numbers, faxbox__isnull=True, carrier__account__isnull=False
    ).update(account_id=pool_of(row), carrier=row, held_since=now)
