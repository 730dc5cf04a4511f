"""Where the list of deletions lies: in a file of this machine, or in the bucket of the documents.

Either way it is outside of the database, lines are added to its end and never change, and a line's
place on the list is its number, from 0.
"""

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

_FOLDER: Final = "deletions"
_NAME: Final = re.compile(r"(\d{16})-(\d{6})-[0-9a-f]{32}$")


class DeletionLog(Protocol):
    """Lines of one length, the newest last."""

    def append(self, lines: bytes, *, known: int) -> int:
        """Put whole lines behind all others, to stay; how many were there before.

        Raises:
            OSError: they could not be put there; then none of them is.

        """

    def length(self, *, known: int) -> int:
        """How many lines there are, looked for behind so many that are known."""

    def lines(self, *, after: int = 0) -> Iterator[bytes]:
        """The lines behind so many others, each without its end."""


def deletion_log(line: int) -> DeletionLog:
    """Return the list of this site, whose lines have so many bytes each, their end counted."""
    if settings.DELETION_LIST is None:
        return _InBucket(line)
    return _InFile(Path(settings.DELETION_LIST), line)


class _InFile:
    """A file that is added to. What a crash left of a line is cut off by the next."""

    def __init__(self, path: Path, line: int) -> None:
        self._path, self._line = path, line

    def append(self, lines: bytes, *, known: int) -> int:
        del known
        handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            end = self._end_of_lines(handle)
            os.ftruncate(handle, end)
            try:
                _write(handle, lines)
                os.fsync(handle)
            except BaseException:
                os.ftruncate(handle, end)
                raise
        finally:
            os.close(handle)
        return end // self._line

    def length(self, *, known: int) -> int:
        del known
        try:
            return self._path.stat().st_size // self._line
        except FileNotFoundError:
            return 0

    def lines(self, *, after: int = 0) -> Iterator[bytes]:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(after * self._line)
            for line in file:
                yield line.rstrip(b"\n")

    def _end_of_lines(self, handle: int) -> int:
        """Where the last whole line ends."""
        size = os.fstat(handle).st_size
        start = max(0, size - self._line)
        return start + os.pread(handle, self._line, start).rfind(b"\n") + 1


def _write(handle: int, rest: bytes) -> None:
    """Write all of it, as a call may write a part only."""
    while rest:
        written = os.write(handle, rest)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[written:]


class _InBucket:
    """An object for each time that lines are added, named by their place and number.

    Many machines add to it. They take turns, as each holds the database's mark meanwhile.
    """

    def __init__(self, line: int) -> None:
        self._line = line

    def append(self, lines: bytes, *, known: int) -> int:
        before = self.length(known=known)
        count = len(lines) // self._line
        name = f"{_FOLDER}/{before:016d}-{count:06d}-{uuid4().hex}"
        default_storage.save(name, ContentFile(lines))
        return before

    def length(self, *, known: int) -> int:
        return max((end for _, _, end in self._objects(known)), default=known)

    def lines(self, *, after: int = 0) -> Iterator[bytes]:
        for name, start, _ in self._objects(after):
            with default_storage.open(name) as stored:
                skipped = max(0, after - start)
                yield from stored.read().splitlines()[skipped:]

    def _objects(self, after: int) -> Iterator[tuple[str, int, int]]:
        """The names behind a place on the list, each with its first line's place and its end."""
        store: Any = default_storage
        for name in store.names_behind(f"{_FOLDER}/", after=f"{after:016d}"):
            if found := _NAME.search(name):
                start = int(found[1])
                yield name, start, start + int(found[2])
