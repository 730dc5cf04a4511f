"""manage.py restore: put a backup back onto an empty installation, less what was deleted since."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faxes.services.backup_databases import BackupError
from faxes.services.restore import restore


class Command(BaseCommand):
    help = (
        "Puts a backup back where the settings say that database and documents are, if nothing is "
        "there, and deletes again what the list of deletions names. Put settings, secret key, "
        "site's key and the newest list of deletions there first. May be stopped, and run again."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that backup has made")
        parser.add_argument("--keys", type=Path, required=True, help="that of its keys")
        parser.add_argument(
            "--without-deletions",
            action="store_true",
            help="there is no list of deletions: faxes deleted since the backup come back",
        )

        parser.add_argument(
            "--send-waiting",
            action="store_true",
            help="have faxes sent that waited then: none of them has gone out since",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        how = {name: options[name] for name in ("without_deletions", "send_waiting")}
        try:
            done = restore(options["folder"], options["keys"], **how)
        except BackupError as error:
            raise CommandError(str(error)) from error
        again = done.replayed
        self.stdout.write(
            f"{done.documents} document(s) are back; {again.deleted} deleted again, "
            f"{again.stripped} stripped again"
        )
        if done.stopped:
            self.stdout.write(
                f"{done.stopped} fax(es) that waited to be sent were taken back, as they may have "
                "gone out since; whoever sent them sees that, and sends them again or not"
            )
        if again.left:
            raise CommandError(
                f"{again.left} fax(es) of the list of deletions are there still: start the portal "
                "with nobody let in, wait until they have ended, and run replay_deletions."
            )
        if again.unread:
            raise CommandError(
                f"{again.unread} line(s) of the list of deletions cannot be read: replay_deletions "
                "says which, and what to do."
            )
