"""Secrets that nobody has to think of: made on first use and kept beside the data."""

import contextlib
import secrets
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def kept_site_key(path: Path, database: Mapping[str, Any]) -> str:
    """The site's key in a file; made if it is missing and nothing hangs on it yet.

    Raises:
        ImproperlyConfigured: it is missing, and keys that it opens are there.

    """
    # Whoever starts beside us may make it and store keys while we look: so look for it once more.
    if not path.exists() and _holds_keys(database) and not path.exists():
        raise ImproperlyConfigured(
            f"The site's key {path} is missing, and the documents in this portal open with no"
            " other: put it back from where you keep a copy, or set FAXPORTAL_SITE_KEYS. If it is"
            f" lost for good, so are they; move {database['NAME']} away to begin without them."
        )
    return kept_secret(path)


def _holds_keys(database: Mapping[str, Any]) -> bool:
    """Whether a database has keys of accounts; of one that is no file, readiness tells."""
    path = Path(str(database["NAME"]))
    if "sqlite3" not in database["ENGINE"] or not path.is_file():
        return False
    try:
        with contextlib.closing(
            sqlite3.Connection(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        ) as found:
            return bool(found.execute("SELECT 1 FROM keyring_accountkey LIMIT 1").fetchone())
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return False
        raise ImproperlyConfigured(f"The keys in {path} cannot be read: {error}") from None


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
