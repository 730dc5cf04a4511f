"""When the sweep looks at a fax next, and whether a job wakes it before."""

from datetime import datetime, timedelta
from typing import Final

from accounts.prepared import Prepared
from faxes.enums import Direction, FaxState
from faxes.models import Fax, Faxbox

# How long a fax may lie untouched before the sweep wakes it again. Long enough that a busy
# worker gets there first, short enough that nobody waits for a dead one.
GRACE: Final = timedelta(seconds=20)
# How many faxes of one account may wait in the queue of jobs to be prepared, or to be sent.
WOKEN_AT_ONCE: Final = 16


def wake_at(fax: Fax, state: FaxState, now: datetime) -> datetime:
    """When the sweep looks at a fax that enters a state: at once if it is not woken by a job.

    Only so many faxes of an account are woken by jobs, so that its jobs never fill the queue that
    all tenants share; the sweep wakes the others, by turns.
    """
    return now + GRACE if room_for_jobs(fax, state, now) else now


def wrapped_up_at(fax: Fax, state: FaxState, now: datetime) -> datetime | None:
    """When the sweep looks at a fax that ends, if somebody is to be told or documents are to go.

    Very many may be canceled at once, so those are left to the sweep.
    """
    if fax.keep_documents and not _somebody_is_told(fax, state):
        return None
    return now if state == FaxState.CANCELED else now + GRACE


def _somebody_is_told(fax: Fax, state: FaxState) -> bool:
    """Whether anybody might be told how a fax ended: who asked with it, or at its fax machine."""
    if fax.direction == Direction.INBOUND and state != FaxState.RECEIVED:
        return False
    if fax.notify or fax.notify_sms:
        return True
    return any(any(told) for told in _TOLD_AT[Direction(fax.direction)].rows(faxbox=fax.faxbox_id))


_TOLD_AT: Final = {
    Direction.INBOUND: Prepared(
        lambda faxbox: Faxbox.rows.filter(pk=faxbox).values_list(
            "owner_id", "inbound_emails", "inbound_sms"
        )
    ),
    Direction.OUTBOUND: Prepared(
        lambda faxbox: Faxbox.rows.filter(pk=faxbox).values_list(
            "owner_id", "outbound_emails", "outbound_sms"
        )
    ),
}


def room_for_jobs(fax: Fax, state: FaxState, now: datetime) -> int:
    """How many more faxes of its account may be woken by jobs in a state."""
    if state == FaxState.PREPARING:
        return WOKEN_AT_ONCE - len(_BATCHES_IN_PREPARATION.rows(account=fax.account_id))
    waiting = Fax.rows.filter(account_id=fax.account_id, direction=Direction.OUTBOUND, state=state)
    if state == FaxState.QUEUED:
        waiting = waiting.filter(due_at__lte=now)
    return WOKEN_AT_ONCE - len(waiting.order_by().values_list("pk")[:WOKEN_AT_ONCE])


# One job prepares all of a batch.
_BATCHES_IN_PREPARATION: Final = Prepared(
    lambda account: (
        Fax.rows.filter(account_id=account, direction=Direction.OUTBOUND, state=FaxState.PREPARING)
        .order_by()
        .values_list("batch_id")
        .distinct()[:WOKEN_AT_ONCE]
    )
)
