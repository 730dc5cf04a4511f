"""Run the whole portal in the foreground: web server and worker."""

import errno
import signal
import socket
import sys
import time
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from faxes.management.children import Child, guard

# What stops a whole group of processes may reach us twice; that is no second wish.
_SAME_WISH: Final = 0.5  # seconds


class Command(BaseCommand):
    help = "Run web server and worker in the foreground; Ctrl-C stops all of it."

    def handle(self, *args: Any, **options: Any) -> None:
        self._assert_port_is_free()
        told: list[float] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told.append(time.monotonic()))
        children = [self._web(), Child.manage("worker", "worker")]
        self._tell(self._greeting())

        def stopping() -> bool:
            if told:
                self._tell("Stopping; Ctrl-C again to stop at once")
            return bool(told)

        guard(
            children,
            stopping=stopping,
            say=self.stderr.write,
            at_once=lambda: told[-1] - told[0] > _SAME_WISH,
        )

    def _tell(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    def _assert_port_is_free(self) -> None:
        """Web servers share a port in silence, and the people with it: so ask before they do.

        The address may be used again, since connections of the last run linger for a minute.
        """
        port = settings.PORT
        try:
            found = socket.getaddrinfo(settings.BIND, port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, address = found[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(
                    f"port {port} is in use; set FAXPORTAL_PORT to another"
                ) from None
            if error.errno == errno.EACCES:
                raise CommandError(
                    f"port {port} is not for this user; set FAXPORTAL_PORT to another"
                ) from None
            raise CommandError(
                f"FAXPORTAL_BIND is {settings.BIND}, where nothing can listen: {error.strerror}"
            ) from None

    def _web(self) -> Child:
        return Child(
            "web server",
            [
                sys.executable,
                "-m",
                "faxes.management.web",
                "--interface=wsgi",
                f"--host={settings.BIND}",
                f"--port={settings.PORT}",
                f"--workers={settings.WEB_WORKERS}",
                "--blocking-threads=4",
                "--respawn-failed-workers",
                "--log-level=warning",
                "faxportal.wsgi:application",
            ],
        )

    def _greeting(self) -> str:
        lines = ["", f"  The portal is at {settings.BASE_URL}", ""]
        if settings.DEMO:
            lines += [
                "  Sign in as   admin@northside.example   (a clinic, +1 202 555 0121)",
                "          or   admin@lakeside.example    (a law firm, +1 312 555 0122)",
                "          or   admin@harbor.example      (their reseller)",
                "  Password     demo-fax-portal",
                "",
                "  Test numbers: +1 202 555 0100 receives, 0101 is busy, 0109 is slow to watch.",
                "",
            ]
        return "\n".join([*lines, "  Ctrl-C stops it.", ""])
