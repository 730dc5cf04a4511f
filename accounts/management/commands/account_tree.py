"""manage.py account_tree: who is below whom, and what is suspended or closed."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.services.operating import branches


class Command(BaseCommand):
    help = "Print the tree of accounts: name, domain name, kind, and what is not in use."

    def handle(self, *args: Any, **options: Any) -> None:
        for branch in branches():
            indent = "  " * branch.depth
            status = "" if branch.status == "active" else f"  [{branch.status}]"
            self.stdout.write(f"{indent}{branch.name}  ({branch.realm}, {branch.kind}){status}")
