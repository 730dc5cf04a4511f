"""Make a PDF of a fax TIFF, just as the portal does of what it received."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from faxes.management.conversion import tell, told_in_a_line
from faxes.services.convert_files import unfax


class Command(BaseCommand):
    requires_system_checks = ()  # needs no database, and nothing of the site but its limits
    help = "Make a PDF of a fax TIFF; its coded pages are carried over unless they are damaged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tiff", type=Path, metavar="IN.tiff")
        parser.add_argument("-o", "--out", required=True, type=Path, metavar="OUT.pdf")
        parser.add_argument("--json", action="store_true", help="tell of each page, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with told_in_a_line(self.stderr):
            made = unfax(options["tiff"], options["out"])
            tell(made, self.stdout, as_json=options["json"])
