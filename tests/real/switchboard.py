"""An exchange with one line: the embedded line's modem, served by a thread of its own."""

import queue
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faxes.line.modem import Modem
from faxes.line.result import SessionResult
from faxes.line.station import Station

_PATIENCE = 60.0  # wall seconds, for a program to take up a call


@dataclass
class Answered:
    """A call from the program: what it dialled, what came of it, and the pages that came."""

    number: str
    result: SessionResult
    pages: Path


@dataclass
class Switchboard:
    """Who may be dialled, and what was. A number that is not in ``stations`` is busy."""

    device: str
    stations: dict[str, Station] = field(default_factory=dict)
    answered: "queue.Queue[Answered]" = field(default_factory=queue.Queue)
    refused: list[str] = field(default_factory=list)
    _orders: "queue.Queue[tuple[Station, Path, queue.Queue[Any]]]" = field(
        default_factory=queue.Queue
    )
    _ended: threading.Event = field(default_factory=threading.Event)

    def call(self, station: Station, document: Path) -> SessionResult:
        """Ring the program, and send it a document once it answers."""
        outcome: queue.Queue[Any] = queue.Queue()
        self._orders.put((station, document, outcome))
        told = outcome.get(timeout=2 * _PATIENCE)
        if isinstance(told, Exception):
            raise told
        assert isinstance(told, SessionResult)
        return told

    def serve(self, modem: Modem, folder: Path) -> None:
        """Do what is dialled or ordered, one call after the other."""
        calls = 0
        while not self._ended.is_set():
            modem.idle_while(lambda: not self._has_to_do(modem), wall_seconds=_PATIENCE)
            number = modem.dialled
            if number is not None:
                calls += 1
                self._take(modem, number, folder / f"{calls}.tiff")
            elif not self._orders.empty():
                self._ring(modem, *self._orders.get())

    def _has_to_do(self, modem: Modem) -> bool:
        return self._ended.is_set() or modem.dialled is not None or not self._orders.empty()

    def _take(self, modem: Modem, number: str, pages: Path) -> None:
        digits = "+" + "".join(filter(str.isdigit, number))
        station = self.stations.get(digits)
        if station is None:
            self.refused.append(digits)
            modem.refuse(busy=True)
            return
        result = modem.receive(station, pages, wall_seconds=_PATIENCE)
        self.answered.put(Answered(digits, result, pages))

    def _ring(
        self, modem: Modem, station: Station, document: Path, outcome: "queue.Queue[Any]"
    ) -> None:
        try:
            outcome.put(modem.send(station, document, wall_seconds=_PATIENCE))
        except Exception as trouble:  # noqa: BLE001 (whoever ordered the call is told)
            outcome.put(trouble)

    def end(self) -> None:
        """Stop serving."""
        self._ended.set()


@contextmanager
def switchboard(*, speed: float) -> Iterator[Switchboard]:
    """A modem at a terminal, served until the block ends."""
    with tempfile.TemporaryDirectory(prefix="switchboard-") as folder, Modem(speed=speed) as modem:
        board = Switchboard(modem.device)
        serve: Callable[[], None] = lambda: board.serve(modem, Path(folder))  # noqa: E731
        thread = threading.Thread(target=serve, daemon=True, name="switchboard")
        thread.start()
        try:
            yield board
        finally:
            board.end()
            thread.join(timeout=10)
