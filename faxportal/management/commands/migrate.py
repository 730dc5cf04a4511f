"""manage.py migrate: Django's own, and then the same for the database of the keys."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from faxportal.routers import KEYS


class Command(migrate.Command):
    """Migrates both databases, unless one is named or a certain migration is asked for."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate the database that is meant, or both."""
        super().handle(*args, **options)
        both = options["database"] == DEFAULT_DB_ALIAS and not options["app_label"]
        if both and KEYS in settings.DATABASES:
            super().handle(*args, **{**options, "database": KEYS, "app_label": "keyring"})
