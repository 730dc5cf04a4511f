"""manage.py migrate: Django's own, for both databases: that of the keys and that of all else."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.recorder import MigrationRecorder

from faxportal.routers import KEYRING, KEYS, tables_are_missing


class Command(migrate.Command):
    """Migrates both databases, unless one is named or a certain migration is asked for."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Mend what the checks would stop at."""
        looks = options["plan"] or options["check_unapplied"]
        here = KEYS not in settings.DATABASES and options["database"] == DEFAULT_DB_ALIAS
        if here and not looks and options["app_label"] in {None, KEYRING}:
            self._mend()
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate the database that is meant, or both."""
        app, apart = options["app_label"], KEYS in settings.DATABASES
        if apart and (app == KEYRING or (options["database"] == KEYS and not app)):
            super().handle(*args, **{**options, "database": KEYS, "app_label": KEYRING})
            return
        super().handle(*args, **options)
        if apart and options["database"] == DEFAULT_DB_ALIAS and not app:
            super().handle(*args, **{**options, "database": KEYS, "app_label": KEYRING})

    def _mend(self) -> None:
        """Forget that the keys' tables were made here, if they were made in another database."""
        if tables_are_missing(DEFAULT_DB_ALIAS):
            MigrationRecorder(connections[DEFAULT_DB_ALIAS]).migration_qs.filter(
                app=KEYRING
            ).delete()
            self.stderr.write(
                "The keys of stored documents lay in a database of their own until now. Their"
                " tables are made anew here, empty: what was stored opens again once their rows"
                " are copied here, or FAXPORTAL_KEYS_DATABASE_URL names that database again."
            )
