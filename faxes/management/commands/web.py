"""Run the web server alone, where other machines do the work."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from faxes.management.children import guard
from faxes.management.serving import require_free_port, web_server


class Command(BaseCommand):
    help = "Run the web server in the foreground, and nothing else; SIGTERM or Ctrl-C stops it."

    def handle(self, *args: Any, **options: Any) -> None:
        require_free_port()
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        guard([web_server()], stopping=stopping.is_set, say=self.stderr.write)
