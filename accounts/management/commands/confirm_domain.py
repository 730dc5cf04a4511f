"""manage.py confirm_domain: serve a brand's host on the operator's word, without asking DNS."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import HostTaken, HostUnproven
from accounts.services.domains import confirm_domain


class Command(BaseCommand):
    help = "Serve a host that an account named as its own; it goes on record."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")

    def handle(self, *args: Any, domain: str, **options: Any) -> None:
        try:
            account = confirm_domain(domain=domain)
        except HostUnproven:
            raise CommandError(f"not one account waits for {domain}: none, or several") from None
        except HostTaken:
            raise CommandError(f"{domain} is served already, for another account") from None
        self.stdout.write(f"{domain} leads to {account.name} now")
