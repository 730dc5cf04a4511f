"""Leaves a carrier alone that is in trouble itself, and asks now and then whether it is back.

After a few troubles in a row a carrier is *shut*: nothing is sent, followed or looked for there.
Its time over, the sweep has one process ask it something harmless; each time that this is in vain,
it is left alone for twice as long. Once it answers it is let in again, but one more trouble shuts
it at once. What was really done by it makes all well.

Each change is one guarded UPDATE that reckons with what is in the row, so none is lost however many
processes take note at once.
"""

import time
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Case, F, Q, Value, When

from accounts import clock
from faxes import jobs
from faxes.carriers.base import CarrierError
from faxes.models import Carrier, CarrierKind
from faxes.services import waiting
from faxes.services.carrier_tools import opened
from faxes.services.intake import printable

MOST_FAILURES: Final = 3  # in a row
PAUSES: Final = (5, 10, 20, 40, 80, 160, 300)  # seconds, by how often it was in vain
# Where nobody asks it for so long after its time is over, it is let in without.
_UNASKED: Final = timedelta(minutes=2)
_NOTED_EVERY: Final = timedelta(seconds=10)  # answers of a carrier that is well are many
# What is well answers something harmless sooner than this, and who asks is kept from other work.
_PROBE_SECONDS: Final = 10.0
_HELD: Final = timedelta(seconds=2 * _PROBE_SECONDS)  # by who asks


def note_answer(carrier: Carrier) -> None:
    """Take note that a carrier did what was asked: it is well.

    One that is shut stays so until it was asked: it may have said for how long.
    """
    if carrier.kind == CarrierKind.EMBEDDED:
        return
    now = clock.now()
    stale = Q(last_answer_at__isnull=True) | Q(last_answer_at__lte=now - _NOTED_EVERY)
    rows = Carrier.objects.filter(stale | Q(failures__gt=0) | Q(trips__gt=0), pk=carrier.pk)
    if rows.exists():  # else there is nothing to write, which is dear
        rows.update(failures=0, trips=0, last_answer_at=now)


def note_failure(carrier: Carrier, text: str, *, retry_after: float | None = None) -> None:
    """Take note of a trouble of the carrier itself; it is shut after a few, or if it said so.

    ``retry_after``: the seconds that it wants to be left alone. ``text`` is shown to operators and
    must hold no secrets.
    """
    now = clock.now()
    told = {"last_failure_at": now, "last_failure": printable(text)[:200]}
    if carrier.kind == CarrierKind.EMBEDDED:
        Carrier.objects.filter(pk=carrier.pk).update(**told)
        return
    shuts = Q(failures__gte=MOST_FAILURES - 1) & (
        Q(shut_until__isnull=True) | Q(shut_until__lte=now)
    )
    Carrier.objects.filter(pk=carrier.pk).update(
        failures=F("failures") + 1,
        trips=F("trips") + Case(When(shuts, then=Value(1)), default=Value(0)),
        shut_until=Case(When(shuts, then=_until(now)), default=F("shut_until")),
        **told,
    )
    if retry_after is not None:
        until = now + _paced(retry_after)
        sooner = Q(shut_until__isnull=True) | Q(shut_until__lt=until)
        Carrier.objects.filter(sooner, pk=carrier.pk).update(shut_until=until)


def let_in(carrier: Carrier) -> None:
    """Let a carrier in again at once: somebody changed its settings, or found that it works."""
    Carrier.objects.filter(pk=carrier.pk).update(shut_until=None, failures=0, trips=0)
    waiting.wake_all(carrier.pk, now=clock.now())


def is_shut(carrier: Carrier, now: datetime) -> bool:
    """Whether a carrier is left alone, as its row was read."""
    return carrier.shut_until is not None and now < carrier.shut_until + _UNASKED


def attend(now: datetime) -> None:
    """Have each carrier asked whose time is over, by one process."""
    for carrier in Carrier.objects.filter(shut_until__lte=now, enabled=True):
        claimed = Carrier.objects.filter(pk=carrier.pk, shut_until=carrier.shut_until).update(
            shut_until=now + _HELD
        )
        if claimed:
            jobs.enqueue("probe", carrier=carrier.pk)


def probe(carrier_id: UUID) -> None:
    """Ask a carrier that was shut whether it is back.

    The outcome is noted only while nobody else has changed how long it is shut.
    """
    carrier = Carrier.objects.filter(pk=carrier_id, shut_until__isnull=False).first()
    if carrier is None:
        return
    rows = Carrier.objects.filter(pk=carrier.pk, shut_until=carrier.shut_until)
    try:
        opened(carrier, until=time.monotonic() + _PROBE_SECONDS).check()
    except CarrierError as trouble:
        now = clock.now()
        wanted = getattr(trouble, "retry_after", None)
        rows.update(
            trips=F("trips") + 1,
            shut_until=_until(now) if wanted is None else now + _paced(wanted),
            last_failure_at=now,
            last_failure=printable(str(trouble))[:200],
        )
    else:
        now = clock.now()
        if rows.update(shut_until=None, failures=MOST_FAILURES - 1, last_answer_at=now):
            waiting.wake_all(carrier_id, now=now)


def _until(now: datetime) -> Any:
    """Until when a carrier is shut, by the trips that its row has so far."""
    *steps, longest = (now + _paced(seconds) for seconds in PAUSES)
    return Case(
        *(When(trips=trips, then=Value(until)) for trips, until in enumerate(steps)),
        default=Value(longest),
    )


def _paced(seconds: float) -> timedelta:
    return timedelta(seconds=seconds * settings.CARRIER_PACE)
