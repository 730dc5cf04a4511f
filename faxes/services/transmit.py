"""Send a fax once: claim it, commit the try's key, call the carrier, settle; in doubt, look up.

1. The fax is claimed and the try written with its own key, in one transaction.
2. The carrier is called with that key. A crash before, during or after leaves a row that says
   "calling", and the sweep follows it up.
3. Following up asks the carrier about the key. Only its definite "never heard of it" (or a carrier
   to which the same key may be handed twice) permits another call. Where nobody can be asked the
   try ends ``unknown``, visibly.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import clock
from accounts.tenancy import is_in_use
from faxes import jobs, lifecycle
from faxes.carriers import base
from faxes.enums import DocumentRole, ErrorCode, FaxState, Outcome, Quality
from faxes.models import Attempt, AttemptState, Carrier, Document, Fax
from faxes.services import turns
from faxes.services.route import carrier_for, free_channels, has_lost_its_number, opened

# From the claim until somebody else may look after the try: longer than any carrier's answer
# takes, its time-outs included.
LEASE: Final = timedelta(seconds=20)
_ABOUT_FULL: Final = 4  # so few free channels that it matters who takes them
_CANDIDATES: Final = 3  # of which others may take some first
_WOKEN_TOGETHER: Final = 2  # calls may end together, and each must not wake but the same fax


def transmit(fax_id: UUID) -> None:
    """Begin the next try of a fax, if it is due, its number free and a channel to be had.

    Where channels are few, the fax whose turn it is goes instead. Does nothing if there is none:
    whoever ends the call that is in the way wakes the waiting.
    """
    fax = (
        Fax.objects.across_tenants(why="a job names a fax")
        .select_related("account", "faxbox")
        .filter(pk=fax_id, state=FaxState.QUEUED)
        .first()
    )
    if fax is None:
        return
    now = clock.now()
    if not is_in_use(fax.account):
        return  # the sweep finds it when that is over
    carrier = carrier_for(fax)
    if carrier is None:
        if has_lost_its_number(fax):
            _end_without_number(fax, now)
        return
    free = free_channels(carrier)
    if free > _ABOUT_FULL:
        if not _engaged(fax.to_number) and turns.may_call(fax.account):
            _dialled(fax, carrier, now)
    elif free:
        for each in turns.next_to_send(carrier, now=now, most=_CANDIDATES):
            if _dialled(each, carrier, now):
                return


def _dialled(fax: Fax, carrier: Carrier, now: datetime) -> bool:
    """Begin the next try of a fax; False if somebody else was quicker, or it is not due."""
    attempt = lifecycle.open_attempt(fax, carrier=carrier, now=now, lease=LEASE)
    if attempt is not None and clock.now() < now + LEASE / 2:  # else we slept: leave it to others
        _hand_over(attempt, fax)
    return attempt is not None


def follow(key: UUID) -> None:
    """See how a try stands at its carrier, note it, and settle it when it has ended."""
    attempt = (
        Attempt.objects.across_tenants(why="a job names a try")
        .select_related("carrier", "fax__faxbox", "fax__account")
        .filter(key=key, state=AttemptState.CALLING)
        .first()
    )
    if attempt is None:
        return
    carrier = opened(attempt.carrier)
    try:
        status = carrier.find(attempt.key)
    except base.CarrierInDoubt:
        if not carrier.capabilities.finds_by_key:
            _settle(attempt, base.SendResult(Outcome.UNKNOWN, 0))
        return
    if status is None:
        _never_heard_of(attempt, carrier)
    elif status.result is not None:
        _settle(attempt, status.result, ref=status.ref)
        carrier.settled(attempt.key)
    else:
        _note(attempt, status)


def _hand_over(attempt: Attempt, fax: Fax) -> None:
    """Call the carrier with a try whose row is committed."""
    carrier = opened(attempt.carrier)
    try:
        ref = carrier.submit(_outgoing(attempt, fax))
    except base.CarrierRefused as refused:
        _settle(attempt, base.SendResult(refused.outcome, 0, {"completion_text": str(refused)}))
    except base.CarrierInDoubt:
        pass  # the lease ends, and the sweep follows it up
    else:
        Attempt.rows.filter(pk=attempt.pk, state=AttemptState.CALLING).update(carrier_ref=ref)


def _never_heard_of(attempt: Attempt, carrier: base.Carrier) -> None:
    """The carrier does not know this key: the call was never made, or not yet."""
    if carrier.capabilities.idempotent_submit:
        _hand_over(attempt, attempt.fax)
    elif attempt.started_at + LEASE <= clock.now():
        _settle(attempt, base.SendResult(Outcome.INTERNAL_ERROR, 0))


def _outgoing(attempt: Attempt, fax: Fax) -> base.OutgoingFax:
    document = Document.objects.for_account(fax.account_id).get(fax=fax, role=DocumentRole.RENDERED)
    faxbox = fax.faxbox
    return base.OutgoingFax(
        key=attempt.key,
        to_number=fax.to_number,
        from_number=fax.from_number,
        station_id=faxbox.station_id or fax.from_number,
        header=faxbox.header,
        time_zone=faxbox.time_zone or fax.account.time_zone,
        quality=Quality(fax.quality),
        pages=document.pages,
        document_key=document.key,
        earlier_calls=attempt.number - 1,
    )


def _note(attempt: Attempt, status: base.SendStatus) -> None:
    """Write down how far a call is, and look again later unless somebody nudges before."""
    with transaction.atomic():
        Attempt.rows.filter(pk=attempt.pk, state=AttemptState.CALLING).update(
            carrier_ref=status.ref, phase=status.phase, pages_sent=status.pages_done
        )
        Fax.rows.filter(pk=attempt.fax_id, state=FaxState.SENDING).update(
            pages_done=status.pages_done, wake_at=clock.now() + LEASE
        )


def _settle(attempt: Attempt, result: base.SendResult, *, ref: str = "") -> None:
    """End the try, unless somebody has; ``ref`` is the carrier's own id, if it told one."""
    told = {**result.facts, "carrier_ref": ref or attempt.carrier_ref}
    facts = {name: _fitting(name, value) for name, value in told.items()}
    closed = lifecycle.close_attempt(
        attempt,
        outcome=result.outcome,
        now=clock.now(),
        scale=settings.RETRY_SCALE,
        pages_sent=result.pages_sent,
        **facts,
    )
    if closed:
        _wake_waiting(attempt)


def _fitting(name: str, value: Any) -> Any:
    """A fact as its column can hold it: what a far end tells must not keep a try from ending."""
    room = getattr(Attempt._meta.get_field(name), "max_length", None)  # noqa: SLF001 (its public name)
    return value[:room] if isinstance(value, str) and room else value


def _engaged(number: str) -> bool:
    """Whether a call to this number is under way, as the claim would find at greater cost."""
    calling = Attempt.objects.across_tenants(why="a number has one line")
    return calling.filter(to_number=number, state=AttemptState.CALLING).exists()


def _wake_waiting(ended: Attempt) -> None:
    """Wake faxes that this call was in the way of: one to the same number, some by turn.

    The sweep would find them later.
    """
    now = clock.now()
    woken = turns.next_to_send(ended.carrier, now=now, most=1, number=ended.to_number)
    woken += turns.next_to_send(ended.carrier, now=now, most=_WOKEN_TOGETHER)
    for pk in dict.fromkeys(fax.pk for fax in woken):
        jobs.enqueue("transmit", fax=pk)


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
