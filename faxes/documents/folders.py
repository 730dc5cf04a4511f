"""The folder that a job wrote in, seen from outside: how full it is, and how to empty it.

A job may have filled it on purpose: with files without number, folders deeper than any path is long
or locked to their owner, links that stand for somebody else's file.
"""

import contextlib
import itertools
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

_MOST_ENTRIES = 5_000
_MOST_DEPTH = 50


@dataclass(slots=True)
class Contents:
    """Bytes of all files; whether there is more, or other, than any honest job makes."""

    bytes: int = 0
    entries: int = 0
    is_wild: bool = False


def contents(folder: Path) -> Contents:
    """Look through a folder, in which a job may be at work."""
    found = Contents()
    waiting = [(str(folder), 0)]
    while waiting and not found.is_wild:
        where, depth = waiting.pop()
        try:
            with os.scandir(where) as entries:
                few = itertools.islice(entries, _MOST_ENTRIES + 1)
                waiting += [(entry.path, depth + 1) for entry in few if _count(entry, found)]
        except FileNotFoundError:
            continue  # gone meanwhile
        except OSError:
            found.is_wild = True  # locked, or its path is too long
        found.is_wild |= depth > _MOST_DEPTH or found.entries > _MOST_ENTRIES
    return found


def _count(entry: os.DirEntry[str], found: Contents) -> bool:
    """Count an entry; tell whether it is a folder."""
    try:
        facts = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    found.entries += 1
    found.bytes += facts.st_size
    if stat.S_ISDIR(facts.st_mode):
        return True
    found.is_wild |= not stat.S_ISREG(facts.st_mode)
    return False


def empty(folder: Path) -> None:
    """Remove all that is in a folder, however deep, once nobody works in it any more.

    Folders are first brought to the top, so that no path gets long.
    """
    top = Path(tempfile.mkdtemp(prefix="emptied-", dir=folder))
    numbers = itertools.count()
    waiting = [folder]
    while waiting:
        where = waiting.pop()
        with contextlib.suppress(OSError):
            where.chmod(0o700)
        for path in list(where.iterdir()):
            if path == top:
                continue
            if path.is_symlink() or not path.is_dir():
                path.unlink(missing_ok=True)
                continue
            with contextlib.suppress(OSError):
                path.chmod(0o700)  # else it could not be moved
            waiting.append(path.rename(top / str(next(numbers))))
        if where != folder:
            where.rmdir()
    top.rmdir()
