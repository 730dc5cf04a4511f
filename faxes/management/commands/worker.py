"""Do the portal's work: task workers, the embedded line, couriers and the sweep, guarded."""

import signal
import threading
import time
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from faxes import jobs
from faxes.management.children import Child, guard
from faxes.services.sweep import sweep, tidy

# Longer than any task may take: then the cluster hangs, whatever the reason.
_STUCK_AFTER: Final = settings.Q_CLUSTER["timeout"] + 30
_TIDY_EVERY: Final = 120.0  # seconds


class Command(BaseCommand):
    help = "Run task workers, the embedded line, couriers and the sweep; keep them running."

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        tasks = Child.manage("task workers", "cluster")
        children = [tasks, Child.manage("line", "line"), Child.manage("couriers", "couriers")]
        threading.Thread(target=self._sweep, args=(stopping, tasks), daemon=True).start()
        guard(children, stopping=stopping.is_set, say=self.stderr.write)

    def _sweep(self, stopping: threading.Event, tasks: Child) -> None:
        """Sweep now and then, and kill task workers that have stopped working."""
        oldest, since = None, time.monotonic()
        tidied = -_TIDY_EVERY
        while not stopping.wait(settings.SWEEP_SECONDS):
            try:
                sweep()
                if time.monotonic() - tidied > _TIDY_EVERY:
                    tidy()
                    tidied = time.monotonic()
                waiting = jobs.oldest_waiting()
            except Exception as error:  # noqa: BLE001 (without the sweep what was lost stays lost)
                self.stderr.write(f"the sweep failed: {error!r}")
                close_old_connections()
                continue
            if waiting is None or waiting != oldest:
                oldest, since = waiting, time.monotonic()
            elif time.monotonic() - since > _STUCK_AFTER:
                self.stderr.write("task workers are stuck; starting them again")
                tasks.kill()
                since = time.monotonic()
