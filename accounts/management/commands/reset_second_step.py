"""manage.py reset_second_step: let somebody in again who lost telephone, passkey and codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services.signin import person_named, reset_second_step


class Command(BaseCommand):
    help = "Remove a person's codes and passkeys, after you made sure who it is; it goes on record."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = person_named(email)
        if user is None:
            raise CommandError(f"nobody signs in as {email}")
        removed = reset_second_step(user)
        self.stdout.write(f"{user.email}: {removed} removed; the password alone lets them in now")
