"""Deliver and fetch whatever waits for the outside; ``worker`` starts and guards this."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from faxes.services.couriers import run


class Command(BaseCommand):
    requires_system_checks = ()  # whoever starts this has run them
    help = (
        "Deliver what webhooks are told, and fetch documents that lie at web addresses "
        "(started and guarded by the worker command)."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        run(stopping=stopping)
