"""Load the demonstration's accounts; safe to run again."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import DemoOnly
from faxes.services.demo import seed_demo
from faxes.services.demo_trade import seed_trade


class Command(BaseCommand):
    help = "Load the demonstration's accounts where they are missing, and show their log-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print everything, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo = seed_demo()
            seed_trade()
        except DemoOnly as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(demo, indent=2))
            return
        for account in demo["accounts"]:
            self.stdout.write(f"{account['name']} {' '.join(account['numbers'])}")
            for user in account["users"]:
                self.stdout.write(f"    {user['email']}  {user['password']}")
