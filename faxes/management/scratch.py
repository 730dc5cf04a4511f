"""A folder for passing files that is gone in the end, even if its owner was killed.

Fax pages lie in temporary files while they are worked on. A killed process leaves them behind, so
they go into a folder that is locked for as long as its owner lives; whoever starts next removes
those that nobody holds.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accounts.locks import locked


@contextmanager
def own_folder(root: Path) -> Iterator[Path]:
    """A new folder beneath ``root``; abandoned ones are removed."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(root):  # nobody looks at a folder that is not locked yet
        for path in root.iterdir():
            _remove_if_abandoned(path)
        folder = Path(tempfile.mkdtemp(dir=root))
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _remove_if_abandoned(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)
