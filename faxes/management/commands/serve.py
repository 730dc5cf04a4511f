"""Run the whole portal in the foreground: web server and worker."""

import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from faxes.management.children import Child, guard


class Command(BaseCommand):
    help = "Run web server and worker in the foreground; Ctrl-C stops all of it."

    def handle(self, *args: Any, **options: Any) -> None:
        stopping: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: stopping.append(number))
        children = [self._web(), Child.manage("worker", "worker")]
        self.stdout.write(self._greeting())
        guard(children, stopping=lambda: bool(stopping), say=self.stderr.write)

    def _web(self) -> Child:
        return Child(
            "web server",
            [
                sys.executable,
                "-m",
                "granian",
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
                "  Password     demo-fax-portal",
                "",
                "  Test numbers: +1 202 555 0100 receives, 0101 is busy, 0109 is slow to watch.",
                "",
            ]
        return "\n".join([*lines, "  Ctrl-C stops it.", ""])
