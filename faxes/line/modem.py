"""A Class 1 fax modem (T.31) at a pseudo-terminal, for fax programs that are not ours.

Whatever program opens ``Modem.device`` finds a modem there. When it dials, a session of ours
answers; and a session of ours can call it. What is on the line between the two is audio, so
that a foreign implementation of T.30 can be tried against the embedded line.
"""

import contextlib
import os
import select
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Self

from faxes.line.ends import AudioEnd, ModemEnd, silence
from faxes.line.errors import LineError
from faxes.line.media import TURN_SECONDS
from faxes.line.result import SessionResult
from faxes.line.session import Session
from faxes.line.station import Station

# Modem control operations and call events of ``at_interpreter.h``.
_CALL, _ANSWER, _HANG_UP, _OFF_HOOK, _ON_HOOK, _CTS = 0, 1, 2, 3, 4, 7
_ALERTING, _CONNECTED, _ANSWERED, _BUSY, _NO_ANSWER, _HUNG_UP = 1, 2, 3, 4, 6, 7

_MOST_AT_ONCE = 256  # bytes a turn; the library's buffer overflows silently
_RING_SECONDS = 6.0  # from ring to ring, of line time
_ANSWER_AFTER_SECONDS = 2.0  # our own end, when it is called
_LINE_LIMIT_SECONDS = 3600.0


