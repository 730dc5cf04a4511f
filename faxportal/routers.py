"""Which database a table lies in: keys of stored objects in their own, if there is one."""

from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

KEYS: Final = "keys"
KEYRING: Final = "keyring"


class KeysApart:
    """Sends the key ring to its database and all else to the other."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """Where to read from."""
        del hints
        return _place_of(model._meta.app_label)  # noqa: SLF001 (public, but for its name)

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        """Where to write to."""
        return self.db_for_read(model, **hints)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Whether an app has its tables in a database."""
        del hints
        return db == (_place_of(app_label) or DEFAULT_DB_ALIAS)


def tables_are_missing(alias: str) -> bool:
    """Whether a database is said to hold the key ring, and has no tables of it.

    That is so where keys lay in a database of their own once, and that is named no longer.
    """
    made = MigrationRecorder(connections[alias]).applied_migrations()
    if not any(app == KEYRING for app, _name in made):
        return False
    return f"{KEYRING}_objectkey" not in connections[alias].introspection.table_names()


def place_of_keys() -> str:
    """The database that the key ring lies in."""
    return _place_of(KEYRING) or DEFAULT_DB_ALIAS


def _place_of(app_label: str) -> str | None:
    return KEYS if app_label == KEYRING and KEYS in settings.DATABASES else None
