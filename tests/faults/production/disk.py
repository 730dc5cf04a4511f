"""A small disk that can be filled to the last byte, and given room again.

Where this user may mount one it is a file system in memory. Elsewhere a quota stands for it: the
processes may not write to any file beyond its first byte.
"""

import errno
import os
import resource
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass
class Disk:
    """A file system of its own, mounted on a folder."""

    folder: Path
    megabytes: int

    def mount(self) -> bool:
        """Put it there; whether this user may."""
        options = ["-t", "tmpfs", "-o", f"size={self.megabytes}m,mode=0755", "tmpfs"]
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(
                ["mount", *options, str(self.folder)], check=True, stderr=subprocess.DEVNULL
            )
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def unmount(self) -> None:
        """Take it away with all that is on it."""
        subprocess.run(["umount", "-l", str(self.folder)], check=False)

    def fill(self) -> None:
        """Leave no room."""
        with self._ballast.open("wb", buffering=0) as file, suppress(OSError):
            for size in (1 << 20, 1 << 12):
                _write_all(file.fileno(), size)

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


def _write_all(file: int, size: int) -> None:
    """Write so much at a time until there is no room for it."""
    nothing = bytes(size)
    while True:
        try:
            if os.write(file, nothing) < size:
                return
        except OSError as error:
            if error.errno == errno.ENOSPC:
                return
            raise


def allow_writing(processes: Iterable[psutil.Process], *, yes: bool) -> None:
    """Let processes write to files, or not: as a disk that is full does, but for what is open."""
    for process in processes:
        with suppress(psutil.Error):
            soft = resource.RLIM_INFINITY if yes else 0
            process.rlimit(psutil.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))
