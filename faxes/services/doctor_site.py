"""What the doctor looks for around the rows: tables, clocks, deletions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from accounts import clock
from faxes.keyring.apps import KeyringConfig
from faxes.services import deletion_list
from faxes.services.backup_databases import keys_alias

_APART: Final = timedelta(seconds=2)


def migrations_missing() -> Iterator[list[str]]:
    """Migrations of this version that a database has not been through."""
    for alias in sorted({DEFAULT_DB_ALIAS, keys_alias()}):
        executor = MigrationExecutor(connections[alias])
        app = None if alias == DEFAULT_DB_ALIAS else KeyringConfig.label  # apart lie keys alone
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes(app))
        if plan:
            yield [f"{alias}: {each.app_label}.{each.name}" for each, _backwards in plan]


def clocks_apart() -> Iterator[list[str]]:
    """How far the clock of a database's machine is from this one's, if that is seconds."""
    for alias in sorted({DEFAULT_DB_ALIAS, keys_alias()}):
        connection = connections[alias]
        if connection.vendor == "sqlite":
            continue  # this very machine
        before = clock.now()
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            theirs = cursor.fetchone()[0]
        apart = max(before - theirs, theirs - clock.now())
        if apart > _APART:
            yield [f"{alias}: {apart.total_seconds():.1f} s"]


def deletions_not_replayed() -> Iterator[list[str]]:
    """Whether the database was restored, and has what was deleted since."""
    if deletion_list.is_behind():
        yield ["list of deletions"]
