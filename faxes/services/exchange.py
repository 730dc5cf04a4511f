"""The embedded line's book of calls, kept in rows.

The embedded carrier asks it, and the processes that carry calls write it. Whoever carries a call
holds its row by a lease. Result and received pages are entered in one UPDATE by the holder, so a
call whose process died has delivered nothing: it is dialled again under the same key, and neither
end ever hears of two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts import clock
from accounts.ids import new_id
from faxes import jobs, vault
from faxes.carriers.base import (
    Arrival,
    ArrivalState,
    CarrierInDoubt,
    OutgoingFax,
    SendResult,
    SendStatus,
)
from faxes.carriers.embedded import EmbeddedCarrier
from faxes.carriers.tools import Exchange
from faxes.enums import Outcome, Quality
from faxes.line.result import CallResult
from faxes.line.station import modem_for
from faxes.models import Attempt, AttemptState, Carrier, LineCall, LineCallState, Number
from faxes.services import erasure

LEASE: Final = timedelta(seconds=10)
_MOST_DIALS: Final = 4
_TIDY_AFTER: Final = timedelta(seconds=20)


class Book(Exchange):
    """What the embedded carrier asks of the exchange, answered from the rows."""

    def place(self, fax: OutgoingFax) -> str:
        """Enter a call under its key; entering it again finds it there.

        The try is held meanwhile, and must not have ended: a process that slept since it claimed
        it would else enter a call anew that was carried, settled and forgotten.

        Raises:
            CarrierInDoubt: the try has ended.

        """
        with transaction.atomic():
            tries = Attempt.objects.across_tenants(why="the line's own book").select_for_update()
            if not tries.filter(key=fax.key, state=AttemptState.CALLING).exists():
                raise CarrierInDoubt(f"the try of key {fax.key} has ended")
            call, _ = LineCall.objects.get_or_create(key=fax.key, defaults=_entry(fax))
        return str(call.pk)

    def find(self, key: UUID) -> SendStatus | None:
        """Where the call of a key stands, as the calling end knows."""
        call = LineCall.objects.filter(key=key).first()
        if call is None:
            return None
        done = call.state == LineCallState.DONE
        return SendStatus(
            ref=str(call.pk),
            phase=call.phase,
            pages_done=call.pages_done,
            result=_send_result(call) if done else None,
        )

    def hang_up(self, key: UUID) -> None:
        """Ask whoever carries the call to end it."""
        LineCall.objects.filter(key=key).update(hang_up=True)

    def settled(self, key: UUID) -> None:
        """The calling end knows the result: its half of the row may go."""
        with transaction.atomic():
            LineCall.objects.filter(key=key).update(settled=True)
            _forget(LineCall.objects.filter(key=key))

    def arrivals(self) -> Iterable[Arrival]:
        """Calls answered for accounts whose pages were not taken yet."""
        waiting = LineCall.objects.filter(tenant_number=True, fetched=False)
        for call in waiting.order_by("placed_at").iterator():
            if (arrival := _arrival(call)) is not None:
                yield arrival

    def arrival(self, ref: str) -> Arrival | None:
        """One of them."""
        call = LineCall.objects.filter(pk=ref, tenant_number=True, fetched=False).first()
        return _arrival(call) if call else None

    def fetch(self, ref: str, into: Path) -> None:
        """Copy the received pages out."""
        call = LineCall.objects.filter(pk=ref).first()
        if call is None or not call.received_key:
            raise CarrierInDoubt(f"no pages of call {ref}")
        vault.copy_out(call.received_key, into)

    def fetched(self, ref: str) -> None:
        """The called end has its pages: its half of the row may go."""
        with transaction.atomic():
            LineCall.objects.filter(pk=ref).update(fetched=True)
            _forget(LineCall.objects.filter(pk=ref))


BOOK: Final = Book()


def number_at(e164: str) -> Number | None:
    """The account's number that answers on the embedded line, if it is one; none of a pool is."""
    number: Number | None = (
        Number.objects.across_tenants(why="the line connects tenants")
        .select_related("faxbox", "account", "carrier")
        .filter(e164=e164, faxbox__isnull=False, carrier__kind=EmbeddedCarrier.kind)
        .first()
    )
    return number


