"""manage.py backup: copy database and documents, and the keys apart from them, while it runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faxes.services import backup
from faxes.services.backup_databases import BackupError


class Command(BaseCommand):
    help = (
        "Makes a backup while the portal runs: database and documents into FOLDER, the keys of "
        "documents into another, which is kept for a few days only: what is deleted is unreadable "
        "in every backup once those of the keys are gone. Settings, the secret key, the site's "
        "key, the signing key and the list of deletions are not in it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that is not there yet")
        parser.add_argument(
            "--keys", type=Path, help="the folder for the keys, not within the other"
        )
        parser.add_argument(
            "--documents",
            choices=("copy", "leave"),
            help="copy what is stored, or leave it to versions and replicas of the bucket; "
            "a folder is copied and a bucket left if not said",
        )
        parser.add_argument(
            "--verify", action="store_true", help="make none: read one, and say whether it is sound"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder, keys = options["folder"], options["keys"]
        try:
            if options["verify"]:
                seen = backup.verify(folder, keys)
                self.stdout.write(f"sound: {seen.documents} document(s), {seen.size} bytes")
                return
            if keys is None:
                raise CommandError("Say by --keys where the keys of documents go.")
            choice = options["documents"]
            copied = backup.in_a_folder() if choice is None else choice == "copy"
            made = backup.make(folder, keys, documents=copied)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{made.documents} document(s), {made.size} bytes; {made.missing} gone meanwhile"
            if copied
            else "database and keys; the documents are left to the bucket's versions and replicas"
        )
        self.stdout.write(
            "Not in it: settings, secret key, site's key, signing key, list of deletions."
        )
