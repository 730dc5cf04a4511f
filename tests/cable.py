"""A cable between a portal and a server, which a test may pull out."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.ports import free_port


class Cable:
    """Leads from ``port`` to a server's on this machine, while it is plugged in."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.port = free_port()
        self._ends: list[socket.socket] = []
        self._door: socket.socket | None = None

    def plug(self) -> None:
        self._door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._door,), daemon=True).start()

    def unplug(self) -> None:
        """Nobody gets through any more, and who was through is cut off."""
        door, self._door = self._door, None
        if door is not None:
            _cut(door)
        while self._ends:
            _cut(self._ends.pop())

    def _accept(self, door: socket.socket) -> None:
        with door, suppress(OSError):
            while True:
                near = door.accept()[0]
                try:
                    far = socket.create_connection(("127.0.0.1", self.to))
                except OSError:
                    near.close()
                    continue
                self._ends += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=pair, daemon=True).start()
                if self._door is not door:
                    _cut(near)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Carry one way until either end is gone; each way closes the end that it reads from."""
    with source, suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _cut(sink)


def _cut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cable(to: int, *, plugged: bool = True) -> Iterator[Cable]:
    """A cable for one test."""
    made = Cable(to)
    if plugged:
        made.plug()
    try:
        yield made
    finally:
        made.unplug()
