"""manage.py rotate_keys: after a new site key, wrap the keys of accounts with it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faxes.services.site_keys import replace_account_keys, wrap_keys_anew


class Command(BaseCommand):
    help = (
        "Wraps the keys of all accounts with the first of the site's keys (FAXPORTAL_SITE_KEYS); "
        "the others must open them. Documents stay as they are. May be stopped, and run again, at "
        "any time, while the portal runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--accounts",
            action="store_true",
            help="first give every account a new key, for when one may be known to somebody",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accounts"]:
            count = replace_account_keys()
            self.stdout.write(f"{count} account(s) have new keys")
        wrapped = wrap_keys_anew()
        self.stdout.write(f"{wrapped.done} wrapped anew, {wrapped.lost} lost")
        if wrapped.lost:
            raise CommandError(
                f"No site key that is known opens what {wrapped.lost} account(s) have: "
                "list the keys of before, too."
            )
        self.stdout.write("Everything hangs on the first site key: the others may go.")
