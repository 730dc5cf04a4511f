"""Make a fax TIFF of documents, just as the portal does before it sends them."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from faxes.enums import Paper, Quality
from faxes.management.conversion import tell, told_in_a_line
from faxes.services.convert_files import CoverSheet, faxify


class Command(BaseCommand):
    requires_system_checks = ()  # needs no database, and nothing of the site but its limits
    help = "Make one fax TIFF of documents in their order, as the portal would send it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("inputs", nargs="+", type=Path, metavar="IN", help="documents")
        parser.add_argument("-o", "--out", required=True, type=Path, metavar="OUT.tiff")
        parser.add_argument("--quality", choices=[each.value for each in Quality], default="fine")
        parser.add_argument("--paper", choices=[each.value for each in Paper], default="a4")
        parser.add_argument("--cover", metavar="TEMPLATE", help="a layout's name, or an HTML file")
        for name in ("to", "from", "subject", "message"):
            parser.add_argument(f"--{name}", default="", help="what the cover tells")
        parser.add_argument("--json", action="store_true", help="tell of each page, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        sheet = None
        if options["cover"]:
            sheet = CoverSheet(
                options["cover"],
                to=options["to"],
                sender=options["from"],
                subject=options["subject"],
                message=options["message"],
            )
        with told_in_a_line(self.stderr):
            made = faxify(
                options["inputs"],
                options["out"],
                quality=Quality(options["quality"]),
                paper=Paper(options["paper"]),
                cover_sheet=sheet,
            )
            tell(made, self.stdout, as_json=options["json"])
