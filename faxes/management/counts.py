"""``/metrics`` of a machine that has workers and no web server: what its processes have counted."""

import logging
import socket
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any, Final

from django.conf import settings

from accounts import tallies
from accounts.exposition import CONTENT_TYPE, PATH, FromTallies, as_text, may_read

log = logging.getLogger(__name__)
_TRY_EVERY: Final = 5.0  # seconds
_LOOK_EVERY: Final = 1.0
_PATIENCE: Final = 5.0


def tell_counts(*, stopping: threading.Event, say: Callable[[str], Any]) -> None:
    """Answer on ``FAXPORTAL_METRICS_PORT`` until it is time to stop.

    Of several that share a port, one answers for all whose data folder it shares; another takes
    over when that is gone.
    """
    said = False
    while not stopping.is_set():
        try:
            server = _Server()
        except OSError as error:
            if not said:
                say(f"metrics wait for port {settings.METRICS_PORT}: {error.strerror}")
            said = True
            stopping.wait(_TRY_EVERY)
            continue
        with server:
            server.timeout = _LOOK_EVERY
            while not stopping.is_set():
                server.handle_request()


class _Server(TCPServer):
    """One request at a time, of the operator's networks alone; nobody comes here by a proxy."""

    allow_reuse_address = True

    def __init__(self) -> None:
        self.address_family = socket.AF_INET6 if ":" in settings.BIND else socket.AF_INET
        super().__init__((settings.BIND, settings.METRICS_PORT), _Handler)

    def verify_request(self, _request: Any, client_address: Any) -> bool:
        return may_read(client_address[0])

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Who asked may have gone, which is nothing; all else is a fault of ours."""
        fault = sys.exception()
        if not isinstance(fault, OSError):
            log.error("counts could not be told", exc_info=fault)


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE
    server_version, sys_version = "faxportal", ""

    def do_GET(self) -> None:  # the name that http.server looks for
        if self.path != PATH:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        text = as_text(FromTallies(tallies.tallies().read()))
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_args: Any) -> None:
        """Nothing: it is asked every few seconds."""