def number_called(call: LineCall) -> Number | None:
    """The number that answers a call: its account had it, and was open, when that was placed."""
    number = number_at(call.called) if call.tenant_number else None
    return number if number and answers(number, call.placed_at) else None


def answers(number: Number, at: datetime) -> bool:
    """Whether what came to a number at a time is its account's, which was not closed by then."""
    since, until = number.held_since, number.account.closed_at
    return (since is None or since <= at) and (until is None or at < until)


@dataclass(frozen=True, slots=True)
class Held:
    """A call that this process carries; ``owner`` fences off whoever held it before."""

    call: LineCall
    owner: UUID


def claim_next() -> Held | None:
    """Take the oldest call that nobody carries, if there is one."""
    now = clock.now()
    free = Q(state=LineCallState.PLACED) | Q(state=LineCallState.CALLING, lease_until__lte=now)
    for call in LineCall.objects.filter(free).order_by("placed_at")[:5]:
        owner = new_id()
        claimed = LineCall.objects.filter(pk=call.pk, state=call.state, owner=call.owner).update(
            state=LineCallState.CALLING,
            owner=owner,
            lease_until=now + LEASE,
            dials=F("dials") + 1,
            phase="dialing",
            pages_done=0,
            pages_received=0,
        )
        if claimed:
            call.refresh_from_db()
            held = Held(call, owner)
            if call.dials <= _MOST_DIALS:
                return held
            finish(held, {"crashed": True})
    return None


def keep(held: Held) -> bool:
    """Renew the lease; whether to go on: not if the call was lost or shall be hung up."""
    renewed = _of(held).update(lease_until=clock.now() + LEASE)
    return bool(renewed) and not LineCall.objects.filter(pk=held.call.pk, hang_up=True).exists()


def note(held: Held, *, phase: str, pages_done: int, pages_received: int, facts: Any) -> None:
    """Write down how far a call is, and tell both ends to look."""
    noted = _of(held).update(
        phase=phase,
        pages_done=pages_done,
        pages_received=pages_received,
        progress=facts,
        lease_until=clock.now() + LEASE,
    )
    if noted:
        _nudge(held.call)


def finish(held: Held, result: Mapping[str, Any], *, received_key: str = "") -> bool:
    """Enter the result and the received pages, once; whether the call was still held."""
    with transaction.atomic():
        entered = _of(held).update(
            state=LineCallState.DONE,
            done_at=clock.now(),
            result=dict(result),
            received_key=received_key,
            lease_until=None,
        )
        if entered:
            vault.named([received_key])
            _nudge(held.call)
    return bool(entered)


def arrival_of(held: Held) -> Arrival:
    """A call as the called end knows it before its machine answers."""
    return _arrival_as(held.call, ArrivalState.RECEIVING, 0)


def tidy(now: datetime) -> None:
    """Note as settled what a process that died in between left unsaid."""
    old = LineCall.objects.filter(state=LineCallState.DONE, done_at__lte=now - _TIDY_AFTER)
    for call in old.filter(settled=False)[:200]:
        calling = Attempt.objects.across_tenants(why="the line's own book").filter(
            key=call.key, state=AttemptState.CALLING
        )
        if not calling.exists():
            BOOK.settled(call.key)


def _of(held: Held) -> QuerySet[LineCall]:
    return LineCall.objects.filter(pk=held.call.pk, state=LineCallState.CALLING, owner=held.owner)


