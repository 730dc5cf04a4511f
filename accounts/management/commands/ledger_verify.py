"""Prove that every ledger adds up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services.ledger_audit import discrepancies


class Command(BaseCommand):
    help = "Add up every ledger and compare with the balances; fails if anything is off."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for sentence in discrepancies():
            found += 1
            self.stdout.write(sentence)
        if found:
            raise CommandError(f"{found} discrepancies")
        self.stdout.write("every ledger adds up")
