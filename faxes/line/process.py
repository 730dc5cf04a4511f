"""Places calls, each in a process of its own, which can crash without taking anybody along."""

import contextlib
import json
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from faxes.enums import Outcome
from faxes.line.errors import LineCrashed, LineError, LineUnavailable, StationInvalid
from faxes.line.exchange import Behaviour, answering
from faxes.line.launcher import kill, new_channel
from faxes.line.protocol import HANG_UP
from faxes.line.result import CallResult, DialResult, Progress, ProgressKind
from faxes.line.sample import write_sample_page
from faxes.line.spec import CallSpec, Limits
from faxes.line.station import Station
from faxes.line.tiff import page_bits

__all__ = [
    "CallSpec",
    "Limits",
    "LineCrashed",
    "LineError",
    "LineUnavailable",
    "Progress",
    "Station",
    "StationInvalid",
    "place_call",
    "self_check",
]

POLL_SECONDS = 0.25  # between two questions whether to hang up
_SPARE_SECONDS = 30.0  # beyond its own limit, before a call's process is taken for stuck

_ERRORS = {kind.__name__: kind for kind in (LineError, LineUnavailable, StationInvalid)}


def place_call(
    spec: CallSpec,
    *,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
    should_hang_up: Callable[[], bool] = lambda: False,
) -> CallResult:
    """Dial, send the document, hang up: one call from beginning to end, with every fact of it.

    ``on_progress`` and ``should_hang_up`` are called in this thread, the latter about every
    quarter of a second; once it says yes the call ends, and its outcome is *canceled* unless
    everything had been delivered already. Many threads may place calls at once.

    ``LineCrashed`` if the call's process ended without a result: nothing is known of the call
    then. ``LineUnavailable`` if the machine lacks the fax library.
    """
    on_progress(Progress(kind=ProgressKind.DIALING, pages_total=spec.pages or 0))
    behaviour = spec.behaviour
    if not _rings_through(behaviour, should_hang_up):
        return _unanswered(DialResult.HUNG_UP, spec)
    if behaviour.dial is not DialResult.ANSWERED:
        return _unanswered(behaviour.dial, spec)
    with tempfile.TemporaryDirectory(prefix="line-") as folder:
        receive = spec.receive or Path(folder, "thrown-away.tiff")
        spec = replace(spec, document=spec.document.absolute(), receive=receive.absolute())
        return _Connection(spec, on_progress, should_hang_up).run()


def _rings_through(behaviour: Behaviour, should_hang_up: Callable[[], bool]) -> bool:
    """Wait as long as it rings; whether the caller has stayed on the line."""
    until = time.monotonic() + behaviour.ring_seconds
    while not should_hang_up():
        left = until - time.monotonic()
        if left <= 0:
            return True
        time.sleep(min(left, POLL_SECONDS))
    return False


def _unanswered(dial: DialResult, spec: CallSpec) -> CallResult:
    return CallResult(
        answered=dial,
        line_seconds=replace(spec.behaviour, dial=dial).dial_line_seconds,
        pages_to_send=spec.pages or 0,
        hung_up_by_caller=dial is DialResult.HUNG_UP,
    )


class _Connection:
    """The parent's side of one call's process."""

    def __init__(
        self,
        spec: CallSpec,
        on_progress: Callable[[Progress], None],
        should_hang_up: Callable[[], bool],
    ) -> None:
        self._spec = spec
        self._on_progress = on_progress
        self._should_hang_up = should_hang_up
        self._asked = False
        self._pid: int | None = None
        self._result: CallResult | None = None
        self._deadline = time.monotonic() + _SPARE_SECONDS

    def run(self) -> CallResult:
        """Hand the job to a process and follow it to its end."""
        with new_channel() as channel:
            try:
                _send(channel, json.dumps(self._spec.to_json()).encode() + b"\n")
                for line in self._lines(channel):
                    self._take(line)
            finally:
                # Whatever goes wrong on this side, a call that nobody follows must not go on.
                if self._result is None and self._pid is not None:
                    kill(self._pid)
        if self._result is None:
            raise LineCrashed("the call's process is gone, and its host with it")
        return self._result

    def _lines(self, channel: socket.socket) -> Iterator[dict[str, Any]]:
        """Each line that the process writes, until its channel closes."""
        channel.settimeout(POLL_SECONDS)
        rest = b""
        next_poll = 0.0
        while True:
            now = time.monotonic()
            if now >= next_poll:
                next_poll = now + POLL_SECONDS
                self._poll(channel, now)
            try:
                more = channel.recv(1 << 16)
            except TimeoutError:
                continue
            except ConnectionResetError:  # it ended before it read that it is to hang up
                return
            if not more:
                return
            *lines, rest = (rest + more).split(b"\n")
            for line in lines:
                yield json.loads(line)

    def _poll(self, channel: socket.socket, now: float) -> None:
        if now > self._deadline:
            raise LineCrashed("the call's process did not end in its time")
        if not self._asked and self._should_hang_up():
            self._asked = True
            _send(channel, HANG_UP)

    def _take(self, line: dict[str, Any]) -> None:
        match line:
            case {"pid": int(pid)}:
                self._pid = pid
            case {"wall_seconds": int() | float() as seconds}:
                self._deadline = time.monotonic() + seconds + _SPARE_SECONDS
            case {"progress": progress}:
                self._on_progress(Progress.from_json(progress))
            case {"result": result}:
                self._result = CallResult.from_json(result)
            case {"error": {"kind": kind, "message": message}}:
                self._pid = None
                raise _ERRORS.get(kind, LineCrashed)(message)
            case {"exit": int(code)}:
                self._pid = None
                if self._result is None:
                    raise LineCrashed(_how_it_ended(code))
            case _:
                raise LineCrashed(f"the call's process wrote {line!r}")


def _send(channel: socket.socket, line: bytes) -> None:
    with contextlib.suppress(OSError):  # a process that is gone says so when it is read from
        channel.sendall(line)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"the call's process ended with status {code} and no result"
    with contextlib.suppress(ValueError):
        return f"the call's process was killed by {signal.Signals(-code).name}"
    return f"the call's process was killed by signal {-code}"


def self_check() -> float:
    """Send one page from end to end in a process of its own; the wall seconds that it took.

    ``LineError`` says what is wrong: the library is missing, the call failed, or the page that
    arrived is not pixel for pixel the page that was sent.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="line-check-") as folder:
        document, received = Path(folder, "sent.tiff"), Path(folder, "received.tiff")
        write_sample_page(document)
        behaviour = answering(Station(station_id="CHECK"), ring_seconds=0.0)
        spec = CallSpec(
            document=document, caller=Station(), behaviour=behaviour, receive=received, pages=1
        )
        result = place_call(spec)
        if result.outcome is not Outcome.DELIVERED:
            words = result.caller.completion_text if result.caller else result.outcome
            raise LineError(f"the line's own call ended with: {words}")
        if page_bits(received) != page_bits(document):
            raise LineError("the page that arrived is not the page that was sent")
    return time.monotonic() - began
