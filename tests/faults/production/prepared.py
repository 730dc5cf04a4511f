"""The files of a PostgreSQL with a portal's databases, migrated and empty: made once, copied.

``python -m tests.faults.production.prepared`` makes them ahead of time.
"""

import fcntl
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.faults.production.servers import PostgreSQL, folder_for_all, give_to_user
from tests.migrated import KEPT, state_of_the_product
from tests.servers import migrate

DATABASE, KEYS = "portal", "portal_keys"
_KEPT: Final = KEPT.parent / "production"


def put_prepared(folder: Path) -> PostgreSQL:
    """Put them into a folder that is there; the server that they are for."""
    with _kept() as kept:
        give_to_user(folder)
        subprocess.run(["tar", "-xpf", str(kept), "-C", str(folder)], check=True)
    return PostgreSQL(folder)


@contextmanager
def _kept() -> Iterator[Path]:
    """Those that are kept, made anew if a line of the product is another; nobody else's turn."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    kept = _KEPT / f"{state_of_the_product()}.tar"
    with (_KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for older in _KEPT.glob("*.tar"):
                older.unlink()
            _make(kept)
        yield kept


def _make(kept: Path) -> None:
    folder = folder_for_all()
    try:
        server = PostgreSQL.made(folder)
        server.start()
        for name in (DATABASE, KEYS):
            server.execute("postgres", f"CREATE DATABASE {name}")
        migrate(DATABASE_URL=server.url(DATABASE), FAXPORTAL_KEYS_DATABASE_URL=server.url(KEYS))
        server.end(signal.SIGINT)
        with tempfile.NamedTemporaryFile(dir=_KEPT, delete=False) as half:
            subprocess.run(["tar", "-cf", half.name, "-C", str(folder), "data"], check=True)
        Path(half.name).rename(kept)
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=False)


if __name__ == "__main__":
    with _kept():
        pass
