"""Deliver and fetch whatever waits for the outside; ``worker`` starts and guards this."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from faxes.management.options import add_queues
from faxes.services.couriers import run


class Command(BaseCommand):
    requires_system_checks = ()  # whoever starts this has run them
    help = (
        "Deliver what webhooks, mails and text messages tell, and fetch documents from elsewhere "
        "(started and guarded by the worker command)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_queues(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        run(stopping=stopping, queues=options["queues"])
