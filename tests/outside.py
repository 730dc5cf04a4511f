"""A web server on loopback that does what a test says, and remembers who asked for what."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Seen:
    """A request as it came in; ``peer`` is where it came from."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: str, port: int, outside: "Outside") -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.outside = outside
        super().__init__((address, port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nobody needs to know that a client went away."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    asked: Seen

    def answer(self, status: int = 200, body: bytes = b"fine", **headers: str) -> None:
        """Answer in good order; ``headers`` with _ for -."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def raw(self, data: bytes) -> None:
        """Put bytes on the wire as they are."""
        self.wfile.write(data)
        self.wfile.flush()

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        outside = self.server.outside
        self.asked = Seen(self.command, self.path, headers, body)
        with outside.lock:
            outside.seen.append(self.asked)
        self.close_connection = True
        outside.behave(self)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _do  # noqa: N815 (names of http.server)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class Outside:
    """What the server is told to do, and what it saw. ``ended`` lets hanging answers go."""

    behave: Callable[[Handler], None] = Handler.answer
    seen: list[Seen] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    address: str = ""
    scheme: str = "http"

    def url(self, path: str = "/", host: str = "") -> str:
        """Its address."""
        return f"{self.scheme}://{host or self.address}:{self.port}{path}"


@contextmanager
def outside(
    address: str = "127.0.0.1", port: int = 0, *, tls: ssl.SSLContext | None = None
) -> Iterator[Outside]:
    """Serve while the block lasts."""
    told = Outside(address=address, scheme="https" if tls else "http")
    server = Server(address, port, told)
    if tls:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
