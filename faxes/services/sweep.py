"""Find what is due or was left by a dead worker, and wake it. Rows are the truth, tasks are not."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from accounts import clock
from faxes import jobs
from faxes.enums import FaxState
from faxes.models import Attempt, AttemptState, Carrier, Erasure, Fax
from faxes.services import erasure, uploads

_AT_ONCE: Final = 500
_WAKE_AGAIN: Final = timedelta(seconds=30)
_FAILURES_KEPT: Final = timedelta(days=7)
_SYNC_EVERY: Final = timedelta(seconds=5)
# With so many jobs waiting, whatever is due is most likely among them.
_LONG_QUEUE: Final = 300


def sweep() -> int:
    """Wake faxes that are due and carriers that want a look; how many were woken.

    May run in several processes at once: each wake-up is claimed by a guarded UPDATE, and a
    doubled one does no harm.
    """
    now = clock.now()
    woken = 0
    if jobs.backlog() < _LONG_QUEUE:
        woken = sum(_wake(fax, now) for fax in _due(now))
    _sync_carriers(now)
    if Erasure.objects.filter(due_at__lte=now).exists():
        jobs.enqueue("erase")
    uploads.expire_uploads(now)
    return woken


def tidy() -> None:
    """Remove what is kept for a while only; enough to do so every few minutes."""
    erasure.scrub()
    jobs.forget_failures(clock.now() - _FAILURES_KEPT)


def _due(now: datetime) -> list[Fax]:
    due = Fax.objects.across_tenants(why="the sweep looks at all").filter(wake_at__lte=now)
    return list(due.order_by("wake_at")[:_AT_ONCE])


def _wake(fax: Fax, now: datetime) -> bool:
    """Claim one wake-up and put in the job that its state calls for."""
    claimed = Fax.rows.filter(pk=fax.pk, wake_at=fax.wake_at).update(wake_at=now + _WAKE_AGAIN)
    if not claimed:
        return False
    match FaxState(fax.state):
        case FaxState.PREPARING:
            jobs.enqueue("convert", fax=fax.pk)
        case FaxState.QUEUED:
            jobs.enqueue("transmit", fax=fax.pk)
        case FaxState.SENDING:
            calling = Attempt.rows.filter(fax=fax, state=AttemptState.CALLING)
            for key in calling.values_list("key", flat=True):
                jobs.enqueue("follow", key=key)
        case FaxState.RECEIVING:
            if fax.carrier_id and fax.carrier_ref:
                jobs.enqueue("receive", carrier=fax.carrier_id, ref=fax.carrier_ref)
        case FaxState.DELIVERED | FaxState.FAILED | FaxState.CANCELED | FaxState.RECEIVED:
            Fax.rows.filter(pk=fax.pk).update(wake_at=None)
    return True


def _sync_carriers(now: datetime) -> None:
    due = Q(sync_at__isnull=True) | Q(sync_at__lte=now)
    for carrier in Carrier.objects.filter(due, enabled=True):
        claimed = Carrier.objects.filter(pk=carrier.pk, sync_at=carrier.sync_at).update(
            sync_at=now + _SYNC_EVERY
        )
        if claimed:
            jobs.enqueue("sync", carrier=carrier.pk)
