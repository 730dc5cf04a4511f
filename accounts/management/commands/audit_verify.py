"""manage.py audit_verify: whether the audit log is whole, and if not, where it is broken."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.services import audit


class Command(BaseCommand):
    help = "Check the chains of the audit log, of all accounts or of one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", type=UUID, help="the id of one account")

    def handle(self, *args: Any, account: UUID | None = None, **options: Any) -> None:
        broken = 0
        for account_id, name in audit.chains():
            if account is not None and account_id != UUID(str(account)):
                continue
            found = audit.verify(account_id)
            broken += found is not None
            told = (
                f"whole, {audit.length(account_id)} entries"
                if found is None
                else f"BROKEN: entry {found.number} {found.what}"
            )
            self.stdout.write(f"{account_id} {name or '(no such account any more)'}: {told}")
        if broken:
            raise CommandError(f"{broken} broken")
