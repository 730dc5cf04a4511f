"""Take whatever a carrier has received since a date and is not here."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import NotThere
from faxes.carriers.base import CarrierError
from faxes.services.sync import backfill_by_operator


class Command(BaseCommand):
    help = (
        "Take whatever a carrier has received since a date and is not here, as if it came in now: "
        "for numbers that were entered after their faxes had come. What was deleted here does not "
        "come back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--carrier", required=True, type=UUID, metavar="ID")
        parser.add_argument("--since", required=True, type=_moment, metavar="DATE", help="in UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            new = backfill_by_operator(options["carrier"], since=options["since"])
        except NotThere:
            raise CommandError(f"there is no carrier {options['carrier']}") from None
        except CarrierError as trouble:
            raise CommandError(f"the carrier does not tell ({trouble})") from None
        self.stdout.write(f"{new} faxes were not here")


def _moment(written: str) -> datetime:
    """A date or a time in ISO 8601, in UTC unless it says otherwise."""
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
