"""The only door to stored pages, and to what is kept beside them: put, open, copy out, destroy.

Everything is stored sealed, each object with a key of its own (``keyring``). Destroying an object
destroys its key first: so no copy of it can be read any more, wherever one may be.
"""

import hashlib
import io
import os
import shutil
from collections.abc import Iterable
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import BinaryIO, Final, cast
from uuid import UUID, uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage

from accounts import clock
from faxes.keyring import keys
from faxes.keyring.stream import Opened, SealBroken, Sealed
from faxes.models import Erasure

# How long an object may lie in storage before a row names it. Then it is taken for the work of a
# process that died before it could write the row, and destroyed (``services.erasure``).
UNNAMED_FOR: Final = timedelta(hours=1)


# How long what was made of an object is kept beside it.
KEPT_BESIDE_FOR: Final = timedelta(hours=1)
Damaged = SealBroken
_READ_WHOLE: Final = 2 * 1024 * 1024  # bytes; hardly a fax is larger


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored object: its key, its size in bytes, its SHA-256 in hex."""

    key: str
    size: int
    sha256: str


def put(owner: UUID, path: Path) -> Stored:
    """Store a file of an account under a random key, which tells nothing of its content.

    It is noted for destruction before it is stored, and spared once a row names it: so it does
    not stay for ever if this process dies in between. Call this outside of transactions.
    """
    object_id = uuid4()
    key = f"{prefix_of(owner)}{object_id.hex}"
    Erasure.objects.create(key=key, due_at=clock.now() + UNNAMED_FOR)
    secret = keys.draw()
    storing = _Storing(key, path, secret)
    storing.start()
    try:
        keys.keep(owner, object_id, secret)
    except BaseException:
        storing.join()
        default_storage.delete(key)
        raise
    storing.join()
    return Stored(key=key, size=path.stat().st_size, sha256=storing.done())


class _Storing(Thread):
    """Seals a file and stores it, while its key is being kept: two disks' work at the same time.

    Until the key is kept nobody can read what is stored, and the note sees to its destruction.
    """

    def __init__(self, key: str, path: Path, secret: bytes) -> None:
        super().__init__(name="storing", daemon=True)
        self._key, self._path, self._secret = key, path, secret
        self._sha256 = ""
        self._error: BaseException | None = None
        self._context = copy_context()

    def run(self) -> None:
        """Store."""
        try:
            self._context.run(self._store)
        except BaseException as error:  # noqa: BLE001 (raised by who waits for it)
            self._error = error

    def done(self) -> str:
        """The SHA-256 of what was stored; raises what went wrong."""
        if self._error is not None:
            raise self._error
        return self._sha256

    def _store(self) -> None:
        with self._path.open("rb") as file:
            self._sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            _save(self._key, file, self._secret)
        _sync(self._key)


def _save(key: str, plain: BinaryIO, secret: bytes) -> str:
    return default_storage.save(key, File(io.BufferedReader(Sealed(plain, key=secret, name=key))))


def _sync(key: str) -> None:
    """Have an object in a folder written to the disk, as the row that names it will be."""
    try:
        path = Path(default_storage.path(key))
    except NotImplementedError:  # it lies elsewhere, and is kept there
        return
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def named(keys: Iterable[str]) -> None:
    """Say that rows name these objects now, in the transaction that writes the rows."""
    Erasure.objects.filter(key__in=list(keys)).delete()


def prefix_of(owner: UUID) -> str:
    """What the keys of an account's objects begin with."""
    return f"t/{owner.hex}/"


def owner_of(key: str) -> UUID:
    """The account that an object is stored for."""
    return UUID(key.split("/")[1])


def open_stored(key: str) -> BinaryIO:
    """A stored object as a binary stream, which the caller closes; it can be read from anywhere.

    Raises:
        FileNotFoundError: there is none, or its key was destroyed.
        SealBroken: it is not what was stored; then, or while it is read.

    """
    secret = keys.find(_object_id(key))
    if secret is None:
        raise FileNotFoundError(key)
    stored = cast("BinaryIO", default_storage.open(key, "rb"))
    try:
        return io.BufferedReader(Opened(stored, key=secret, name=key))
    except BaseException:
        stored.close()
        raise


def open_checked(key: str, *, size: int) -> BinaryIO:
    """A stored object of a known size, to be handed out: what can be seen of damage is seen here.

    A small one is read whole. Of a large one the beginning and the length are looked at; damage
    further on shows while it is read.

    Raises:
        FileNotFoundError, SealBroken: as ``open_stored``.

    """
    stored = open_stored(key)
    length = stored.seek(0, io.SEEK_END)
    stored.seek(0)
    if length == size > _READ_WHOLE:
        return stored
    with stored:
        if length == size:
            return io.BytesIO(stored.read())
    raise Damaged(f"{key} is not as long as it was stored")


def copy_out(key: str, path: Path) -> None:
    """Copy a stored object into a file.

    Raises:
        FileNotFoundError: there is none, or its key was destroyed.
        SealBroken: it is not what was stored.

    """
    with open_stored(key) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, 1024 * 1024)


def put_beside(key: str, name: str, data: bytes) -> str:
    """Keep what was made of an object beside it, for a while; its key.

    It is noted for destruction before it is stored, and that note stays: so it goes even if the
    object went at this moment and this process dies. Two may store the same at once. It has the
    object's key, and cannot be read once that is destroyed.

    Raises:
        FileNotFoundError: the object is gone.

    """
    beside = f"{key}.{name}"
    secret = keys.find(_object_id(key))
    if secret is None:
        raise FileNotFoundError(key)
    Erasure.objects.create(key=beside, due_at=clock.now() + KEPT_BESIDE_FOR)
    _save(beside, io.BytesIO(data), secret)
    return beside


def open_beside(key: str, name: str) -> bytes | None:
    """What is kept under this name beside an object; None if nothing is, or not all of it yet."""
    try:
        with open_stored(f"{key}.{name}") as file:
            return file.read()
    except (FileNotFoundError, SealBroken):
        return None


def keys_beside(keys: Iterable[str]) -> set[str]:
    """The keys of what is kept beside these objects, or may be at any moment."""
    found: set[str] = set()
    for key in keys:
        found.update(
            Erasure.objects.filter(key__startswith=f"{key}.").values_list("key", flat=True)
        )
    return found


def keys_of(owner: UUID) -> list[str]:
    """The keys of everything that lies in storage for an account."""
    prefix = prefix_of(owner)
    try:
        _folders, names = default_storage.listdir(prefix.rstrip("/"))
    except FileNotFoundError:
        return []
    return [f"{prefix}{name}" for name in names]


def destroy(key: str) -> None:
    """Destroy a stored object; nothing happens if it is gone already."""
    if "." not in key:  # what is kept beside an object has no key of its own
        keys.destroy(_object_id(key))
    default_storage.delete(key)


def destroy_all(owner: UUID) -> None:
    """Destroy everything that lies in storage for an account, its key first."""
    keys.destroy_all(owner)
    for key in keys_of(owner):
        default_storage.delete(key)


def _object_id(key: str) -> UUID:
    """The id of an object, also from the key of what is kept beside it."""
    return UUID(key.split("/")[2].partition(".")[0])
