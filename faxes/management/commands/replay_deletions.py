"""manage.py replay_deletions: delete again what came back with a restored database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faxes.services.replay_deletions import replay


class Command(BaseCommand):
    help = (
        "Deletes and strips again what the list of deletions names and a restored database has "
        "brought back. Run it before a restored portal is opened to anybody: until then "
        "/health/ready says no. May be stopped, and run again, at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--even-unread",
            action="store_true",
            help="Take lines that cannot be read as done: what they named may be here still.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = replay(even_unread=options["even_unread"])
        self.stdout.write(f"{done.deleted} deleted again, {done.stripped} stripped again")
        if done.left:
            raise CommandError(
                f"{done.left} fax(es) are under way, or could not be removed (the log says why): "
                "start the portal without letting anybody in, wait until they have ended, and run "
                "this again."
            )
        if done.unread and not options["even_unread"]:
            raise CommandError(
                f"{done.unread} line(s) of the list cannot be read (the log says which): if they"
                " were sealed with a secret key of before, name it in FAXPORTAL_OLD_SECRET_KEYS. If"
                " they are damaged, run this with --even-unread."
            )
