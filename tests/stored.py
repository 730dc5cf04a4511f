"""What lies in the document storage, seen from outside the rows."""

from pathlib import Path

from django.core.files.storage import default_storage

from tests import databases


def stored_files() -> set[str]:
    """The keys of all stored objects."""
    root = Path(default_storage.path(""))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def planted(text: str) -> int:
    """How often a text stands in the database: in its files, write-ahead log included, if any."""
    return databases.everything().count(text.encode())
