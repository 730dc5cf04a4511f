"""A backup of a living portal: database and documents in one folder, the keys in another.

The database is copied first, then the keys, then the documents: those never change, so what the
copy of the database names is there, but for what was deleted meanwhile. A folder has its name
when it is whole, the keys' first.
"""

import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.recorder import MigrationRecorder

from accounts import clock
from accounts.ids import new_id
from accounts.sealing import keys_for
from faxes.keyring.models import AccountKey, ObjectKey
from faxes.models import DeletionMark
from faxes.services.backup_databases import (
    BackupError,
    copy_databases,
    is_sound,
    keys_alias,
    suffix_of,
)

FORMAT: Final = 1
MANIFEST, LIST, DOCUMENTS = "manifest.json", "documents.list", "documents"
_AT_ONCE: Final = 500
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """How many documents were copied, their bytes, and how many went away meanwhile."""

    documents: int = 0
    size: int = 0
    missing: int = 0


def make(folder: Path, keys: Path, *, documents: bool) -> Made:
    """Make a backup while the portal runs; with what lies in storage, if that is wanted.

    Raises:
        BackupError: a folder is there, one is in the other, or the database cannot be copied.

    """
    _must_be_apart(folder, keys)
    for each in (folder, keys):
        if each.exists():
            raise BackupError(f"{each} is there already: name one that is not.")
    parts = [each.with_name(f"{each.name}.partial") for each in (folder, keys)]
    for each in parts:
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True, mode=0o700)
    into, keys_into = parts
    main_file = into / f"portal{suffix_of(DEFAULT_DB_ALIAS)}"
    keys_file = keys_into / f"keys{suffix_of(keys_alias())}"
    told = {"format": FORMAT, "id": str(new_id()), "made_at": clock.now().isoformat()}
    about = {
        "migrations": sorted(map(list, MigrationRecorder(_main()).applied_migrations())),
        "deletions": DeletionMark.objects.values_list("lines", flat=True).first() or 0,
        "secret": secret_marks()[0],
    }
    names = sorted(set(AccountKey.objects.values_list("wrapped_by", flat=True)))
    copy_databases(main_file, keys_file)
    made = _copy_documents(into) if documents else Made()
    about["documents"] = {"copied": documents, "count": made.documents, "missing": made.missing}
    if documents:
        about["list"] = _told_of(into / LIST)
    _tell(keys_into, told | {"wrapped_by": names, "file": _told_of(keys_file)})
    _tell(into, told | about | {"file": _told_of(main_file)})
    os.sync()
    keys_into.rename(keys)
    into.rename(folder)
    return made


def verify(folder: Path, keys: Path | None) -> Made:
    """Read all of a backup and compare it with what was written; without its keys if None.

    Raises:
        BackupError: it is not what was written, and in what.

    """
    told = manifest(folder)
    _must_be_as_told(folder, told["file"])
    if keys is not None:
        of_keys = manifest(keys)
        if of_keys["id"] != told["id"]:
            raise BackupError(f"{keys} is of another backup.")
        _must_be_as_told(keys, of_keys["file"])
    if not told["documents"]["copied"]:
        return Made()
    if _told_of(folder / LIST) != told["list"]:
        raise BackupError(f"{folder / LIST} is not what was written.")
    count = size = 0
    for key, length, sha256 in listed(folder):
        path = folder / DOCUMENTS / key
        if not path.is_file() or path.stat().st_size != length or _digest(path) != sha256:
            raise BackupError(f"{path} is missing, or not what was written.")
        count, size = count + 1, size + length
    if count != told["documents"]["count"]:
        raise BackupError(f"{folder / LIST} has {count} documents, not all that were written.")
    return Made(count, size)


def manifest(folder: Path) -> dict[str, Any]:
    """What a backup says of itself.

    Raises:
        BackupError: it is none, or one of a later portal.

    """
    try:
        told = cast("dict[str, Any]", json.loads((folder / MANIFEST).read_text()))
    except (OSError, ValueError) as error:
        raise BackupError(f"{folder} is no backup, or not a whole one.") from error
    if told.get("format") != FORMAT:
        raise BackupError(f"{folder} is a backup that this version does not know.")
    return told


def listed(folder: Path) -> Iterator[tuple[str, int, str]]:
    """The documents in a backup: key, size and SHA-256 of each, as they lie there, sealed."""
    with (folder / LIST).open() as lines:
        for line in lines:
            sha256, size, key = line.split()
            yield key, int(size), sha256


def secret_marks() -> list[str]:
    """What tells the secret keys apart that are known, today's first; nothing comes of it."""
    return [hmac.new(key, b"mark", hashlib.sha256).hexdigest()[:16] for key in keys_for("backup")]


def in_a_folder() -> bool:
    """Whether documents lie in a folder, and not on a server of their own."""
    return isinstance(default_storage, FileSystemStorage) or hasattr(default_storage, "location")


def _copy_documents(into: Path) -> Made:
    """Copy what has a key; what has none any more was deleted, and is nothing for a backup."""
    count = size = missing = 0
    with (into / LIST).open("w") as lines:
        for key in _stored():
            target = into / DOCUMENTS / key
            try:
                length, sha256 = _copied(key, target)
            except FileNotFoundError:
                missing += 1
                target.unlink(missing_ok=True)
                continue
            lines.write(f"{sha256} {length} {key}\n")
            count, size = count + 1, size + length
    return Made(count, size, missing)


def _copied(key: str, target: Path) -> tuple[int, str]:
    told, length = hashlib.sha256(), 0
    with default_storage.open(key, "rb") as source:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as copy:
            while piece := source.read(_PIECE):
                copy.write(piece)
                told.update(piece)
                length += len(piece)
    return length, told.hexdigest()


def _stored() -> Iterator[str]:
    """The names of all stored objects that have a key, never many in memory."""
    after = UUID(int=0)
    rows = ObjectKey.objects.order_by("pk").values_list("pk", "account_id")
    while portion := list(rows.filter(pk__gt=after)[:_AT_ONCE]):
        after = portion[-1][0]
        for object_id, owner in portion:
            yield f"t/{owner.hex}/{object_id.hex}"


def _must_be_apart(folder: Path, keys: Path) -> None:
    one, other = folder.resolve(), keys.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise BackupError("The keys belong into a folder apart: together they open everything.")


def _must_be_as_told(folder: Path, told: dict[str, Any]) -> None:
    path = folder / told["name"]
    if not path.is_file() or _told_of(path) != told or not is_sound(path):
        raise BackupError(f"{path} is missing, or not what was written.")


def _told_of(path: Path) -> dict[str, Any]:
    return {"name": path.name, "size": path.stat().st_size, "sha256": _digest(path)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tell(folder: Path, told: dict[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps(told, indent=1, sort_keys=True))


def _main() -> Any:
    return connections[DEFAULT_DB_ALIAS]
