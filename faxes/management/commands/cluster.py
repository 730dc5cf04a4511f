"""Run the task workers; ``worker`` starts and guards this."""

from typing import Any

from django.core.management.base import BaseCommand

from faxes.management.cluster import run_cluster


class Command(BaseCommand):
    requires_system_checks = ()  # whoever starts this has run them
    help = "Run django-q2's workers (started and guarded by the worker command)."

    def handle(self, *args: Any, **options: Any) -> None:
        run_cluster()
