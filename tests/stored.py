"""What lies in the document storage, seen from outside the rows."""

from pathlib import Path

from django.core.files.storage import default_storage
from django.db import connection


def stored_files() -> set[str]:
    """The keys of all stored objects."""
    root = Path(default_storage.path(""))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def planted(text: str) -> int:
    """How often a text stands in the files of the database, write-ahead log included."""
    name = str(connection.settings_dict["NAME"])
    files = [Path(name), Path(f"{name}-wal")]
    return sum(file.read_bytes().count(text.encode()) for file in files if file.exists())