def _entry(fax: OutgoingFax) -> dict[str, Any]:
    """The columns of a call that was not dialled yet."""
    number, now = number_at(fax.to_number), clock.now()
    return {
        "caller": fax.from_number,
        "called": fax.to_number,
        "earlier_calls": fax.earlier_calls,
        "station": {
            "station_id": fax.station_id,
            "header": fax.header,
            "time_zone": fax.time_zone,
            "ecm": fax.ecm,
            "modem": modem_for(fax.most_bits),
        },
        "quality": fax.quality,
        "pages_total": fax.pages,
        "first_page": fax.first_page,
        "document_key": fax.document_key,
        "tenant_number": number is not None and answers(number, now),
        "placed_at": now,
    }


def _forget(calls: QuerySet[LineCall]) -> None:
    """Remove calls that both ends are done with: nothing of a fax stays behind with the line.

    In the transaction that says so, as nobody looks at such a call again.
    """
    gone = Q(tenant_number=False) | Q(fetched=True)
    for call in calls.filter(gone, settled=True, state=LineCallState.DONE):
        call.delete()
        erasure.erase_later([call.received_key, call.document_key])


def _nudge(call: LineCall) -> None:
    jobs.enqueue("follow", key=call.key)
    if call.tenant_number and (carrier := _embedded()) is not None:
        jobs.enqueue("receive", carrier=carrier, ref=str(call.pk))


def _embedded() -> UUID | None:
    return Carrier.objects.filter(kind=EmbeddedCarrier.kind).values_list("pk", flat=True).first()


def _arrival(call: LineCall) -> Arrival | None:
    """A call as the called end knows it; None before its machine was heard.

    A call that is dialled again may have been heard before: then its arrival has begun.
    """
    if call.state != LineCallState.DONE:
        heard = call.phase in {"connected", "page"} or call.dials > 1
        return _arrival_as(call, ArrivalState.RECEIVING, call.pages_received) if heard else None
    result = _result(call)
    if result is None or not call.received_key:
        return _arrival_as(call, ArrivalState.FAILED, 0)
    called = result.called
    return Arrival(
        ref=str(call.pk),
        called=call.called,
        caller=call.caller,
        state=ArrivalState.RECEIVED,
        at=call.placed_at,
        pages=result.received_pages,
        complete=result.received_complete,
        station_id=(called.remote_station_id if called else None) or "",
        quality=(called.quality if called else None) or Quality(call.quality),
    )


def _arrival_as(call: LineCall, state: ArrivalState, pages: int) -> Arrival:
    return Arrival(
        ref=str(call.pk),
        called=call.called,
        caller=call.caller,
        state=state,
        at=call.placed_at,
        pages=pages,
        complete=False,
        station_id=str(call.station["station_id"]),
        quality=Quality(call.quality),
    )


def _result(call: LineCall) -> CallResult | None:
    if not call.result or "answered" not in call.result:
        return None
    return CallResult.from_json(call.result)


def _send_result(call: LineCall) -> SendResult:
    """The result as the calling end knows it: nothing of what only the called end saw."""
    result = _result(call)
    if result is None:
        return SendResult(Outcome.INTERNAL_ERROR, 0)
    facts: dict[str, Any] = {"line_seconds": result.line_seconds}
    ours = result.caller
    if ours is None:
        return SendResult(result.outcome, 0, facts)
    facts |= {
        "bit_rate": ours.bit_rate,
        "ecm": ours.ecm,
        "compression": ours.compression or "",
        "resolution": ours.quality or "",
        "bad_rows": _bad_rows(call, result),
        "ecm_retries": ours.ecm_retries,
        "remote_station_id": ours.remote_station_id or "",
        "completion_code": ours.completion_code,
        "completion_text": ours.completion_text,
        "page_facts": [page.to_json() for page in ours.page_facts],
    }
    return SendResult(result.outcome, ours.pages, facts)


def _bad_rows(call: LineCall, result: CallResult) -> int | None:
    """Bad rows as the sender can know them; a test number tells what its machine saw."""
    told = result.called if not call.tenant_number else result.caller
    return told.bad_rows if told else None
