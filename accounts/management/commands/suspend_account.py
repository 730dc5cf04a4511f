"""manage.py suspend_account: suspend an account and all below it, or end that."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import AccountNotFound, TenantClosed
from accounts.services.operating import set_suspended


class Command(BaseCommand):
    help = "Suspend the account of a domain name (see account_tree), or with --resume end that."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("realm")
        parser.add_argument("--resume", action="store_true", help="end the suspension")

    def handle(self, *args: Any, realm: str, resume: bool, **options: Any) -> None:
        try:
            account = set_suspended(realm=realm, suspended=not resume)
        except AccountNotFound:
            raise CommandError(f"no account below another has the domain name {realm}") from None
        except TenantClosed:
            raise CommandError(f"{realm} is closed") from None
        self.stdout.write(f"{account.name}: {account.status}")
