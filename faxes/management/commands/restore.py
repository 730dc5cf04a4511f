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

    def handle(self, *args: Any, **options: Any) -> None:
        without = {"without_deletions": options["without_deletions"]}
        try:
            done = restore(options["folder"], options["keys"], **without)
        except BackupError as error:
            raise CommandError(str(error)) from error
        again = done.replayed
        self.stdout.write(
            f"{done.documents} document(s) are back; {again.deleted} deleted again, "
            f"{again.stripped} stripped again"
        )
        if done.waiting:
            self.stdout.write(
                f"{done.waiting} fax(es) wait to go out as they did when the backup was made: "
                "those that went out since would go out twice. Look at them before you start."
            )
        if again.left:
            raise CommandError(
                f"{again.left} fax(es) of the list of deletions are there still: start the portal "
                "with nobody let in, wait until they have ended, and run replay_deletions."
            )
