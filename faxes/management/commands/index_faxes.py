"""Read the pages of faxes that are there already, for accounts that find faxes by their words."""

import time
from argparse import ArgumentParser
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import AccountNotFound
from faxes.services import page_text

_PORTION_SECONDS: Final = 10.0
_PATIENCE: Final = 1.0  # while task workers read the last ones


class Command(BaseCommand):
    help = (
        "Reads the pages of faxes that came and went before their account switched on search in "
        "the pages of faxes. May be stopped at any time, and run again: it goes on where it was. "
        "Task workers help; with --leave they do all of it, beside their other work."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", default="", metavar="DOMAIN", help="only this one")
        parser.add_argument("--leave", action="store_true", help="leave the reading to the workers")

    def handle(self, *args: Any, **options: Any) -> None:
        if not page_text.can_read():
            raise CommandError(
                "Tesseract is not installed (Debian: tesseract-ocr), or lacks a language of "
                "FAXPORTAL_PAGE_LANGUAGES."
            )
        try:
            accounts = page_text.searching_accounts(realm=options["account"])
        except AccountNotFound:
            raise CommandError(f"no account has the domain name {options['account']}") from None
        if not accounts:
            raise CommandError("no such account has switched on search in the pages of faxes")
        for account_id, realm in accounts.items():
            self._note(account_id, realm)
        if not options["leave"]:
            for account_id, realm in accounts.items():
                self._read(account_id, realm)

    def _note(self, account_id: UUID, realm: str) -> None:
        noted, behind = page_text.note_stored(account_id=account_id, behind=None)
        while behind is not None:
            more, behind = page_text.note_stored(account_id=account_id, behind=behind)
            noted += more
        left = page_text.left_to_read(account_id=account_id)
        self.stdout.write(f"{realm}: {noted} faxes noted, {left} to read")

    def _read(self, account_id: UUID, realm: str) -> None:
        told = time.monotonic()
        while left := page_text.left_to_read(account_id=account_id):
            until = time.monotonic() + _PORTION_SECONDS
            if not page_text.read_next(until=until, account_id=account_id):
                time.sleep(_PATIENCE)
            if time.monotonic() - told > _PORTION_SECONDS:
                told = time.monotonic()
                self.stdout.write(f"{realm}: {left} to read")
        self.stdout.write(f"{realm}: all read")
