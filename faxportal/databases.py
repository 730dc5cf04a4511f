"""How databases are spoken to: by SQLite's rules or PostgreSQL's, from a pool in web processes."""

import sys
from typing import Any, Final

SQLITE: Final = "django.db.backends.sqlite3"
# What only those processes import that answer requests.
_WEB: Final = "faxportal.wsgi"
# WAL lets readers and one writer work side by side. Transactions take the write lock when they
# begin, since one that reads first and writes later cannot wait its turn. FULL keeps the promise
# that an attempt is on disk before a carrier hears of it, also in a power cut.
_SQLITE_OPTIONS: Final = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000;"
    ),
}
# A server that has gone without a word is noticed, instead of being waited for, for ever. What the
# address of the database says is not changed.
_SERVER_OPTIONS: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_KEPT_SECONDS: Final = 300


def complete(database: dict[str, Any], *, most: int) -> dict[str, Any]:
    """What an address says of a database, and the rest; ``most`` connections are in a pool.

    Only web processes have one. All others keep a connection to each thread of theirs; what forks
    cannot have a pool: its children would share the parent's connections, and lack the threads
    that look after them.
    """
    if database["ENGINE"] == SQLITE:
        return {**database, "OPTIONS": dict(_SQLITE_OPTIONS), **_kept()}
    options = {**_SERVER_OPTIONS, **database.get("OPTIONS", {})}
    if not (most and _WEB in sys.modules):
        return {**database, "OPTIONS": options, **_kept()}
    options["pool"] = {
        "min_size": 1,
        "max_size": most,
        "timeout": 10,
        "max_idle": _KEPT_SECONDS,
        "max_lifetime": 1800,
    }
    # Given back when a request has ended; whoever gets one next sees to it that it still works.
    return {**database, "OPTIONS": options, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}


def _kept() -> dict[str, Any]:
    return {"CONN_MAX_AGE": _KEPT_SECONDS, "CONN_HEALTH_CHECKS": True}
