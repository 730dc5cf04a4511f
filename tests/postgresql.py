"""PostgreSQL instead of SQLite: databases that have been through the migrations, and scenes."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg import sql

from tests import servers

# Ids count from one again, as those of SQLite do in an empty table.
_BEGIN_ANEW = (
    "SELECT setval(quote_ident(sequencename), 1, false) FROM pg_sequences"
    " WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


def put_migrated(database: dict[str, Any]) -> None:
    """Make the database of this process anew, as a copy of one that is migrated."""
    name = database["TEST"]["NAME"] or f"test_{database['NAME']}"
    who = f"{database['USER']}:{database['PASSWORD']}"
    address = f"postgres://{who}@{database['HOST']}:{database['PORT']}/{name}"
    servers.put_migrated(address, "all", "keyring")


def empty_quickly() -> None:
    """Have tests end with deletions: truncating tables costs each of them files, full or not."""

    def execute_sql_flush(self: Any, sql_list: Any) -> None:
        del sql_list
        self.connection.ensure_connection()
        with self.connection.connection.cursor() as cursor:
            _empty(cursor, _tables(cursor))
            cursor.execute(_BEGIN_ANEW)

    DatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]


def _tables(cursor: psycopg.Cursor[Any]) -> list[str]:
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename <> 'django_migrations' ORDER BY 1"
    )
    return [name for (name,) in cursor.fetchall()]


def _empty(cursor: psycopg.Cursor[Any], tables: Sequence[str]) -> None:
    """Delete all rows, asking no trigger and no other table."""
    asked = sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})")
    each = [asked.format(sql.Literal(name), sql.Identifier(name)) for name in tables]
    cursor.execute(sql.SQL(" UNION ALL ").join(each))
    full = [sql.Identifier(name) for (name,) in cursor.fetchall()]
    with _as_they_come(cursor):
        cursor.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(name) for name in full))


@contextmanager
def _as_they_come(cursor: psycopg.Cursor[Any]) -> Iterator[None]:
    """Rows come and go without a look at others."""
    cursor.execute("SET session_replication_role = replica")
    yield
    cursor.execute("SET session_replication_role = DEFAULT")


class Rows:
    """All rows of a database as they were; tables that were empty are emptied again."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Keep what is there now."""
        with connection.cursor() as cursor:
            self.tables = _tables(cursor)
            self.kept = {}
            for table in self.tables:
                with cursor.copy(
                    sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(sql.Identifier(table))
                ) as copy:
                    data = b"".join(bytes(part) for part in copy)
                if len(data) > 21:  # more than its head and its end
                    self.kept[table] = data
            cursor.execute("SELECT sequencename, last_value FROM pg_sequences")
            self.sequences = [(name, value) for name, value in cursor.fetchall() if value]

    def put_back(self, connection: psycopg.Connection[Any]) -> None:
        """Have them again, whatever is there."""
        with connection.transaction(), connection.cursor() as cursor:
            _empty(cursor, self.tables)
            with _as_they_come(cursor):
                for table, data in self.kept.items():
                    command = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)")
                    with cursor.copy(command.format(sql.Identifier(table))) as copy:
                        copy.write(data)
            for name, value in self.sequences:
                cursor.execute("SELECT setval(%s, %s)", [name, value])


def close_with_threads() -> None:
    """Have every thread close its connections when it ends; SQLite's go without a word."""
    run = threading.Thread.run

    def run_and_close(thread: threading.Thread) -> None:
        try:
            run(thread)
        finally:
            connections.close_all()

    threading.Thread.run = run_and_close  # type: ignore[assignment, method-assign]
