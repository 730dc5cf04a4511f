"""The only door to stored pages: put, open, copy out, destroy."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID, uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored object: its key, its size in bytes, its SHA-256 in hex."""

    key: str
    size: int
    sha256: str


def put(owner: UUID, path: Path) -> Stored:
    """Store a file of an account under a random key, which tells nothing of its content."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        key = default_storage.save(f"t/{owner.hex}/{uuid4().hex}", File(file))
    return Stored(key=key, size=path.stat().st_size, sha256=sha256)


def open_stored(key: str) -> BinaryIO:
    """A stored object as a binary stream, which the caller closes.

    Raises:
        FileNotFoundError: there is none.

    """
    return cast("BinaryIO", default_storage.open(key, "rb"))


def copy_out(key: str, path: Path) -> None:
    """Copy a stored object into a file.

    Raises:
        FileNotFoundError: there is none.

    """
    with open_stored(key) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, 1024 * 1024)


def destroy(key: str) -> None:
    """Destroy a stored object; nothing happens if it is gone already."""
    default_storage.delete(key)
