"""Do the portal's work, or that of some queues: task workers, line, couriers, what is due."""

import signal
import threading
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from faxes.management import vigil
from faxes.management.children import Child, guard
from faxes.management.counts import tell_counts
from faxes.management.options import add_queues, as_arguments
from faxes.queues import LINE, WITH_JOBS
from faxes.services.couriers import WITH_COURIERS
from faxes.services.scheduler import keep_time

_LOOK_EVERY: Final = 5.0  # seconds
_END_WITHIN: Final = 5.0


class Command(BaseCommand):
    help = "Run task workers, the embedded line, couriers and the sweep; keep them running."

    def add_arguments(self, parser: CommandParser) -> None:
        add_queues(parser, workers=True)

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        timed = threading.Thread(target=keep_time, kwargs={"stopping": stopping}, daemon=True)
        with vigil.folder() as folder:
            tasks = _task_workers(options, vigil.env(folder))
            children = [*filter(None, [tasks]), *_others(options)]
            note = vigil.Note(folder, options["queues"], children)
            timed.start()
            if settings.METRICS_PORT:
                told = {"stopping": stopping, "say": self.stderr.write}
                threading.Thread(target=tell_counts, kwargs=told, daemon=True).start()
            if tasks:
                watch = (stopping, tasks, note, options["queues"])
                threading.Thread(target=self._watch, args=watch, daemon=True).start()
            guard(children, stopping=stopping.is_set, say=self.stderr.write, note=note)
        timed.join(_END_WITHIN)

    def _watch(
        self, stopping: threading.Event, tasks: Child, note: vigil.Note, queues: Sequence[str]
    ) -> None:
        """Kill task workers that have stopped working."""
        progress = vigil.Progress([each for each in WITH_JOBS if each in queues])
        while not stopping.wait(_LOOK_EVERY):
            try:
                note.stuck = progress.look()
            except Exception as error:  # noqa: BLE001 (nobody could take anything, either)
                note.stuck = 0.0
                self.stderr.write(f"whether jobs are taken cannot be told: {type(error).__name__}")
                close_old_connections()
            if note.stuck > vigil.STUCK_AFTER:
                self.stderr.write("task workers are stuck; starting them again")
                tasks.kill()
                progress.forget()


def _task_workers(options: dict[str, Any], env: dict[str, str]) -> Child | None:
    """The task workers, if any of the queues has jobs."""
    if not set(options["queues"]) & set(WITH_JOBS):
        return None
    told = [*as_arguments(options, "queues"), *as_arguments(options, "workers")]
    return Child.manage("task workers", "cluster", *told, **env)


def _others(options: dict[str, Any]) -> list[Child]:
    queues, others = set(options["queues"]), []
    if LINE in queues:
        others.append(Child.manage("line", "line"))
    if queues & WITH_COURIERS:
        told = as_arguments(options, "queues")
        others.append(Child.manage("couriers", "couriers", *told))
    return others
