"""Run the task workers; ``worker`` starts and guards this."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from faxes.management.cluster import run_cluster
from faxes.management.options import add_queues
from faxes.queues import WITH_JOBS


class Command(BaseCommand):
    requires_system_checks = ()  # whoever starts this has run them
    help = "Run django-q2's workers (started and guarded by the worker command)."

    def add_arguments(self, parser: CommandParser) -> None:
        add_queues(parser, workers=True)

    def handle(self, *args: Any, **options: Any) -> None:
        served = [each for each in WITH_JOBS if each in options["queues"]]
        run_cluster(served, workers=options["workers"])
