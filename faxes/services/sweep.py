"""Find what is due or was left by a dead worker, and wake it. Rows are the truth, tasks are not."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from accounts import clock
from accounts.services import (
    idempotency,
    low_balance,
    money,
    oauth_tokens,
    program_sessions,
    rate_limits,
    webhook_queue,
)
from faxes import jobs, lifecycle
from faxes.enums import FaxState
from faxes.models import Attempt, AttemptState, Erasure, Fax
from faxes.queries.held import held_back
from faxes.queues import WITH_JOBS, Away
from faxes.services import (
    breaker,
    broadcasting,
    carrier_copies,
    closing,
    drafts,
    erasure,
    far_ends,
    mail_folder,
    mail_in,
    mail_spool,
    number_sync,
    page_text,
    reminding,
    retention_runs,
    sync,
    uploads,
)

_AT_ONCE: Final = 500
_WAKE_AGAIN: Final = timedelta(seconds=30)
_FAILURES_KEPT: Final = timedelta(days=7)
# States that a job leads out of; in the others the carrier is at work.
_BY_JOB: Final = (FaxState.PREPARING, FaxState.QUEUED)
# All that waking takes: what is due is sorted, and may be much.
_WANTED: Final = ("account_id", "state", "wake_at", "try_until", "carrier_id", "carrier_ref")
# With so many jobs waiting in a queue, whatever is due there is most likely among them.
_LONG_QUEUE: Final = 300
# The job that a state calls for.
_JOB_OF: Final = {
    FaxState.PREPARING: "convert",
    FaxState.QUEUED: "transmit",
    FaxState.SENDING: "follow",
    FaxState.RECEIVING: "receive",
}
_WHEN_OVER: Final = "wrap_up"


def sweep() -> int:
    """Wake faxes that are due and carriers that want a look; how many were woken.

    May run in several processes at once: each wake-up is claimed by a guarded UPDATE, and a
    doubled one does no harm.
    """
    now = clock.now()
    long = _long_queues()
    woken = sum(_wake(fax, now) for fax in _due(now, long)) if long < set(WITH_JOBS) else 0
    if jobs.QUEUE_OF["read_pages"] not in long:
        page_text.attend(now)
    breaker.attend(now)
    sync.attend(now)
    carrier_copies.attend(now)
    if Erasure.objects.filter(due_at__lte=now).exists():
        jobs.enqueue("erase")
    broadcasting.attend(now)
    mail_in.attend(now)
    drafts.expire_drafts(now)
    uploads.expire_uploads(now)
    closing.attend(now)
    return woken


def tidy() -> None:
    """What is enough to do every few minutes: remove what is kept for a while, book fees."""
    for step in TIDYING:
        step()


def _tell_low() -> None:
    for account_id in low_balance.accounts_to_tell():
        jobs.enqueue("tell_low", account=account_id)


# Each may run in several processes at once, and fail without the others.
TIDYING: Final[tuple[Callable[[], object], ...]] = (
    lambda: money.book_fees(clock.now()),
    _tell_low,
    lambda: webhook_queue.forget_old(clock.now()),
    mail_spool.forget_old,
    lambda: retention_runs.attend(clock.now()),
    lambda: number_sync.attend(clock.now()),
    lambda: reminding.remind(clock.now()),
    lambda: far_ends.forget_old(clock.now()),
    mail_folder.forget_old,
    rate_limits.expire,
    program_sessions.expire,
    oauth_tokens.expire,
    idempotency.expire,
    lambda: jobs.forget_failures(clock.now() - _FAILURES_KEPT),
    erasure.scrub,  # behind all that removes something
)


def _long_queues() -> set[str]:
    """Queues into which nothing more is put now; all of them where that cannot be done."""
    try:
        return {queue for queue, count in jobs.waiting().items() if count >= _LONG_QUEUE}
    except Away:
        return set(WITH_JOBS)


def _due(now: datetime, long: Collection[str]) -> list[Fax]:
    """Faxes to wake, by turns: the longest due of each account, then the next of each.

    No account has more of its faxes woken at once than a few, so that its jobs never fill the
    queue; calls under way are as many as channels, and may all be looked after. What waits to be
    sent from an account that is suspended is left alone until that, or its time, is over; what
    waits for approval is due only when its time is.
    """
    faxes = Fax.objects.across_tenants(why="the sweep looks at all")
    turn = Window(
        RowNumber(),
        partition_by=[F("account_id"), F("state")],
        order_by=[F("wake_at"), F("id")],
    )
    due = faxes.filter(wake_at__lte=now)
    in_time = Q(held_for__isnull=True) & (Q(try_until__isnull=True) | Q(try_until__gt=now))
    due = due.exclude(held_back(due) & in_time).exclude(_called_to(long))
    due = due.only(*_WANTED).annotate(turn=turn)
    few = Q(turn__lte=lifecycle.WOKEN_AT_ONCE) | Q(state=FaxState.SENDING)
    chosen = list(due.filter(few).order_by("turn", "wake_at")[:_AT_ONCE])
    woken = _woken(now, {fax.account_id for fax in chosen})
    return [
        fax
        for fax in chosen
        if fax.state not in _BY_JOB
        or fax.turn <= lifecycle.WOKEN_AT_ONCE - woken.get((fax.account_id, fax.state), 0)
    ]


def _called_to(queues: Collection[str]) -> Q:
    """Faxes whose job would go into one of these queues."""
    if not queues:
        return Q(pk__in=[])
    called = Q(state__in=[state for state, job in _JOB_OF.items() if jobs.QUEUE_OF[job] in queues])
    if jobs.QUEUE_OF[_WHEN_OVER] in queues:
        called |= ~Q(state__in=_JOB_OF)
    return called


def _woken(now: datetime, account_ids: set[UUID]) -> dict[tuple[UUID, str], int]:
    """How many faxes of each account and state were woken lately and still wait for their job."""
    to_prepare = Q(state=FaxState.PREPARING, lease_until__isnull=True)
    to_send = Q(state=FaxState.QUEUED, due_at__lte=now)
    lately = Fax.objects.across_tenants(why="the sweep looks at all").filter(
        to_prepare | to_send,
        account_id__in=account_ids,
        wake_at__gt=now,
        wake_at__lte=now + _WAKE_AGAIN,
    )
    counted = (
        lately.order_by()
        .values("account_id", "state")
        .annotate(
            faxes=Count("pk"),
            batches=Count("batch_id", distinct=True),  # one job prepares all of a batch
        )
    )
    return {
        (row["account_id"], row["state"]): row[
            "batches" if row["state"] == FaxState.PREPARING else "faxes"
        ]
        for row in counted
    }


def _wake(fax: Fax, now: datetime) -> bool:
    """Claim one wake-up and put in the job that its state calls for."""
    wake_at = now + _WAKE_AGAIN
    if fax.state == FaxState.QUEUED and fax.try_until is not None and fax.try_until > now:
        wake_at = min(wake_at, fax.try_until)
    claimed = Fax.rows.filter(pk=fax.pk, wake_at=fax.wake_at).update(wake_at=wake_at)
    if not claimed:
        return False
    match FaxState(fax.state):  # each by the job in _JOB_OF
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
            jobs.enqueue("wrap_up", fax=fax.pk)
    return True
