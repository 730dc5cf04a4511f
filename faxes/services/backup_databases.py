"""Copies of the databases: SQLite by its backup interface, PostgreSQL by its own programs.

The keys of stored objects are always a copy of their own, also where they lie in one database
with all else: a backup that holds both would open what is deleted later.
"""

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from sqlite3 import connect as open_file
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections, router

from faxes.keyring.models import ObjectKey

_FIRST: Final = ("keyring_accountkey", "keyring_objectkey")  # in the order in which they may come
_OF_SERVER: Final = (
    "host",
    "port",
    "user",
    "dbname",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
)
_LONGEST: Final = 24 * 3600  # seconds
_PROGRAMS: Final = Path("/usr/lib/postgresql")


class BackupError(Exception):
    """What keeps a backup or a restore from being made, in words for the operator."""


def keys_alias() -> str:
    """The database that the keys of stored objects lie in."""
    return router.db_for_read(ObjectKey)


def together() -> bool:
    """Whether keys and all else lie in one database."""
    return keys_alias() == DEFAULT_DB_ALIAS


def has_tables(alias: str) -> bool:
    """Whether anything is in a database; one that is a file is not made by asking."""
    connection = connections[alias]
    if connection.vendor == "sqlite" and not Path(str(connection.settings_dict["NAME"])).exists():
        return False
    return bool(connection.introspection.table_names())


def copy_databases(main: Path, keys: Path) -> None:
    """Copy both, as each is at one moment, while the portal writes: first all else, then the keys.

    So the keys of all that the copy names are there, but for what is deleted in between.

    Raises:
        BackupError: a program of PostgreSQL is missing, or failed.

    """
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        _copy_file(DEFAULT_DB_ALIAS, main)
        if together():
            _take_keys_out(main, keys)
    else:
        apart = [f"--exclude-table-data={table}" for table in _FIRST] if together() else []
        _dump(DEFAULT_DB_ALIAS, main, *apart)
        if together():
            _dump(DEFAULT_DB_ALIAS, keys, "--data-only", *[f"--table={each}" for each in _FIRST])
    if not together():
        if connections[keys_alias()].vendor == "sqlite":
            _copy_file(keys_alias(), keys)
        else:
            _dump(keys_alias(), keys)


def put_databases(main: Path, keys: Path) -> None:
    """Put copies back, each whole or not at all; what an earlier try has put back stays.

    Raises:
        BackupError: a program of PostgreSQL is missing, or failed.

    """
    if not together() and not has_tables(keys_alias()):
        if connections[keys_alias()].vendor == "sqlite":
            _put_file(keys_alias(), keys, None)
        else:
            _load(keys_alias(), keys)
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "sqlite":
        if not has_tables(DEFAULT_DB_ALIAS):
            _put_file(DEFAULT_DB_ALIAS, main, keys if together() else None)
        return
    if not has_tables(DEFAULT_DB_ALIAS):
        _load(DEFAULT_DB_ALIAS, main)
    if together() and not ObjectKey.objects.exists():
        _load(DEFAULT_DB_ALIAS, keys)


def is_sound(copy: Path) -> bool:
    """Whether a copy can be read as what it is."""
    if copy.suffix == ".sqlite3":
        with closing(open_file(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as there:
            return bool(there.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    return _run("pg_restore", ["--list", str(copy)], {}, quiet=True)


def suffix_of(alias: str) -> str:
    """What the name of a copy of a database ends in."""
    return ".sqlite3" if connections[alias].vendor == "sqlite" else ".dump"


def _copy_file(alias: str, target: Path) -> None:
    name = Path(str(connections[alias].settings_dict["NAME"]))
    with (
        closing(open_file(f"{name.resolve().as_uri()}?mode=ro", uri=True, timeout=60)) as live,
        closing(open_file(target)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it


def _take_keys_out(main: Path, keys: Path) -> None:
    """Move the keys from the copy of a database that holds all into a file of their own."""
    with closing(open_file(main, isolation_level=None)) as copy:
        copy.execute("ATTACH ? AS apart", [str(keys)])
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute("CREATE TABLE apart.keyring_accountkey AS SELECT * FROM keyring_accountkey")
        copy.execute("CREATE TABLE apart.keyring_objectkey AS SELECT * FROM keyring_objectkey")
        copy.execute("DELETE FROM main.keyring_objectkey")
        copy.execute("DELETE FROM main.keyring_accountkey")
        copy.execute("DETACH apart")
        copy.execute("VACUUM")


def _put_file(alias: str, copy: Path, keys: Path | None) -> None:
    """Put a file where a database is to be; it has its name when it is whole."""
    connections[alias].close()
    place = Path(str(connections[alias].settings_dict["NAME"]))
    part = place.with_name(f"{place.name}.restoring")
    part.unlink(missing_ok=True)
    shutil.copyfile(copy, part)
    part.chmod(0o600)
    if keys is not None:
        with closing(open_file(part, isolation_level=None)) as whole:
            whole.execute("ATTACH ? AS apart", [str(keys)])
            whole.execute(
                "INSERT INTO main.keyring_accountkey SELECT * FROM apart.keyring_accountkey"
            )
            whole.execute(
                "INSERT INTO main.keyring_objectkey SELECT * FROM apart.keyring_objectkey"
            )
    part.replace(place)


def _dump(alias: str, target: Path, *options: str) -> None:
    where, secrets = _server(alias)
    told = ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}", *options]
    _run("pg_dump", [*told, f"--dbname={where}"], secrets)


def _load(alias: str, copy: Path) -> None:
    where, secrets = _server(alias)
    connections[alias].close()
    told = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _run("pg_restore", [*told, f"--dbname={where}", str(copy)], secrets)


def _server(alias: str) -> tuple[str, dict[str, str]]:
    """Where a database of PostgreSQL is, and what opens it, which no list of processes shows."""
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 (only where it is in use)

    known: dict[str, Any] = connections[alias].get_connection_params()
    place = {name: known[name] for name in _OF_SERVER if known.get(name)}
    return make_conninfo(**place), {"PGPASSWORD": str(known.get("password") or "")}


def _run(program: str, options: list[str], secrets: dict[str, str], *, quiet: bool = False) -> bool:
    path = shutil.which(program)
    if path is None:
        found = sorted(_PROGRAMS.glob(f"*/bin/{program}"), key=lambda each: float(each.parts[4]))
        if not found:
            raise BackupError(f"{program} is missing: install the client programs of PostgreSQL.")
        path = str(found[-1])
    done = subprocess.run(  # noqa: S603 (a program of PostgreSQL, by its path)
        [path, *options],
        env={**os.environ, **secrets},
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    if done.returncode and not quiet:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-500:]}")
    return not done.returncode
