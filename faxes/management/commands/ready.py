"""Say whether this machine does the work of some queues: for health checks of containers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError

from faxes.management import vigil
from faxes.management.options import add_queues
from faxes.queries.health import write_probe


class Command(BaseCommand):
    requires_system_checks = ()  # asked often, and whoever works here has run them
    help = (
        "Exit with 0 if a worker on this machine serves the queues and the database takes writes;"
        " else say what is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_queues(parser)
        parser.add_argument(
            "--alive",
            action="store_true",
            help="Look at the processes only: a database that is away is no reason to end them.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = vigil.troubles(options["queues"])
        if not options["alive"]:
            try:
                write_probe()
            except DatabaseError:
                found.append("the database takes no writes")
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("ready")
