"""The data folder: there, ours, and nobody else's to read."""

import os
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def make_private(folder: Path) -> None:
    """Make the folder if it is missing, and close it to all but this user.

    Raises:
        ImproperlyConfigured: it cannot be used; says why.

    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & 0o077:
            if _is_everybodys(folder, mode):
                raise _refusal(folder, "is there for others, too")
            folder.chmod(0o700)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise _refusal(folder, "cannot be written to")
    except OSError as error:
        raise _refusal(folder, f"cannot be used ({error.strerror})") from None


def _is_everybodys(folder: Path, mode: int) -> bool:
    """Whether closing it would hurt: /tmp, or a folder of the system's such as /var."""
    if mode & stat.S_ISVTX or folder.parent == folder:
        return True
    ours = (folder / "secret_key").exists() or not any(folder.iterdir())
    return folder.parent.parent == folder.parent and not ours


def _refusal(folder: Path, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"FAXPORTAL_DATA is {folder}, which {why}; name a folder for the portal alone."
    )
