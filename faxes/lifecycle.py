"""The table of moves, and the only functions that move a fax or a try.

A move is a guarded UPDATE and a row of history in one transaction: whoever finds the fax in
another state than it was read in was too late, changes nothing and goes on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from django.db import IntegrityError, transaction

from accounts.services import charges
from accounts.services.pricing import Try
from faxes import jobs
from faxes.enums import TERMINAL_STATES, Direction, FaxState, Outcome
from faxes.models import Attempt, AttemptState, Carrier, Event, Fax
from faxes.retry import most_tries, next_wait

_S = FaxState
MOVES: Final[Mapping[FaxState, frozenset[FaxState]]] = {
    _S.PREPARING: frozenset({_S.QUEUED, _S.FAILED, _S.CANCELED}),
    _S.QUEUED: frozenset({_S.SENDING, _S.FAILED, _S.CANCELED}),
    _S.SENDING: frozenset({_S.QUEUED, _S.DELIVERED, _S.FAILED}),
    _S.RECEIVING: frozenset({_S.RECEIVED, _S.FAILED}),
    _S.DELIVERED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELED: frozenset(),
    _S.RECEIVED: frozenset(),
}
FIRST: Final = {Direction.OUTBOUND: _S.PREPARING, Direction.INBOUND: _S.RECEIVING}

# How long a fax may lie untouched before the sweep wakes it again. Long enough that a busy
# worker gets there first, short enough that nobody waits for a dead one.
GRACE: Final = timedelta(seconds=20)
# How many faxes of one account may wait in the queue of jobs to be prepared, or to be sent.
WOKEN_AT_ONCE: Final = 16


class IllegalMove(Exception):
    """The table has no such move: an error of the program, never of a user."""


class _TooLate(Exception):
    """Somebody else moved first: undo what was begun."""


def begin(faxes: Sequence[Fax], *, because: str, now: datetime) -> None:
    """Write new faxes of one batch in their first state, each with its first event."""
    for fax in faxes:
        fax.state = FIRST[Direction(fax.direction)]
        fax.created_at = now
    first = faxes[0]
    outbound = first.direction == Direction.OUTBOUND
    wake_at = _wake_at(first, FaxState.PREPARING, now) if outbound else now + GRACE
    for fax in faxes:
        fax.wake_at = wake_at
    with transaction.atomic():
        Fax.objects.bulk_create(faxes)
        Event.objects.bulk_create(
            [_event(fax, "", FaxState(fax.state), because, now) for fax in faxes]
        )
        if outbound and wake_at > now:
            jobs.enqueue("convert", fax=first.pk)


def move(
    fax: Fax,
    to: FaxState,
    *,
    because: str,
    now: datetime,
    attempt: Attempt | None = None,
    facts: Mapping[str, Any] | None = None,
    **changes: Any,
) -> bool:
    """Move a fax from the state it was read in; whether this call was the one that did it.

    ``changes`` are further columns to set with the move. A fax that waits for its time is woken
    when it is due; one that is finished is never woken again.

    Raises:
        IllegalMove: the table does not allow it.

    """
    origin = FaxState(fax.state)
    if to not in MOVES[origin]:
        raise IllegalMove(f"{origin} → {to}")
    if to == FaxState.CANCELED and fax.tries:
        raise IllegalMove("a fax that was dialled cannot end as canceled")
    changes |= {"state": to, "lease_until": None}
    if to in TERMINAL_STATES:
        changes |= {"finished_at": now, "wake_at": None, "due_at": None}
    elif to == FaxState.QUEUED:
        due_at = changes.setdefault("due_at", fax.due_at or now)
        changes["wake_at"] = due_at if due_at > now else _wake_at(fax, to, now)
    with transaction.atomic():
        moved = Fax.rows.filter(pk=fax.pk, state=origin, tries=fax.tries).update(**changes)
        if not moved:
            return False
        Event.rows.bulk_create([_event(fax, origin, to, because, now, attempt, facts)])
        for name, value in changes.items():
            setattr(fax, name, value)
        if to in TERMINAL_STATES:
            _charge(fax, now)
        if to == FaxState.QUEUED and changes["wake_at"] > now >= due_at:
            jobs.enqueue("transmit", fax=fax.pk)
    return True


def open_attempt(fax: Fax, *, carrier: Carrier, now: datetime, lease: timedelta) -> Attempt | None:
    """Claim a queued fax for its next try; None if it is not due, taken, or its number engaged.

    The claim, the try's row and its key are committed together, before any carrier hears of it.

    Raises:
        IllegalMove: there are no tries left.

    """
    if fax.tries >= most_tries(fax.retries):
        raise IllegalMove(f"no tries left after {fax.tries}")
    if fax.due_at is not None and fax.due_at > now:
        return None
    attempt = Attempt(
        account_id=fax.account_id,
        fax=fax,
        number=fax.tries + 1,
        state=AttemptState.CALLING,
        to_number=fax.to_number,
        carrier=carrier,
        started_at=now,
    )
    before = (fax.state, fax.tries, fax.wake_at)
    try:
        with transaction.atomic():
            Attempt.rows.bulk_create([attempt])
            claimed = move(
                fax,
                FaxState.SENDING,
                because="dialing",
                now=now,
                attempt=attempt,
                tries=attempt.number,
                wake_at=now + lease,
                pages_done=0,
            )
            if not claimed:
                raise _TooLate  # noqa: TRY301 (it must leave the transaction)
    except (IntegrityError, _TooLate):
        # Another call to this number is under way, or another worker has this fax.
        fax.state, fax.tries, fax.wake_at = before
        return None
    return attempt


def close_attempt(
    attempt: Attempt,
    *,
    outcome: Outcome,
    now: datetime,
    scale: float,
    **facts: Any,
) -> bool:
    """End a try and move its fax to where that leads; whether this call was the one.

    ``facts`` are columns of the attempt. After a try that failed, the table of waits says
    whether there is another.
    """
    with transaction.atomic():
        ended = Attempt.rows.filter(pk=attempt.pk, state=AttemptState.CALLING).update(
            state=AttemptState.ENDED, outcome=outcome, ended_at=now, phase="", **facts
        )
        if not ended:
            return False
        fax = Fax.rows.get(pk=attempt.fax_id)
        changes: dict[str, Any] = {"outcome": outcome, "pages_done": facts.get("pages_sent", 0)}
        if facts.get("remote_station_id"):
            changes["remote_station_id"] = facts["remote_station_id"]
        if outcome == Outcome.DELIVERED:
            move(fax, FaxState.DELIVERED, because=outcome, now=now, attempt=attempt, **changes)
            return True
        tried = Attempt.rows.filter(fax=fax).order_by("number").values_list("outcome", flat=True)
        wait = next_wait([Outcome(each) for each in tried], retries=fax.retries, scale=scale)
        stop = Attempt.rows.filter(pk=attempt.pk, hang_up=True).exists()
        if wait is None or stop:
            move(fax, FaxState.FAILED, because=outcome, now=now, attempt=attempt, **changes)
        else:
            changes["due_at"] = now + wait
            move(fax, FaxState.QUEUED, because=outcome, now=now, attempt=attempt, **changes)
    return True


def cancel(fax: Fax, *, now: datetime) -> bool:
    """Take a waiting fax back: canceled if it was never dialled, else ended after its tries."""
    if fax.tries:
        return move(fax, FaxState.FAILED, because="canceled", now=now, outcome=Outcome.CANCELED)
    return move(fax, FaxState.CANCELED, because="canceled", now=now, outcome=Outcome.CANCELED)


def _wake_at(fax: Fax, state: FaxState, now: datetime) -> datetime:
    """When the sweep looks at a fax that enters a state: at once if it is not woken by a job.

    Only so many faxes of an account are woken by jobs, so that its jobs never fill the queue that
    all tenants share; the sweep wakes the others, by turns.
    """
    waiting = Fax.rows.filter(account_id=fax.account_id, direction=Direction.OUTBOUND, state=state)
    wants = "batch_id" if state == FaxState.PREPARING else "pk"  # one job prepares all of a batch
    if state == FaxState.QUEUED:
        waiting = waiting.filter(due_at__lte=now)
    jobs_wanted = waiting.order_by().values_list(wants).distinct()
    crowded = jobs_wanted[WOKEN_AT_ONCE - 1 : WOKEN_AT_ONCE].exists()
    return now if crowded else now + GRACE


def _charge(fax: Fax, now: datetime) -> None:
    """Settle what an ended fax costs, in the transaction that ends it."""
    if fax.direction == Direction.OUTBOUND:
        charges.settle(fax.pk, tries=_tries_of(fax), now=now)
    elif fax.state == FaxState.RECEIVED:
        charges.receive(fax.account, fax_id=fax.pk, pages=fax.pages, now=now)


def _tries_of(fax: Fax) -> list[Try]:
    """The tries as they are paid for; where no carrier told, the time from first to last."""
    tries = []
    for attempt in Attempt.rows.filter(fax=fax).only(
        "pages_sent", "line_seconds", "started_at", "ended_at"
    ):
        seconds = attempt.line_seconds
        if seconds is None and attempt.ended_at is not None:
            seconds = (attempt.ended_at - attempt.started_at).total_seconds()
        tries.append(Try(attempt.pages_sent, ceil(seconds or 0)))
    return tries


def _event(
    fax: Fax,
    origin: str,
    to: FaxState,
    because: str,
    now: datetime,
    attempt: Attempt | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Event:
    return Event(
        account_id=fax.account_id,
        fax=fax,
        at=now,
        from_state=origin,
        to_state=to,
        because=because,
        attempt=attempt,
        facts=dict(facts or {}),
    )
