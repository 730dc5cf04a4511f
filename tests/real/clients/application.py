"""A customer's application: it has documents to fax, is called back, and checks who calls.

It serves ``/letter.pdf`` at once and ``/slow.pdf`` once it is let; ``/inbound`` says what is to be
done with a fax that comes in, and all else is for being told.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Call:
    """What the portal told: where, what, and whether the vendor's validator believes it."""

    path: str
    told: dict[str, str]
    believed: bool


@dataclass
class Application:
    """``validate`` takes address, parameters and signature; ``answer`` is told to inbound faxes."""

    port: int
    letter: bytes
    validate: Callable[[str, dict[str, str], str], bool]
    signed_in: str
    answer: str
    calls: list[Call] = field(default_factory=list)
    let: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        """An address of this application."""
        return f"http://127.0.0.1:{self.port}{path}"

    def take(self, path: str, told: dict[str, str], signature: str) -> None:
        """Note what was told. Were a word of it another, it must not be believed."""
        believed = self.validate(self.url(path), told, signature)
        forged = self.validate(self.url(path), told | {"FaxStatus": "forged"}, signature)
        self.calls.append(Call(urlsplit(path).path, told, believed and not forged))

    def told(self, path: str, status: str, seconds: float = 40) -> Call:
        """Wait for a call that tells this status."""
        deadline = time.monotonic() + seconds
        while True:
            for call in list(self.calls):
                if (call.path, call.told.get("FaxStatus")) == (path, status):
                    return call
            if time.monotonic() > deadline:
                heard = [(call.path, call.told.get("FaxStatus")) for call in self.calls]
                raise TimeoutError(f"{path} is not told {status}: {heard}")
            time.sleep(0.05)

    def start(self) -> None:
        """Serve as long as this process lives."""
        application = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/slow.pdf":
                    application.let.wait(30)
                self._answer("application/pdf", application.letter)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                told = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
                application.take(self.path, told, self.headers[application.signed_in])
                self._answer("text/xml", application.answer.encode())

            def _answer(self, kind: str, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
