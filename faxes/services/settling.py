"""How a try ends, and who is woken by that; and when it is looked at again while it lasts."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import PositiveIntegerField, PositiveSmallIntegerField

from accounts import clock, tallies
from faxes import jobs, lifecycle
from faxes.carriers import base
from faxes.enums import FaxState, Outcome
from faxes.models import Attempt, Carrier, CarrierKind, Fax
from faxes.queries.gauges import label_of
from faxes.retry import pause_after
from faxes.services import far_ends, route, turns
from faxes.services.intake import printable

MOST_WHOLE: Final = 2_147_483_647  # that a column of whole numbers holds
_MOST_SMALL: Final = 32_767
_NEVER_LEFT: Final = "never_left"  # its carrier never took it, so that is no outcome of a try
_WOKEN_TOGETHER: Final = 2  # calls may end together, and each must not wake but the same fax


def settle(
    attempt: Attempt, result: base.SendResult, *, able: base.Capabilities, ref: str = ""
) -> None:
    """End the try, unless somebody has; ``ref`` is the carrier's own id, if it told one.

    A carrier that tries by itself was in vain often enough: only a trouble of its own leaves
    something to try.
    """
    told = {**result.facts, "carrier_ref": ref or attempt.carrier_ref}
    facts = {name: fitting(name, value) for name, value in told.items()}
    closed = lifecycle.close_attempt(
        attempt,
        outcome=result.outcome,
        now=clock.now(),
        scale=settings.RETRY_SCALE,
        last=able.retries and result.outcome != Outcome.INTERNAL_ERROR,
        pages_sent=fitting("pages_sent", result.pages_sent),
        **facts,
    )
    if closed:
        _count(attempt, result.outcome)
        fax = Fax.rows.get(pk=attempt.fax_id)
        far_ends.learn(attempt, fax, outcome=result.outcome, facts=facts)
        _wake_waiting(attempt)


def settle_unsent(attempt: Attempt, why: str) -> None:
    """End a try that its carrier surely never took; the fax goes by another one, if there is one.

    Else it waits for a while, longer each time.
    """
    fax = Fax.rows.select_related("account").get(pk=attempt.fax_id)
    carrier = route.carrier_of(attempt)
    wait = timedelta()
    if not route.has_another(fax, carrier.pk):
        wait = pause_after(fax.false_starts + 1, pace=settings.CARRIER_PACE)
    text = fitting("completion_text", why)
    if lifecycle.close_unsent(attempt, now=clock.now(), wait=wait, completion_text=text):
        _count(attempt, _NEVER_LEFT)
        _wake_waiting(attempt)


def look_every(row: Carrier, able: base.Capabilities) -> timedelta:
    """Between two looks at a try that goes well. What is on this machine can be looked at often."""
    pace = 1.0 if row.kind == CarrierKind.EMBEDDED else settings.CARRIER_PACE
    return timedelta(seconds=able.look_every * pace)


def look_again(attempt: Attempt, at: datetime) -> None:
    """Have the sweep look at a try that is under way, unless somebody nudges before."""
    Fax.rows.filter(pk=attempt.fax_id, state=FaxState.SENDING).update(wake_at=at)


def fitting(name: str, value: Any) -> Any:
    """A fact of a try as its column can hold it: whatever is told must not keep it from ending."""
    column = Attempt._meta.get_field(name)  # noqa: SLF001 (its public name)
    if isinstance(value, str):
        return printable(value)[: getattr(column, "max_length", None)]
    if isinstance(column, PositiveSmallIntegerField):
        return None if value is None else min(max(value, 0), _MOST_SMALL)
    if isinstance(column, PositiveIntegerField):
        return None if value is None else min(max(value, 0), MOST_WHOLE)
    return value


def _count(attempt: Attempt, outcome: str) -> None:
    seconds = (clock.now() - attempt.started_at).total_seconds()
    carrier = label_of(route.carrier_of(attempt))
    tallies.tallies().add(tallies.ATTEMPTS, (carrier, outcome), max(0.0, seconds))


def _wake_waiting(ended: Attempt) -> None:
    """Wake faxes that this call was in the way of: one to the same number, some by turn.

    The sweep would find them later.
    """
    now = clock.now()
    woken = turns.next_to_send(None, now=now, most=1, number=ended.to_number)
    woken += turns.next_to_send(route.carrier_of(ended), now=now, most=_WOKEN_TOGETHER)
    for pk in dict.fromkeys(fax.pk for fax in woken):
        jobs.enqueue("transmit", fax=pk)
