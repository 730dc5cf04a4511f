"""Secrets that nobody has to think of: made on first use and kept beside the data."""

import contextlib
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def kept_secret(path: Path) -> str:
    """The secret in a file, which is made if it is missing."""
    # Several processes may start at once on an empty folder: the first to link its file wins.
    if not path.exists():
        mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_urlsafe(48), encoding="ascii")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(mine)
        mine.unlink()
    return path.read_text(encoding="ascii")


def secrets_in(path: Path) -> list[str]:
    """The secrets in a file that somebody else keeps, one a line.

    Raises:
        ImproperlyConfigured: it cannot be read, or holds none. None is made: what was sealed with
            those that should be there could not be opened with it.

    """
    try:
        found = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The keys in {path} cannot be read: {error}") from None
    if not found:
        raise ImproperlyConfigured(f"There is no key in {path}.")
    return found
