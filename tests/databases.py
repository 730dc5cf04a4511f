"""Where a test must know what database it speaks to: what each of them says, in its own words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql

IS_SQLITE = connection.vendor == "sqlite"
# An id that nothing has, as SQL.
NEW_ID = "lower(hex(randomblob(16)))" if IS_SQLITE else "gen_random_uuid()"


def minutes_before(moment: str, minutes: str) -> str:
    """So many minutes before a moment, as SQL of SQL."""
    if IS_SQLITE:
        return f"datetime({moment}, '-' || {minutes} || ' minutes')"
    return f"{moment} - {minutes} * interval '1 minute'"


def files() -> list[Path]:
    """The files that SQLite keeps; none of a server's."""
    if not IS_SQLITE:
        return []
    own = Path(str(connection.settings_dict["NAME"]))
    beside = [own.with_name(own.name + end) for end in ("", "-wal", "-shm", "-journal")]
    return [each for each in beside if each.exists()]


def everything() -> bytes:
    """All that the database holds: whole files of SQLite, all rows of a server."""
    if IS_SQLITE:
        return b"".join(each.read_bytes() for each in files())
    return b"".join(_rows())


def _rows() -> Iterator[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            # texts and bytes stand in it as they are
            asked = sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(sql.Identifier(table))
            with cursor.cursor.copy(asked) as copy:
                yield from map(bytes, copy)


def require_led(query: str, *, by: str = "") -> None:
    """Let pass a list that an index leads to and holds in order: ``by`` names it."""
    index = leading(query)
    assert by in index if by else index


def leading(query: str) -> str:
    """The name of the index that leads to a list and holds it in order, which there must be."""
    return _led_by_sqlite(query) if IS_SQLITE else _led_by_postgresql(query)


def every_value() -> Iterator[Any]:
    """Every value that stands in any row."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            for row in cursor.fetchall():
                yield from row


def _led_by_sqlite(query: str) -> str:
    """The index that leads, in a plan where nothing is sorted and no table read through."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query}")
        plan = [row[-1] for row in cursor.fetchall()]
    assert plan[0].startswith("SEARCH "), plan
    assert " INDEX " in plan[0], plan
    assert not [step for step in plan if "TEMP B-TREE" in step or "SCAN faxes_" in step], plan
    return str(plan[0]).split(" INDEX ")[1].split()[0]


def _led_by_postgresql(query: str) -> str:
    """The same, where there is another way: with few rows it would always read them all."""
    avoided = ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin")
    with connection.cursor() as cursor:
        for each in avoided:
            cursor.execute(f"SET enable_{each} = off")
        try:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {query}")
            told = cursor.fetchone()[0]
        finally:
            for each in avoided:
                cursor.execute(f"RESET enable_{each}")
    plan = (told if isinstance(told, list) else json.loads(told))[0]["Plan"]
    nodes = list(_outermost(plan))
    kinds = [node["Node Type"] for node in nodes]
    assert not {"Sort", "Incremental Sort", "Seq Scan", "Bitmap Heap Scan"} & set(kinds), plan
    return next(str(node["Index Name"]) for node in nodes if "Index Name" in node)


def _outermost(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The steps that bring the list, from the last to the first."""
    yield plan
    inner = [each for each in plan.get("Plans", ()) if each["Parent Relationship"] == "Outer"]
    for each in inner:
        yield from _outermost(each)
