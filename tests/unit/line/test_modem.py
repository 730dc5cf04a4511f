"""The modem at a pseudo-terminal, as a program at the other side of it sees it."""

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from faxes.line.errors import LineError
from faxes.line.modem import Modem
from faxes.line.result import SessionResult
from faxes.line.station import Station

PATIENCE = 10.0  # wall seconds
END_OF_DATA = b"\x10\x03"


class Terminal:
    """A program at the modem's device: writes commands, waits for words."""

    def __init__(self, device: str) -> None:
        self._file = os.open(device, os.O_RDWR | os.O_NOCTTY)
        self._heard = b""

    def say(self, command: bytes) -> None:
        self.send(command + b"\r")

    def send(self, data: bytes) -> None:
        os.write(self._file, data)

    def hear(self, words: bytes, seconds: float = PATIENCE) -> bytes:
        """What came up to and with the words; the rest is kept for the next time."""
        until = time.monotonic() + seconds
        while words not in self._heard:
            ready, _, _ = select.select([self._file], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"{words!r} did not come, only {self._heard!r}"
            self._heard += os.read(self._file, 4096)
        before, self._heard = self._heard.split(words, 1)
        return before + words

    def close(self) -> None:
        os.close(self._file)


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem(speed=20.0) as device:
        yield device


@pytest.fixture
def terminal(modem: Modem) -> Iterator[Terminal]:
    program = Terminal(modem.device)
    yield program
    program.close()


class Background:
    """Runs the modem's side in a thread, so that the test can be the program."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.over = threading.Event()
        self.result: SessionResult | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Callable[[], SessionResult | None]) -> None:
        def keep() -> None:
            with contextlib.suppress(LineError):
                self.result = work()
                self._modem.idle_while(lambda: not self.over.is_set(), wall_seconds=PATIENCE)

        self._thread = threading.Thread(target=keep)
        self._thread.start()

    def join(self) -> None:
        self.over.set()
        if self._thread is not None:
            self._thread.join(PATIENCE + 5)


@pytest.fixture
def background(modem: Modem) -> Iterator[Background]:
    side = Background(modem)
    yield side
    side.join()  # before the modem is taken away under it


def test_it_speaks_class_1_at_all_the_speeds_of_a_fax(terminal, background):
    background.run(lambda: None)
    terminal.say(b"ATE0")
    terminal.hear(b"OK")
    terminal.say(b"AT+FCLASS=1")
    terminal.hear(b"OK")
    terminal.say(b"AT+FTM=?")
    assert b"24,48,72,73,74,96,97,98,121,122,145,146" in terminal.hear(b"OK")


def test_a_program_that_dials_reaches_a_fax_machine(modem, terminal, background, received):
    station = Station(station_id="+12025550100")
    background.run(lambda: modem.receive(station, received, wall_seconds=PATIENCE))
    terminal.say(b"ATE0+FCLASS=1")
    terminal.hear(b"OK")
    terminal.say(b"ATDT0301234")
    terminal.hear(b"CONNECT")
    # A CSI frame: address, control, control field, the number backwards (T.30 section 5.3.6.2).
    assert b"\xff\x03\x40" + station.station_id.encode()[::-1] in terminal.hear(b"OK")
    terminal.say(b"ATH0")
    terminal.hear(b"OK")
    background.join()
    assert background.result is not None
    assert background.result.completion_code == 49
    assert background.result.pages == 0
    assert not received.exists()


def test_a_program_that_is_called_hears_it_ring_and_may_hang_up(
    modem, terminal, background, documents
):
    station, document = Station(station_id="+12025550100"), documents(1)
    background.run(lambda: modem.send(station, document, wall_seconds=PATIENCE))
    terminal.say(b"ATE0+FCLASS=1")
    terminal.hear(b"RING")
    terminal.say(b"ATA")
    terminal.hear(b"CONNECT")
    terminal.send(END_OF_DATA)
    terminal.hear(b"OK")
    terminal.say(b"ATH0")
    terminal.hear(b"OK")
    background.join()
    assert background.result is not None
    assert background.result.completion_code == 49
    assert background.result.pages == 0


def test_nobody_waits_for_ever_for_a_program_that_does_nothing(modem, received):
    with pytest.raises(LineError, match="no program has dialled"):
        modem.receive(Station(), received, wall_seconds=0.2)
