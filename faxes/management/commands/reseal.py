"""manage.py reseal: after a new secret key, seal anew what the database holds sealed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from faxes.services.resealing import reseal_everything


class Command(BaseCommand):
    help = (
        "Seals everything anew with FAXPORTAL_SECRET_KEY; FAXPORTAL_OLD_SECRET_KEYS must open it. "
        "May be stopped, and run again, at any time, while the portal runs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        lost = 0
        for column in reseal_everything():
            lost += column.lost
            self.stdout.write(f"{column.what}: {column.done} sealed anew, {column.lost} lost")
        if lost:
            raise CommandError(f"No key that is known opens {lost} of them: enter those anew.")
        self.stdout.write("Everything has today's key: the old one may go.")
