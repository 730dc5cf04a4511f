"""Send a fax once: claim it, commit the try's key, call the carrier; in doubt, look up.

1. The fax is claimed and the try written with its own key, in one transaction.
2. The carrier is called with that key. A crash before, during or after leaves a row that says
   "calling", and the sweep has it followed up (``services.follow``).
3. Following up asks the carrier about the key. Only its definite "never heard of it" (or a carrier
   to which the same key may be handed twice) permits another call. Where nobody can be asked the
   try ends ``unknown``, visibly.

Calling a carrier elsewhere is over in a time that is counted from before the claim, by a clock that
does not stop: a process that was stopped in between hands nothing over when it wakes.
"""

import time
from datetime import datetime, timedelta
from math import inf
from typing import Final
from uuid import UUID

from django.conf import settings

from accounts import clock
from accounts.at_work import note
from accounts.tenancy import is_in_use
from faxes import jobs, lifecycle, phone
from faxes.carriers import base
from faxes.enums import ErrorCode, FaxState, Outcome
from faxes.models import Attempt, AttemptState, Carrier, CarrierKind, Fax
from faxes.queries.do_not_fax import forbidden_among, unwanted
from faxes.services import breaker, far_ends, holding, route, turns, waiting, within
from faxes.services.carrier_tools import opened
from faxes.services.outgoing import outgoing
from faxes.services.settling import look_again, look_every, settle, settle_unsent

# From the claim until somebody else may look after the try: longer than any answer of the
# embedded line takes.
LEASE: Final = timedelta(seconds=20)
_MARGIN: Final = 5.0  # seconds between the end of the last request and the lease's
_ABOUT_FULL: Final = 4  # so few free channels that it matters who takes them
_CANDIDATES: Final = 3  # of which others may take some first


def lease_of(carrier: Carrier) -> timedelta:
    """From the claim of a try until its carrier surely knows whether it has heard of it."""
    if carrier.kind == CarrierKind.EMBEDDED:
        return LEASE
    lag = route.capabilities_of(carrier).lag
    return timedelta(seconds=settings.CARRIER_SECONDS + lag + _MARGIN)


def transmit(fax_id: UUID) -> None:
    """Begin the next try of a fax, if it is due, its number free and a channel to be had.

    Where channels are few, the fax whose turn it is goes instead. Does nothing if there is none:
    whoever ends the call that is in the way wakes the waiting.
    """
    now = clock.now()
    fax = _to_send(fax_id, now)
    if fax is None or (fax.due_at is not None and fax.due_at > now):
        return
    if phone.is_extension(fax.to_number):
        if not _is_unwanted(fax, now):
            within.hand_over(fax)
        return
    ways = route.ways_of(fax)
    if ways is None:
        _end_without_number(fax, now)
    elif ways.open:
        _send_by(ways.open[0], fax, ways.own, now)
    elif ways.shut:
        waiting.wait_for_recovery(fax, ways.shut, now=now)


def until_of(carrier: Carrier) -> float:
    """When calling a carrier that begins now must be over, by the monotonic clock."""
    embedded = carrier.kind == CarrierKind.EMBEDDED
    return inf if embedded else time.monotonic() + settings.CARRIER_SECONDS


def hand_over(attempt: Attempt, fax: Fax, *, until: float, again: bool = False) -> None:
    """Call the carrier with a try whose row is committed; over at a monotonic time.

    ``again``: it may have been called with it before.
    """
    row = route.carrier_of(attempt)
    note(account=fax.account_id, fax=fax.pk, attempt=attempt.key, carrier=row.pk)
    able = route.capabilities_of(row)
    handed = outgoing(attempt, fax)
    if not is_open(attempt):
        return
    if time.monotonic() >= until:
        _slept(attempt, able)
        return
    try:
        ref = opened(row, until=until).submit(handed)
    except base.CarrierRefused as refused:
        breaker.note_answer(row)
        result = base.SendResult(refused.outcome, 0, {"completion_text": str(refused)})
        settle(attempt, result, able=able)
    except base.CarrierUnavailable as trouble:
        breaker.note_failure(row, str(trouble), retry_after=trouble.retry_after)
        if not again:  # else it may have been taken the time before
            settle_unsent(attempt, str(trouble))
    except base.CarrierInDoubt as trouble:
        breaker.note_failure(row, str(trouble))
        look_again(attempt, clock.now() + timedelta(seconds=able.lag + 1))
    else:
        breaker.note_answer(row)
        _taken(attempt, row, ref, able, handed.pages)


