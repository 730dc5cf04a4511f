"""PostgreSQL instead of SQLite: databases that have been through the migrations, and scenes."""

from typing import Any

import psycopg
from psycopg import sql

from tests.migrated import state_of_the_product
from tests.servers import create, exists, in_turn, migrate


def put_migrated(database: dict[str, Any]) -> None:
    """Make the database of this process anew, as a copy of one that is migrated."""
    name = database["TEST"]["NAME"] or f"test_{database['NAME']}"
    template = f"one_{state_of_the_product()}"
    with psycopg.connect(_address(database, "postgres"), autocommit=True) as server:
        with in_turn(server):  # one makes it, the others wait
            if not exists(server, template):
                create(server, template)
                migrate(DATABASE_URL=_address(database, template))
        mine = sql.Identifier(name)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(mine))
        create(server, name, template)


def _address(database: dict[str, Any], name: str) -> str:
    who = f"{database['USER']}:{database['PASSWORD']}"
    return f"postgres://{who}@{database['HOST']}:{database['PORT']}/{name}"


class Rows:
    """All rows of a database as they were; tables that were empty are emptied again."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Keep what is there now."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1"
            )
            self.tables = [name for (name,) in cursor.fetchall()]
            self.kept = {}
            for table in self.tables:
                with cursor.copy(
                    sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(sql.Identifier(table))
                ) as copy:
                    data = b"".join(bytes(part) for part in copy)
                if len(data) > 21:  # more than its head and its end
                    self.kept[table] = data
            cursor.execute("SELECT sequencename, last_value FROM pg_sequences")
            self.sequences = cursor.fetchall()

    def put_back(self, connection: psycopg.Connection[Any]) -> None:
        """Have them again, whatever is there."""
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            names = sql.SQL(", ").join(map(sql.Identifier, self.tables))
            cursor.execute(sql.SQL("TRUNCATE {}").format(names))
            for table, data in self.kept.items():
                command = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)")
                with cursor.copy(command.format(sql.Identifier(table))) as copy:
                    copy.write(data)
            for name, value in self.sequences:
                if value is not None:
                    cursor.execute("SELECT setval(%s, %s)", [name, value])
            cursor.execute("SET session_replication_role = DEFAULT")
