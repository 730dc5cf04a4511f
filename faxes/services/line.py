"""Carry the calls of the embedded line: each in a process of its own, its row held by a lease."""

import logging
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

from accounts import clock
from accounts.at_work import working_on
from accounts.tracing import traced
from faxes import vault
from faxes.documents import pipeline
from faxes.enums import Quality
from faxes.errors import DocumentError
from faxes.line.errors import LineError
from faxes.line.exchange import BUSY, NOT_IN_SERVICE, Behaviour, answering, behaviour_for
from faxes.line.process import CallSpec, place_call
from faxes.line.result import CallResult, Progress
from faxes.line.station import Modem, Station
from faxes.models import LineCall, Number
from faxes.services import exchange
from faxes.services.answering import verdict_on
from faxes.services.exchange import Held
from faxes.services.outgoing import pages_of_try

log = logging.getLogger(__name__)
_LOOK_EVERY: Final = 0.1  # seconds between looks for a new call
_NOTE_EVERY: Final = 0.4  # seconds between notes of progress: people watch, they do not measure
_KEEP_EVERY: Final = 2.0  # seconds between renewals of a call's lease
_TIDY_EVERY: Final = 15.0  # seconds between looks for calls whose end nobody noted
_END_WITHIN: Final = 20.0  # seconds for calls to end once we are told to stop


def run_line(*, channels: int, stopping: threading.Event) -> None:
    """Carry up to ``channels`` calls at once until told to stop; then let them end."""
    free = threading.Semaphore(channels)
    tidied = 0.0
    while not stopping.is_set():
        if not free.acquire(timeout=0.5):
            continue
        held = None
        try:
            if time.monotonic() - tidied > _TIDY_EVERY:
                exchange.tidy(clock.now())
                tidied = time.monotonic()
            held = exchange.claim_next()
        except DatabaseError:
            log.exception("the line cannot read its book")
            close_old_connections()
            stopping.wait(1)
        if held is None:
            free.release()
            stopping.wait(_LOOK_EVERY)
            continue
        threading.Thread(target=_carry_one, args=(held, free, stopping), daemon=True).start()
    deadline = time.monotonic() + _END_WITHIN
    for _ in range(channels):
        free.acquire(timeout=max(0.0, deadline - time.monotonic()))


def _carry_one(held: Held, free: threading.Semaphore, stopping: threading.Event) -> None:
    with working_on(attempt=held.call.key), traced("call"):
        _carry(held, free, stopping)


def _carry(held: Held, free: threading.Semaphore, stopping: threading.Event) -> None:
    try:
        carry(held)
    except LineError:
        log.exception("the line failed in call %s", held.call.pk)
        if not stopping.is_set():  # else it broke because we stop, and is dialled again
            exchange.finish(held, {"crashed": True})
    except Exception:  # the call's lease ends, and it is dialled again
        log.exception("call %s could not be carried", held.call.pk)
    finally:
        connections.close_all()
        free.release()


def carry(held: Held) -> None:
    """Carry one call to its end and enter the result.

    Raises:
        LineError: the line failed; nothing is known of the call.

    """
    with tempfile.TemporaryDirectory(prefix="call-") as name:
        folder = Path(name)
        received, quality = folder / "received.tiff", Quality(held.call.quality)
        document = pages_of_try(
            held.call.document_key, folder, first_page=held.call.first_page, quality=quality
        )
        result = _call(held, document, received, quality)
        number = exchange.number_called(held.call)
        key = ""
        if number is not None and result.received_pages and received.exists():
            key = vault.put(number.account_id, received).key
        if not exchange.finish(held, result.to_json(), received_key=key) and key:
            vault.destroy(key)  # somebody else holds the call by now: these pages never came


def _call(held: Held, document: Path, received: Path, quality: Quality) -> CallResult:
    """Dial; where the far end cannot take the resolution, render lower and go on."""
    watch = _Watch(held)
    spec = CallSpec(
        document=document,
        pages=held.call.pages_total,
        receive=received,
        caller=_caller(held.call),
        behaviour=behaviour_of(held),
    )
    result = place_call(spec, on_progress=watch.progress, should_hang_up=watch.should_hang_up)
    lower = _lower(result, quality)
    if not result.needs_lower_resolution or lower is None:
        return result
    reduced = document.with_name(f"{lower}.tiff")
    try:
        pipeline.lower_resolution(document, reduced, lower)
    except DocumentError:
        return result
    return _call(held, reduced, received, lower)


def _lower(result: CallResult, quality: Quality) -> Quality | None:
    """The best quality below the document's that the far end says it takes."""
    order = list(Quality)
    able = (result.caller.remote_qualities if result.caller else None) or {Quality.STANDARD}
    return next((each for each in reversed(order[: order.index(quality)]) if each in able), None)


def behaviour_of(held: Held) -> Behaviour:
    """What answers at the called number: a test number, an account's machine, or nobody.

    The program of a number is asked first.
    """
    call = held.call
    test = behaviour_for(call.called, earlier_calls=call.earlier_calls)
    if test is not None:
        return test
    number = exchange.number_called(call)
    if number is None:
        return NOT_IN_SERVICE
    if number.webhook_url:
        exchange.keep(held)  # its program may take its time
        verdict = verdict_on(number, exchange.arrival_of(held))
        if not verdict.take:
            return BUSY if verdict.busy else NOT_IN_SERVICE
    return answering(_machine(number))


def _caller(call: LineCall) -> Station:
    told = dict(call.station)
    modem = Modem(told.pop("modem", Modem.V17))
    return Station(**told, modem=modem)


def _machine(number: Number) -> Station:
    faxbox, account = number.faxbox, number.account
    assert faxbox is not None  # noqa: S101 (only such numbers answer)
    return Station(
        station_id=faxbox.station_id or number.e164,
        time_zone=faxbox.time_zone or account.time_zone,
    )


class _Watch:
    """Watches one call: notes its progress now and then, and keeps its lease."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._unwritten: Progress | None = None
        self._written = self._kept = time.monotonic()
        self._lost = False

    def progress(self, seen: Progress) -> None:
        """Take note of what happened."""
        self._unwritten = seen
        self._write_down()

    def should_hang_up(self) -> bool:
        """Whether somebody asked for the end of the call, or another process holds it by now."""
        self._write_down()
        if not self._lost and time.monotonic() - self._kept > _KEEP_EVERY:
            self._kept = time.monotonic()
            self._lost = not exchange.keep(self._held)
        return self._lost

    def _write_down(self) -> None:
        """Write down where the call stands, a moment after the last time.

        Each writing has both ends look at the call; one that is over sooner tells by its result.
        """
        moment = time.monotonic()
        seen = self._unwritten
        if seen is None or moment - self._written < _NOTE_EVERY:
            return
        self._unwritten, self._written = None, moment
        exchange.note(
            self._held,
            phase=seen.kind,
            pages_done=seen.pages_done,
            pages_received=seen.received_pages,
            facts=seen.to_json(),
        )
