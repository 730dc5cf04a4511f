"""manage.py replay_deletions: delete again what came back with a restored database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from faxes.services.replay_deletions import replay


class Command(BaseCommand):
    help = (
        "Deletes and strips again what FAXPORTAL_DELETION_LIST names and a restored database has "
        "brought back. Run it before a restored portal is opened to anybody: until then "
        "/health/ready says no. May be stopped, and run again, at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = replay()
        self.stdout.write(f"{done.deleted} deleted again, {done.stripped} stripped again")
        if done.left:
            raise CommandError(
                f"{done.left} fax(es) are under way, or could not be removed (the log says why): "
                "start the portal without letting anybody in, wait until they have ended, and run "
                "this again."
            )
