"""Carry the calls of the embedded line; ``worker`` starts and guards this."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from faxes.services.line import run_line


class Command(BaseCommand):
    requires_system_checks = ()  # whoever starts this has run them
    help = "Carry the calls of the embedded line (started and guarded by the worker command)."

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        run_line(channels=settings.LINES, stopping=stopping)
