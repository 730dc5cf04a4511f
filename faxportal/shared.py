"""Settings of what all processes share: how tasks wait, and where the cache is."""

from typing import Any, Final

ROWS: Final = "rows"  # the cache that is a table, whatever the other is


def task_settings(*, workers: int, in_redis: bool) -> dict[str, Any]:
    """How django-q2 works.

    Rows are the truth and a task is a wake-up call with an id, so a doubled or lost task does no
    harm; still, each figure is chosen knowingly.
    """
    return {
        "name": "faxportal",
        "broker_class": "faxes.receipts.Receipts" if in_redis else "faxes.brokers.Rows",
        "orm": "default",
        "workers": workers,
        # every task is short (conversion and calls run in processes of their own)
        "timeout": 120,
        # runs from the moment a task is taken into memory, so it must outlast the wait behind
        # others: timeout x (2 + queue_limit / workers)
        "retry": 400,
        # counts only results that were saved; the rows count for themselves
        "max_attempts": 3,
        # would make a failed task never run again
        "ack_failures": False,
        # anything >= 0 locks and reads all saved results at each one: a quarter the speed
        "save_limit": -1,
        # tasks waiting in memory are lost with the process: as few as keep workers busy
        "queue_limit": workers,
        "bulk": 1,
        "poll": 0.1,
        # returns a worker's memory
        "recycle": 500,
        "max_rss": 300_000,
        # a missed schedule need not be replayed: the sweep looks at rows
        "catch_up": False,
        "scheduler": False,
        "log_level": "WARNING",
    }


def caches(*, in_redis: bool) -> dict[str, dict[str, Any]]:
    """The cache that all processes share, as rate limits must hold over all of them.

    In Redis it is quicker; the table takes over while that is away.
    """
    rows = {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        # Full, it drops a part at random: that must not be counts of wrong passwords.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
    if not in_redis:
        return {"default": rows}
    return {"default": {"BACKEND": "faxportal.cache.SharedCache"}, ROWS: rows}
