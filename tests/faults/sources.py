"""Where a portal's books are read from: its files, or its servers.

Values are told as SQLite keeps them, whatever they were read from: ids as 32 digits, moments and
JSON as text.
"""
# ruff: noqa: S608 (the SQL is all ours)

import io
import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

# By the id of an object: whose it is, and the keys of both as they are kept.
Keys = dict[str, tuple[str, bytes, bytes]]
_KEYS = (
    "SELECT id, account_id, keyring_accountkey.wrapped, keyring_objectkey.wrapped"
    " FROM keyring_objectkey LEFT JOIN keyring_accountkey USING (account_id)"
)


class Source(ABC):
    """A portal's rows, its keys and its objects."""

    site_key: str
    journal: Path

    @abstractmethod
    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query."""

    @abstractmethod
    def keys(self) -> Keys:
        """All keys of objects."""

    @abstractmethod
    def objects(self) -> set[str]:
        """The keys of all that lies in storage."""

    @abstractmethod
    def stream(self, key: str) -> BinaryIO:
        """An object as it is stored."""

    def table(self, name: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        return self.rows(f"SELECT * FROM {name}")


@dataclass(frozen=True)
class Files(Source):
    """A portal that keeps all in its folder."""

    data: Path

    @property
    def site_key(self) -> str:  # type: ignore[override]
        return (self.data / "site_key").read_text()

    @property
    def journal(self) -> Path:  # type: ignore[override]
        return self.data / "journal"

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with self._open("portal") as database:
            return [dict(row) for row in database.execute(sql)]

    def keys(self) -> Keys:
        with self._open("keys") as database:
            return {row[0]: (row[1], row[2], row[3]) for row in database.execute(_KEYS)}

    def objects(self) -> set[str]:
        folder = self.data / "documents"
        return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    def stream(self, key: str) -> BinaryIO:
        return (self.data / "documents" / key).open("rb")

    @contextmanager
    def _open(self, name: str) -> Iterator[sqlite3.Connection]:
        path = self.data / f"{name}.sqlite3"
        with closing(sqlite3.connect(path, timeout=20)) as database:
            database.row_factory = sqlite3.Row
            yield database


@dataclass(frozen=True)
class Servers(Source):
    """A portal on PostgreSQL and an object store; ``client`` is boto3's."""

    database: str
    keys_database: str
    client: Any
    bucket: str
    site_key: str
    journal: Path

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.database, row_factory=dict_row) as connection:
            found = connection.execute(sql.encode()).fetchall()
        return [{name: told(value) for name, value in row.items()} for row in found]

    def keys(self) -> Keys:
        with psycopg.connect(self.keys_database) as connection:
            found = connection.execute(_KEYS.encode()).fetchall()
        return {key.hex: (whose.hex, bytes(a), bytes(b)) for key, whose, a, b in found}

    def objects(self) -> set[str]:
        asked = self.client.get_paginator("list_objects_v2")
        pages = asked.paginate(Bucket=self.bucket, Prefix="t/")  # beside them lie deletions
        return {each["Key"] for page in pages for each in page.get("Contents", ())}

    def stream(self, key: str) -> BinaryIO:
        with self.client.get_object(Bucket=self.bucket, Key=key)["Body"] as body:
            return io.BytesIO(body.read())


def told(value: Any) -> Any:
    """A value of PostgreSQL as SQLite would keep it."""
    match value:
        case UUID():
            return value.hex
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
        case date():
            return value.isoformat()
        case dict() | list():
            return json.dumps(value)
        case _:
            return value
