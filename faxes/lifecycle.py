"""The table of moves, and the only functions that move a fax or a try.

A move is a guarded UPDATE and a row of history in one transaction: whoever finds the fax in
another state than it was read in was too late, changes nothing and goes on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from accounts.services import charges
from accounts.services.pricing import Try
from faxes import jobs, notices, waking
from faxes.enums import TERMINAL_STATES, Direction, ErrorCode, FaxState, Outcome
from faxes.models import Attempt, AttemptState, Carrier, Event, Fax, PageText, RemoteDocument
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

GRACE: Final = waking.GRACE
WOKEN_AT_ONCE: Final = waking.WOKEN_AT_ONCE
# The same as GRACE for one whose documents are fetched: whoever fetches them looks after it.
FETCH_GRACE: Final = timedelta(minutes=10)
# How long a fax waits for its carriers while all of them are in trouble, from when it was due.
PATIENCE: Final = timedelta(days=1)
# A fax that ended so has arrived as far as anybody can tell.
_ARRIVED: Final = frozenset({Outcome.DELIVERED, Outcome.HANDED_OVER})


class IllegalMove(Exception):
    """The table has no such move: an error of the program, never of a user."""


class _TooLate(Exception):
    """Somebody else moved first: undo what was begun."""


def begin(faxes: Sequence[Fax], *, because: str, now: datetime, complete: bool = True) -> None:
    """Write new faxes of one batch in their first state, each with its first event.

    Those that are not ``complete`` wait for documents that are yet to be fetched.
    """
    for fax in faxes:
        fax.state = FIRST[Direction(fax.direction)]
        fax.created_at = now
    first = faxes[0]
    outbound = first.direction == Direction.OUTBOUND
    wake_at = waking.wake_at(first, FaxState.PREPARING, now) if outbound else now + GRACE
    if not complete:
        wake_at = now + FETCH_GRACE
    for fax in faxes:
        fax.wake_at = wake_at
    with transaction.atomic():
        Fax.objects.bulk_create(faxes)
        Event.objects.bulk_create(
            [_event(fax, "", FaxState(fax.state), because, now) for fax in faxes]
        )
        if outbound and complete and wake_at > now:
            jobs.enqueue("convert", fax=first.pk)


def begin_prepared(faxes: Sequence[Fax], *, because: str, now: datetime) -> None:
    """Write new faxes out whose pages are ready, as if they were begun and moved on one by one.

    In far fewer statements, for very many. All wait for the same time, if for any.
    """
    for fax in faxes:
        fax.state, fax.created_at = FaxState.QUEUED, now
        fax.due_at = fax.due_at or now
    due_at = faxes[0].due_at or now
    woken = (
        list(faxes[: waking.room_for_jobs(faxes[0], FaxState.QUEUED, now)]) if due_at <= now else []
    )
    for fax in faxes:
        fax.wake_at = due_at
    for fax in woken:
        fax.wake_at = now + GRACE
    first = [_event(fax, "", FIRST[Direction.OUTBOUND], because, now) for fax in faxes]
    then = [
        _event(fax, FIRST[Direction.OUTBOUND], FaxState.QUEUED, "prepared", now) for fax in faxes
    ]
    with transaction.atomic():
        Fax.objects.bulk_create(faxes)
        Event.objects.bulk_create(first + then)
        notices.tell_state(faxes, now=now)
        for fax in woken:
            jobs.enqueue("transmit", fax=fax.pk)


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
    when it is due; one that is finished only if something is left to do for it.

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
        changes |= {
            "finished_at": now,
            "wake_at": waking.wrapped_up_at(fax, to, now),
            "due_at": None,
            "held_for": None,
        }
    elif to == FaxState.QUEUED:
        due_at = changes.setdefault("due_at", fax.due_at or now)
        changes["wake_at"] = due_at if due_at > now else waking.wake_at(fax, to, now)
        if fax.try_until is not None:
            changes["wake_at"] = min(changes["wake_at"], max(fax.try_until, now))
    with transaction.atomic():
        as_read = {"state": origin, "tries": fax.tries, "false_starts": fax.false_starts}
        as_read["held_for"] = fax.held_for  # who approves it meanwhile has moved it, too
        moved = Fax.rows.filter(pk=fax.pk, **as_read).update(**changes)
        if not moved:
            return False
        Event.rows.bulk_create([_event(fax, origin, to, because, now, attempt, facts)])
        for name, value in changes.items():
            setattr(fax, name, value)
        if to in TERMINAL_STATES:
            _end(fax, origin, now)
        notices.tell_state([fax], now=now)
        if to == FaxState.QUEUED and changes["wake_at"] > now >= due_at:
            jobs.enqueue("transmit", fax=fax.pk)
    return True


def open_attempt(
    fax: Fax,
    *,
    carrier: Carrier | None,
    now: datetime,
    lease: timedelta,
    because: str = "dialing",
    asked: Mapping[str, Any] | None = None,
) -> Attempt | None:
    """Claim a queued fax for its next try; None if it is not due, taken, or its number engaged.

    One whose time is up, or that waits for approval, gets none either. The claim, the try's row and
    its key are committed together, before any carrier hears of it; without a carrier nobody is
    called. It goes on behind the pages that arrived by tries that broke; ``asked`` is what it asks
    of the session.

    Raises:
        IllegalMove: there are no tries left.

    """
    if fax.tries >= most_tries(fax.retries):
        raise IllegalMove(f"no tries left after {fax.tries}")
    if (fax.due_at is not None and fax.due_at > now) or time_is_up(fax, now=now) or fax.held_for:
        return None
    attempt = Attempt(
        account_id=fax.account_id,
        fax=fax,
        number=fax.tries + fax.false_starts + 1,
        state=AttemptState.CALLING,
        to_number=fax.to_number,
        carrier=carrier,
        first_page=_next_page(fax),
        asked=dict(asked or {}),
        started_at=now,
    )
    before = (fax.state, fax.tries, fax.wake_at)
    try:
        with transaction.atomic():
            Attempt.rows.bulk_create([attempt])
            claimed = move(
                fax,
                FaxState.SENDING,
                because=because,
                now=now,
                attempt=attempt,
                tries=fax.tries + 1,
                wake_at=now + lease,
                waits_for=None,
                pages_done=attempt.first_page - 1,
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
    last: bool = False,
    **facts: Any,
) -> bool:
    """End a try and move its fax to where that leads; whether this call was the one.

    ``facts`` are columns of the attempt. After a try that failed, the table of waits says
    whether there is another, unless it is the ``last`` anyway. A fax has arrived once each of its
    pages was confirmed, by whichever of its tries.
    """
    with transaction.atomic():
        if not _ended(attempt, now, outcome=outcome, **facts):
            return False
        fax = Fax.rows.get(pk=attempt.fax_id)
        done = attempt.first_page - 1 + facts.get("pages_sent", 0)
        changes: dict[str, Any] = {"outcome": outcome, "pages_done": done}
        if facts.get("remote_station_id"):
            changes["remote_station_id"] = facts["remote_station_id"]
        if outcome == Outcome.TRANSMIT_ERROR and 0 < fax.pages <= done:
            changes["outcome"] = Outcome.DELIVERED
        if changes["outcome"] in _ARRIVED:
            move(fax, FaxState.DELIVERED, because=outcome, now=now, attempt=attempt, **changes)
            return True
        tries = Attempt.rows.filter(fax=fax, never_left=False).order_by("number")
        tried = [Outcome(each) for each in tries.values_list("outcome", flat=True)]
        wait = None if last else next_wait(tried, retries=fax.retries, scale=scale)
        if wait is None or _is_hung_up(attempt):
            move(fax, FaxState.FAILED, because=outcome, now=now, attempt=attempt, **changes)
        else:
            _wait(fax, attempt, wait, because=outcome, now=now, **changes)
    return True


def close_unsent(
    attempt: Attempt, *, now: datetime, wait: timedelta, because: str = "never_left", **facts: Any
) -> bool:
    """End a try that its carrier never took; whether this call was the one.

    It counts for no try. The fax may go again after ``wait``, unless it is too late then, or it
    has waited for its carriers for long enough.
    """
    with transaction.atomic():
        outcome = Outcome.INTERNAL_ERROR
        if not _ended(attempt, now, outcome=outcome, never_left=True, **facts):
            return False
        fax = Fax.rows.get(pk=attempt.fax_id)
        changes: dict[str, Any] = {
            "tries": fax.tries - 1,
            "false_starts": fax.false_starts + 1,
            "pages_done": attempt.first_page - 1,
        }
        if has_waited_long(fax, now=now + wait):
            code = ErrorCode.CARRIERS_DOWN
            move(
                fax,
                FaxState.FAILED,
                because=code,
                now=now,
                attempt=attempt,
                error_code=code,
                **changes,
            )
        else:
            _wait(fax, attempt, wait, because=because, now=now, **changes)
            if fax.state == FaxState.QUEUED and _is_hung_up(attempt):
                cancel(fax, now=now)
    return True


def cancel(
    fax: Fax, *, now: datetime, because: str = "canceled", facts: Mapping[str, Any] | None = None
) -> bool:
    """Take a waiting fax back: canceled if it was never dialled, else ended after its tries."""
    to = FaxState.FAILED if fax.tries else FaxState.CANCELED
    return move(fax, to, because=because, now=now, facts=facts, outcome=Outcome.CANCELED)


def time_is_up(fax: Fax, *, now: datetime) -> bool:
    """Whether no try of a fax may begin any more."""
    return fax.try_until is not None and fax.try_until <= now


def has_waited_long(fax: Fax, *, now: datetime) -> bool:
    """Whether a fax has waited for its carriers for long enough, since it last was due."""
    since = max(fax.send_at or fax.created_at, fax.approved_at or fax.created_at)
    if fax.tries:
        tries = Attempt.rows.filter(fax=fax, never_left=False)
        since = max([since, *tries.values_list("started_at", flat=True)])
    return since + PATIENCE <= now


def give_up(fax: Fax, *, now: datetime, code: ErrorCode = ErrorCode.TIME_IS_UP) -> bool:
    """End a waiting fax for which it is too late, as its last try came out, if it had any."""
    return move(fax, FaxState.FAILED, because=code, now=now, error_code=code)


def _next_page(fax: Fax) -> int:
    """The page that the next try begins with: those that arrived before are not sent again."""
    if not fax.tries:
        return 1
    broken = Attempt.rows.filter(fax=fax, outcome=Outcome.TRANSMIT_ERROR)
    return max((sum(each) for each in broken.values_list("first_page", "pages_sent")), default=1)


def _ended(attempt: Attempt, now: datetime, **facts: Any) -> bool:
    """End a try unless somebody has, with these facts."""
    rows = Attempt.rows.filter(pk=attempt.pk, state=AttemptState.CALLING)
    return bool(rows.update(state=AttemptState.ENDED, ended_at=now, phase="", **facts))


def _is_hung_up(attempt: Attempt) -> bool:
    """Whether somebody asked for the end of a try: there is no other then."""
    return Attempt.rows.filter(pk=attempt.pk, hang_up=True).exists()


def _wait(
    fax: Fax, attempt: Attempt, wait: timedelta, *, because: str, now: datetime, **changes: Any
) -> None:
    """Have a fax wait for its next try; it ends if that would begin too late."""
    if time_is_up(fax, now=now + wait):
        changes["error_code"] = ErrorCode.TIME_IS_UP
        move(fax, FaxState.FAILED, because=because, now=now, attempt=attempt, **changes)
    else:
        changes["due_at"] = now + wait
        move(fax, FaxState.QUEUED, because=because, now=now, attempt=attempt, **changes)


def _end(fax: Fax, origin: FaxState, now: datetime) -> None:
    """What the end of a fax brings with it, in the transaction that ends it."""
    if origin == FaxState.PREPARING:
        RemoteDocument.rows.filter(fax=fax.pk).delete()  # nobody needs to fetch them any more
    _charge(fax, now)
    if fax.wake_at is not None and fax.wake_at > now:
        jobs.enqueue("wrap_up", fax=fax.pk)
    if fax.pages and fax.keep_documents and fax.account.page_text_key:
        PageText.objects.create(account_id=fax.account_id, fax=fax, wake_at=now)
        jobs.enqueue("read_pages")


def _charge(fax: Fax, now: datetime) -> None:
    """Settle what an ended fax costs, in the transaction that ends it."""
    if fax.direction == Direction.OUTBOUND:
        charges.settle(fax.pk, tries=_tries_of(fax), now=now)
    elif fax.state == FaxState.RECEIVED:
        called = fax.carrier_id is not None  # else another machine here handed it over
        charges.receive(fax.account, fax_id=fax.pk, pages=fax.pages, now=now, called=called)


def _tries_of(fax: Fax) -> list[Try]:
    """The tries as they are paid for."""
    tries = Attempt.rows.filter(fax=fax, never_left=False).only(
        "pages_sent", "line_seconds", "started_at", "ended_at"
    )
    return [Try(each.pages_sent, each.seconds) for each in tries]


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
