"""Addresses that nobody may call, and a watch kept on them."""

import contextlib
import selectors
import socket
import threading
from pathlib import Path

from tests.hostile.hostile import Lures

MARKER = "the-canary-sings-7f3a91"


class Canary:
    """Listens on loopback by both internet protocols, and as a name server would; counts calls."""

    def __init__(self, folder: Path) -> None:
        self.calls: list[str] = []
        secret = folder / "secret.txt"
        secret.write_text(f"{MARKER}\n" * 20)
        self._ends = threading.Event()
        self._selector = selectors.DefaultSelector()
        self.port = self._listen("127.0.0.1", socket.AF_INET)
        self.port6 = self._listen("::1", socket.AF_INET6)
        names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        names.bind(("127.0.0.1", 0))
        self.name_port = names.getsockname()[1]
        self._selector.register(names, selectors.EVENT_READ, "asked for a name")
        self.lures = Lures(
            web=f"http://127.0.0.1:{self.port}/",
            web6=f"http://[::1]:{self.port6}/",
            named=f"http://localhost:{self.port}/",
            secret=secret,
        )
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _listen(self, address: str, family: socket.AddressFamily) -> int:
        server = socket.create_server((address, 0), family=family)
        self._selector.register(server, selectors.EVENT_READ, f"called on {address}")
        return int(server.getsockname()[1])

    def _watch(self) -> None:
        while not self._ends.is_set():
            for key, _ in self._selector.select(0.05):
                assert isinstance(key.fileobj, socket.socket)
                self.calls.append(key.data)
                if key.fileobj.type == socket.SOCK_DGRAM:
                    key.fileobj.recv(9999)
                    continue
                line, _ = key.fileobj.accept()
                with line, contextlib.suppress(OSError):
                    line.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def close(self) -> None:
        """Stop watching."""
        self._ends.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