class Modem:
    """A modem at a pseudo-terminal. ``speed`` is how many times faster than real time it runs.

    A program needs wall time to do its part, and the more the busier the machine is. So the line
    runs fast only while it is the modem that is working, and in real time while the program is
    to give a command or data: the far end's patience is measured on the line's clock.
    """

    def __init__(self, *, speed: float = 1.0) -> None:
        self._speed = speed
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)  # it stays open here: a program may come and go
        os.set_blocking(self._master, False)
        self.device = os.ttyname(self._slave)
        self._end = ModemEnd(to_host=self._to_host, control=self._control)
        self._unwritten = bytearray()
        self._clear_to_send = True
        self._turns = _Turns()
        self._dialled: str | None = None
        self._answers = False
        self._line_seconds = 0.0

    def _to_host(self, text: bytes) -> None:
        self._turns.modem_said(text)
        self._unwritten += text

    def _control(self, operation: int, on: bool, number: str) -> None:  # noqa: FBT001 (called back)
        if operation == _CTS:
            self._clear_to_send = on
        elif operation == _CALL:
            self._dialled = number
        elif operation == _ANSWER:
            self._answers = True
        elif operation in (_HANG_UP, _ON_HOOK):
            self._dialled, self._answers = None, False

    @property
    def dialled(self) -> str | None:
        """What the program has dialled, as long as it is off the hook; None if it has not."""
        return self._dialled

    def refuse(self, *, busy: bool) -> None:
        """Let the program hear that the number that it has dialled is busy, or does not answer."""
        self._pass(_ANSWER_AFTER_SECONDS)
        self._dialled = None
        self._end.call_event(_BUSY if busy else _NO_ANSWER)

    def receive(self, station: Station, target: Path, *, wall_seconds: float) -> SessionResult:
        """Wait until the program dials, answer as ``station`` and receive into ``target``."""
        self._wait(lambda: self._dialled is not None, wall_seconds, "dialled")
        self._pass(_ANSWER_AFTER_SECONDS)
        self._end.call_event(_CONNECTED)
        with AudioEnd(calling=False) as ours:
            session = Session(ours.t30, station, self._clock_from_now(), target=target)
            return self._converse(ours, session, lambda: self._dialled is not None)

    def send(self, station: Station, document: Path, *, wall_seconds: float) -> SessionResult:
        """Ring until the program answers, then send it ``document`` as ``station``."""
        self._wait(lambda: self._answers, wall_seconds, "answered", ringing=True)
        self._end.call_event(_ANSWERED)
        with AudioEnd(calling=True) as ours:
            session = Session(ours.t30, station, self._clock_from_now(), document=document)
            return self._converse(ours, session, lambda: self._answers)

    def idle_while(self, going_on: Callable[[], bool], *, wall_seconds: float) -> None:
        """Serve the program between calls: it wants to hang up and reset the modem in order."""
        until = time.monotonic() + wall_seconds
        while going_on() and time.monotonic() < until:
            self._pass(TURN_SECONDS)

    def _wait(
        self, happened: Callable[[], bool], wall_seconds: float, verb: str, *, ringing: bool = False
    ) -> None:
        until = time.monotonic() + wall_seconds
        next_ring = self._line_seconds
        while not happened():
            if time.monotonic() > until:
                raise LineError(f"no program has {verb} at {self.device}")
            if ringing and self._line_seconds >= next_ring:
                next_ring += _RING_SECONDS
                self._end.call_event(_ALERTING)
            self._pass(TURN_SECONDS)

    def _converse(
        self, ours: AudioEnd, session: Session, off_hook: Callable[[], bool]
    ) -> SessionResult:
        """Join our end to the modem until one of them hangs up."""
        limit = self._line_seconds + _LINE_LIMIT_SECONDS
        while not session.ended and off_hook() and self._line_seconds < limit:
            self._turn(ours)
        session.terminate()
        if off_hook():
            self._end.call_event(_HUNG_UP)
        return session.result()

    def _clock_from_now(self) -> Callable[[], float]:
        began = self._line_seconds
        return lambda: self._line_seconds - began

    def _pass(self, seconds: float) -> None:
        for _ in range(max(1, round(seconds / TURN_SECONDS))):
            self._turn(None)

    def _turn(self, ours: AudioEnd | None) -> None:
        """20 ms of the line; without an end of ours the modem hears silence."""
        began = time.monotonic()
        self._talk_to_program()
        self._end.speak()
        if ours is None:
            self._end.hear(silence())
        else:
            ours.speak()
            self._end.hear(ours.samples)
            ours.hear(self._end.samples)
            ours.check()
        self._end.check()
        self._line_seconds += TURN_SECONDS
        if self._clear_to_send and self._turns.is_programs:
            select.select([self._master], [], [], TURN_SECONDS)
        else:
            time.sleep(max(0.0, began + TURN_SECONDS / self._speed - time.monotonic()))

    def _talk_to_program(self) -> None:
        if self._unwritten:
            with contextlib.suppress(BlockingIOError):
                written = os.write(self._master, self._unwritten)
                del self._unwritten[:written]
        if self._clear_to_send:
            with contextlib.suppress(BlockingIOError):
                text = os.read(self._master, _MOST_AT_ONCE)
                self._turns.program_said(text)
                self._end.from_host(text)

    def close(self) -> None:
        """Take the modem away; a program that still has it open sees a hang-up."""
        self._end.close()
        os.close(self._master)
        os.close(self._slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


class _Turns:
    """Whose turn it is to say something on the terminal: the program's or the modem's.

    T.31 is a dialogue: a command, its answer; after CONNECT to a transmitting command (+FTM,
    +FTH) data until DLE ETX, then OK; after CONNECT to a receiving one data from the modem.
    """

    _ANSWERS = (b"OK\r\n", b"CONNECT\r\n", b"NO CARRIER\r\n", b"ERROR\r\n", b"BUSY\r\n")
    _END_OF_DATA = b"\x10\x03"

    def __init__(self) -> None:
        self.is_programs = True
        self._transmitting = False  # the program is to send data, or sends it
        self._command = b""
        self._tail = b""  # a DLE ETX may come in two pieces

    def modem_said(self, text: bytes) -> None:
        """What the modem wrote, an answer or data."""
        answered = text.endswith(self._ANSWERS)
        connected = answered and text.endswith(b"CONNECT\r\n")
        self._transmitting = connected and b"+FT" in self._command
        self.is_programs = answered and not (connected and b"+FR" in self._command)

    def program_said(self, text: bytes) -> None:
        """What the program wrote. In the midst of data it is its turn again at once."""
        if self._transmitting:
            self._tail = (self._tail + text)[-len(self._END_OF_DATA) :]
            self.is_programs = self._tail != self._END_OF_DATA
        else:
            self._command = text.upper()
            self.is_programs = False
