"""Very many rows, made by the database itself from one of them: models would take far longer."""

from typing import Any

from django.db import connection

from tests.databases import IS_SQLITE

_COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
_IDS = (
    "substr(id, 1, 20) || printf('%%012x', i)"
    if IS_SQLITE
    else "(substr(id::text, 1, 24) || lpad(to_hex(i), 12, '0'))::uuid"
)


def copies(row: Any, count: int, **others: str) -> None:
    """So many rows like this one, each with an id of its own; ``others`` are SQL, of ``i``."""
    told = {"id": _IDS, **others}
    names = [field.column for field in row._meta.concrete_fields]
    table, columns = row._meta.db_table, ", ".join(names)
    made = ", ".join(told.get(each, each) for each in names)
    statement = f"INSERT INTO {table} ({columns}) {_COUNTED} SELECT {made} FROM n, {table}"  # noqa: S608 - names of columns
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} WHERE id = %s", [count, row.pk.hex])
        assert cursor.rowcount == count
