"""A database with every migration applied, and the collected files of pages: made once, copied.

``python -m tests.migrated`` makes it ahead of time.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".pytest_cache" / "d" / "migrated"  # where ``pytest --cache-clear`` clears
# What ``make run`` does before it fills and starts the portal.
PREPARE = (("migrate", "-v0"), ("createcachetable",), ("collectstatic", "--noinput", "-v0"))
APPS = ("accounts", "faxes", "faxportal")


def put_migrated(database: Path) -> None:
    """Put a copy there, keys' tables included."""
    with _kept() as template:
        shutil.copy(template / "one.sqlite3", database)


def put_both_migrated(data: Path) -> None:
    """Put copies of both databases, that of the keys and that of all else, into a data folder."""
    with _kept() as template:
        for name in ("portal.sqlite3", "keys.sqlite3"):
            shutil.copy(template / name, data / name)


def put_collected(folder: Path) -> None:
    """Put what ``collectstatic`` collects there."""
    with _kept() as template:
        shutil.copytree(template / "static", folder)


@contextmanager
def _kept() -> Iterator[Path]:
    """The one that is kept, made anew if a line of the product is another; nobody else's turn."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / state_of_the_product()
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for older in (each for each in KEPT.iterdir() if each.is_dir()):
                shutil.rmtree(older)
            _make(kept)
        yield kept


def state_of_the_product() -> str:
    """What they depend on: migrations, whatever those import, what is installed, files of pages.

    Of our own that is all there is: what migrations import today is not what they will tomorrow.
    """
    told = hashlib.sha256(sys.version.encode())
    ours = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
    ours += sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    for path in (ROOT / "deploy" / "requirements-dev.lock", Path(__file__), *ours):
        told.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        told.update(path.read_bytes())
    return told.hexdigest()[:32]


def _make(kept: Path) -> None:
    """Begin an empty folder as ``make run`` does; it is there when it is whole."""
    with tempfile.TemporaryDirectory(dir=KEPT) as data:
        env = {"PATH": os.environ["PATH"], "FAXPORTAL_DATA": data, "FAXPORTAL_DEMO": "1"}
        for command in PREPARE:
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)
        assert not list(Path(data).glob("*-wal")), "some of it lies beside the file"
        _join(Path(data))
        whole = Path(data) / "whole"
        whole.mkdir()
        for name in ("portal.sqlite3", "keys.sqlite3", "one.sqlite3", "static"):
            (Path(data) / name).rename(whole / name)
        whole.rename(kept)


def _join(data: Path) -> None:
    """Make one database of the two."""
    shutil.copy(data / "portal.sqlite3", data / "one.sqlite3")
    tables = "SELECT sql FROM sqlite_master WHERE name LIKE 'keyring_%' AND sql IS NOT NULL"
    with (
        closing(sqlite3.connect(data / "keys.sqlite3")) as keys,
        closing(sqlite3.connect(data / "one.sqlite3")) as one,
    ):
        for (statement,) in keys.execute(tables):
            one.execute(statement)
        one.commit()


if __name__ == "__main__":
    with _kept():
        pass
