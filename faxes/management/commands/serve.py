"""Run the whole portal in the foreground: web server and worker."""

import signal
import socket
import time
from typing import Any, Final

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand

from faxes.management.children import Child, guard
from faxes.management.serving import require_free_port, web_server
from faxes.management.waiting import wait_for_databases
from faxes.services.demo import DEMO_TOKEN

# What stops a whole group of processes may reach us twice; that is no second wish.
_SAME_WISH: Final = 0.5  # seconds


def _family(bind: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in bind else socket.AF_INET


class Command(BaseCommand):
    help = "Run web server and worker in the foreground; Ctrl-C stops all of it."

    def handle(self, *args: Any, **options: Any) -> None:
        require_free_port()
        wait_for_databases()
        self.check(tags=[Tags.database], databases=list(settings.DATABASES))
        told: list[float] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told.append(time.monotonic()))
        worker = Child.manage("worker", "worker", "--skip-checks")  # which this command has run
        children = [self._web(), worker]
        takes_mail = self._is_free(settings.SMTP_BIND, settings.SMTP_PORT)
        if takes_mail:
            children.append(Child.manage("mail gateway", "smtp_gateway"))
        self._tell(self._greeting(takes_mail=takes_mail))

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

    def _is_free(self, bind: str, port: int) -> bool:
        """Whether something can listen there: another program may, and the portal goes on."""
        try:
            with socket.create_server((bind, port), family=_family(bind)):
                return True
        except OSError:
            return False

    def _web(self) -> Child:
        return web_server()

    def _greeting(self, *, takes_mail: bool) -> str:
        port = settings.SMTP_PORT
        mails = (
            f"  Mails to fax numbers are taken on port {port}"
            if takes_mail
            else f"  No mails are taken: port {port} cannot be had; set FAXPORTAL_SMTP_PORT"
        )
        lines = ["", f"  The portal is at {settings.BASE_URL}", mails, ""]
        if settings.DEMO:
            lines += [
                "  Sign in as   admin@northside.example   (a clinic, +1 202 555 0121)",
                "          or   admin@lakeside.example    (a law firm, +1 312 555 0122)",
                "          or   admin@harbor.example      (their reseller)",
                "  Password     demo-fax-portal",
                "",
                "  Test numbers: +1 202 555 0100 receives, 0101 is busy, 0109 is slow to watch.",
                "",
                "  Send a fax from a shell:",
                f"  curl -H 'Authorization: Bearer {DEMO_TOKEN}' \\",
                f"    -F to=+13125550122 -F documents=@README.md {settings.BASE_URL}/api/v1/faxes",
                "",
            ]
        return "\n".join([*lines, "  Ctrl-C stops it.", ""])
