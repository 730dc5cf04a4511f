"""How often things happened, and how long they took: counted by each process, told by any of them.

A process has a file of its own in a folder of the data folder, a record of fixed length for each
row of counts. It holds the file locked for as long as it lives. What the dead have counted is added
up in one file, lest sums that only grow become less. Nothing fails by this: where a file cannot be
written, its counts are not told.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

from django.conf import settings

from accounts.locks import is_held, locked

_RECORD: Final = 512  # bytes; a row that does not fit is not told
_MOST_ROWS: Final = 5000
_DEAD: Final = "dead"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is counted: by which labels, and up to how many seconds each bucket goes."""

    name: str
    words: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...]


REQUESTS: Final = Kind(
    "request_seconds",
    "Until a request was answered",
    ("route", "method", "status"),
    (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
CONVERSIONS: Final = Kind(
    "conversion_seconds",
    "Until stored documents were fax pages, or could not be",
    ("kind", "outcome"),
    (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0),
)
ATTEMPTS: Final = Kind(
    "attempt_seconds",
    "Until a try to send had ended",
    ("carrier", "outcome"),
    (10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0),
)
KINDS: Final = {each.name: each for each in (REQUESTS, CONVERSIONS, ATTEMPTS)}


@dataclass(slots=True)
class Row:
    """How many fell into each bucket, the last of them without end, and all their seconds."""

    counts: list[int]
    seconds: float = 0.0


Key = tuple[str, ...]  # the kind's name, then a word for each label
Rows = dict[Key, Row]


@dataclass(slots=True)
class Tallies:
    """The counts of this process, and of all that share its folder."""

    folder: Path
    _rows: Rows = field(default_factory=dict)
    _places: dict[Key, int] = field(default_factory=dict)
    _handle: int | None = None
    _lock: Lock = field(default_factory=Lock)

    def add(self, kind: Kind, labels: tuple[str, ...], seconds: float) -> None:
        """Count one that took so long."""
        key = (kind.name, *labels)
        with self._lock, suppress(OSError):
            if key not in self._rows and len(self._rows) >= _MOST_ROWS:
                return
            row = self._rows.setdefault(key, Row([0] * (len(kind.bounds) + 1)))
            row.counts[sum(seconds > bound for bound in kind.bounds)] += 1
            row.seconds += seconds
            if self._handle is None:
                self._open()
            else:
                self._write(key)

    def read(self) -> Rows:
        """What all processes have counted, the dead included."""
        found: Rows = {}
        with suppress(OSError), locked(self.folder, shared=True):
            _add_up(found, _files(self.folder))
        return found

    def start_anew(self) -> None:
        """Forget what a parent has counted, whose file stays its own: this process is its fork."""
        if self._handle is not None:
            os.close(self._handle)
        self._rows, self._places, self._handle, self._lock = {}, {}, None, Lock()

    def _open(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self.folder):
            _bury(self.folder)
            handle, _ = tempfile.mkstemp(dir=self.folder)
            fcntl.flock(handle, fcntl.LOCK_EX)
        self._handle = handle
        for key in self._rows:
            self._write(key)

    def _write(self, key: Key) -> None:
        assert self._handle is not None  # noqa: S101  # nosec B101
        place = self._places.setdefault(key, len(self._places))
        os.pwrite(self._handle, _record(key, self._rows[key]), place * _RECORD)


def _record(key: Key, row: Row) -> bytes:
    words = json.dumps([key, row.counts, round(row.seconds, 6)]).encode()
    return (words if len(words) < _RECORD else b"").ljust(_RECORD - 1) + b"\n"


def _add_up(found: Rows, files: Iterable[Path]) -> None:
    """Add what is in the files; what a crash of the machine left of a record counts as nothing."""
    for path in files:
        for record in path.read_bytes().splitlines():
            with suppress(ValueError, TypeError, KeyError, IndexError):
                words, counts, seconds = json.loads(record.strip(b"\0"))
                key, kind = tuple(words), KINDS[words[0]]
                if len(counts) == len(kind.bounds) + 1 and len(words) == len(kind.labels) + 1:
                    row = found.setdefault(key, Row([0] * len(counts)))
                    row.counts = [sum(pair) for pair in zip(row.counts, counts, strict=True)]
                    row.seconds += seconds


def _files(folder: Path) -> list[Path]:
    """The files that count: not those that are in that of the dead already, or are to be it."""
    dead = folder / _DEAD
    buried = set(_buried(dead))
    return [each for each in folder.iterdir() if each.suffix != ".new" and each.name not in buried]


def _buried(dead: Path) -> list[str]:
    """Which files were added to that of the dead last, as its first line says."""
    if not dead.exists():
        return []
    with dead.open(encoding="ascii") as file, suppress(ValueError, TypeError):
        return [str(each) for each in json.loads(file.readline())["buried"]]
    return []


def _bury(folder: Path) -> None:
    """Add what is in files that nobody holds to that of the dead, and remove them.

    A crash between the two changes no sum: the file of the dead names those that are in it.
    """
    dead, new = folder / _DEAD, folder / f"{_DEAD}.new"
    for name in _buried(dead):
        (folder / name).unlink(missing_ok=True)
    gone = [each for each in _files(folder) if each != dead and not is_held(each)]
    if not gone:
        return
    rows: Rows = {}
    _add_up(rows, [*([dead] if dead.exists() else []), *gone])
    first = json.dumps({"buried": [each.name for each in gone]}).encode() + b"\n"
    new.write_bytes(first + b"".join(_record(key, row) for key, row in rows.items()))
    new.replace(dead)
    for each in gone:
        each.unlink()


@cache
def tallies() -> Tallies:
    """Those of this process."""
    made = Tallies(Path(settings.DATA) / "tallies")
    os.register_at_fork(after_in_child=made.start_anew)
    return made


def as_told(rows: Mapping[Key, Row], kind: Kind) -> Iterator[tuple[Key, list[int], float]]:
    """Each row of a kind: its labels, how many took up to each bound and in all, their seconds."""
    for (name, *labels), row in sorted(rows.items()):
        if name == kind.name:
            upto = [sum(row.counts[: place + 1]) for place in range(len(row.counts))]
            yield tuple(labels), upto, row.seconds