def is_open(attempt: Attempt) -> bool:
    """Whether nobody has ended a try yet."""
    return Attempt.rows.filter(pk=attempt.pk, state=AttemptState.CALLING).exists()


def _taken(attempt: Attempt, row: Carrier, ref: str, able: base.Capabilities, pages: int) -> None:
    """Note that a carrier took a try; where it never tells more, that is how it ends."""
    if not able.confirms:
        settle(attempt, base.SendResult(Outcome.HANDED_OVER, pages), able=able, ref=ref)
        return
    calling = Attempt.rows.filter(pk=attempt.pk, state=AttemptState.CALLING)
    if calling.update(carrier_ref=ref) and row.kind != CarrierKind.EMBEDDED:
        look_again(attempt, clock.now() + look_every(row, able))


def _slept(attempt: Attempt, able: base.Capabilities) -> None:
    """We were stopped before the carrier was called: leave it to others, where they may call."""
    if not able.idempotent_submit:
        settle_unsent(attempt, "there was no time left to hand it over")


def _to_send(fax_id: UUID, now: datetime) -> Fax | None:
    """A fax that waits, if it may go now; one whose time is up ends."""
    faxes = Fax.objects.across_tenants(why="a job names a fax")
    waiting_ones = faxes.select_related("account", "faxbox").filter(state=FaxState.QUEUED)
    fax = waiting_ones.filter(pk=fax_id).first()
    if fax is None:
        return None
    if lifecycle.time_is_up(fax, now=now):
        lifecycle.give_up(fax, now=now)
        return None
    if fax.held_for:
        holding.expire(fax, now=now)
        return None
    # the sweep finds it when its account is in use again
    return fax if is_in_use(fax.account) else None


def _send_by(carrier: Carrier, fax: Fax, own: UUID, now: datetime) -> None:
    """Send a fax by its best carrier, or whatever fax has its turn there."""
    free = route.free_channels(carrier)
    if free > _ABOUT_FULL:
        if not _engaged(fax.to_number, carrier) and turns.may_call(fax.account):
            _dialled(fax, carrier)
        else:
            waiting.wait_in_turn(fax, carrier, own=own)
        return
    waiting.wait_in_turn(fax, carrier, own=own)
    if not free:
        return
    for each in turns.next_to_send(carrier, now=now, most=_CANDIDATES):
        if (each.pk == fax.pk or _goes_by(each, carrier)) and _dialled(each, carrier):
            return


def _goes_by(fax: Fax, carrier: Carrier) -> bool:
    """Whether a fax that waits for a carrier's turn still goes by it best."""
    ways = route.ways_of(fax)
    if ways is not None and ways.open and ways.open[0].pk == carrier.pk:
        return True
    if ways is not None and ways.open:
        waiting.wait_in_turn(fax, ways.open[0], own=ways.own)
    jobs.enqueue("transmit", fax=fax.pk)
    return False


def _dialled(fax: Fax, carrier: Carrier) -> bool:
    """Begin the next try of a fax; False if somebody else was quicker, or it is not due."""
    until = until_of(carrier)
    now, lease = clock.now(), lease_of(carrier)
    if _is_unwanted(fax, now):
        return False
    asked = far_ends.asked_of(fax, carrier)
    attempt = lifecycle.open_attempt(fax, carrier=carrier, now=now, lease=lease, asked=asked)
    if attempt is None:
        return False
    if clock.now() < now + lease / 2:
        hand_over(attempt, fax, until=until)
    else:
        _slept(attempt, route.capabilities_of(carrier))
    return True


def _engaged(number: str, carrier: Carrier) -> bool:
    """Whether a call to this number is under way, as the claim would find at greater cost."""
    calling = Attempt.objects.across_tenants(why="a number has one line")
    ours = calling.filter(to_number=number, carrier=carrier, state=AttemptState.CALLING)
    return ours.exists()


def _is_unwanted(fax: Fax, now: datetime) -> bool:
    """Whether its number may not be faxed any more; then the fax has ended."""
    if not forbidden_among(fax.account, [fax.to_number]):
        return False
    told = unwanted(fax.to_number)
    lifecycle.move(
        fax,
        FaxState.FAILED,
        because=told.code,
        now=now,
        error_code=told.code,
        error_params=told.params,
    )
    return True


def _end_without_number(fax: Fax, now: datetime) -> None:
    """End a fax whose number was taken away: from somebody else's number it must not go."""
    lifecycle.move(
        fax,
        FaxState.FAILED,
        because=ErrorCode.FROM_NUMBER_GONE,
        now=now,
        error_code=ErrorCode.FROM_NUMBER_GONE,
        error_params={"number": fax.from_number},
    )
