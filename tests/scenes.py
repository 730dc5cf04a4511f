"""What takes long to come about, done once: rows and stored objects as they were, put back."""

import shutil
import sqlite3
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from tests import postgresql


@dataclass(frozen=True, slots=True)
class Scene:
    """A database and a storage as they were; ``told`` is what there is to know of them."""

    told: Any
    rows: Any
    documents: Path | None

    @classmethod
    def keep(cls, told: Any, documents: Path, kept: Path) -> "Scene":
        """Keep what is there now, the stored objects in ``kept``."""
        if connection.vendor == "postgresql":
            connection.ensure_connection()
            rows: Any = postgresql.Rows(connection.connection)
        else:
            rows = sqlite3.connect(":memory:", check_same_thread=False)
            _database().backup(rows)
        has_documents = documents.exists()
        if has_documents:
            shutil.copytree(documents, kept)
        return cls(deepcopy(told), rows, kept if has_documents else None)

    def put_back(self, documents: Path) -> Any:
        """Have it all again, in an empty storage; what there is to know, for the test to change."""
        if connection.vendor == "postgresql":
            connection.ensure_connection()
            self.rows.put_back(connection.connection)
        else:
            self.rows.backup(_database())
        if self.documents is not None:
            shutil.copytree(self.documents, documents, dirs_exist_ok=True)
        return deepcopy(self.told)


def _database() -> sqlite3.Connection:
    connection.ensure_connection()
    opened = connection.connection
    assert isinstance(opened, sqlite3.Connection)
    return opened
