"""manage.py doctor: find what should not be, and repair what can be."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from faxes.services.doctor import EXAMINED, examine


class Command(BaseCommand):
    help = (
        "Looks for what should not be: faxes that nobody wakes, documents without their objects, "
        "objects that nobody needs, and more. Changes nothing without --repair. Shows ids, never "
        "content. Ends with 1 if something is left. May run beside the portal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="repair what can be")
        parser.add_argument("--json", action="store_true", help="say it as JSON")
        parser.add_argument("--only", choices=sorted(EXAMINED), default="", help="one look alone")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(examine(repair=options["repair"], only=options["only"]))
        if options["json"]:
            self.stdout.write(json.dumps([each.told() for each in found]))
        else:
            for each in found:
                self.stdout.write(f"{each.name}: {each.count} found, {each.repaired} repaired")
                self.stdout.write(f"  {each.remedy}")
                self.stdout.write(f"  {', '.join(each.ids)}")
            if not found:
                self.stdout.write("nothing found")
        if any(each.left for each in found):
            raise SystemExit(1)
