"""The one door to django-q2: named jobs that carry ids and nothing else, put in on commit.

A job carries the id of the request that it came of, too, for the log.
"""

import logging
from datetime import datetime
from functools import cache
from typing import Any, Final, cast
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils.module_loading import import_string
from django_q.models import Failure, OrmQ
from django_q.tasks import async_task  # noqa: TID251 (this is the door)

from accounts import at_work
from faxes.brokers import Served
from faxes.queues import CHORES, CONVERT, LINE, MAIL, SYNC, Away

log = logging.getLogger(__name__)
# A job is a wake-up call: it may be lost or come twice, and looks at its row before it acts.
QUEUE_OF: Final = {
    "transmit": LINE,
    "follow": LINE,
    "mail": MAIL,
    "wrap_up": MAIL,
    "tell_export": MAIL,
    "tell_low": MAIL,
    "probe": SYNC,
    "receive": SYNC,
    "sync": SYNC,
    "sync_numbers": SYNC,
    "forget_copy": SYNC,
    "convert": CONVERT,
    "broadcast": CONVERT,
    "erase": CHORES,
    "scrub": CHORES,
    "export": CHORES,
    "wind_up": CHORES,
    "read_pages": CHORES,
    "forget_words": CHORES,
    "retain": CHORES,
}
JOBS: Final = {name: f"faxes.tasks.{name}" for name in QUEUE_OF}
_DOOR: Final = "faxes.tasks.run"
_JOBS_ARE_ROWS: Final = not settings.REDIS_URL and settings.Q_CLUSTER["orm"] == DEFAULT_DB_ALIAS


def enqueue(name: str, **ids: UUID | str) -> None:
    """Put a job in with the transaction at hand (at once outside of one).

    Where jobs are rows they are part of the transaction, and come or do not come with it. Elsewhere
    they follow the commit; a broker that does not take one is logged and no error, as what was
    committed is committed, and the sweep finds it.
    """
    path = JOBS[name]
    plain = {key: str(value) for key, value in ids.items()}
    if _JOBS_ARE_ROWS and transaction.get_connection().in_atomic_block:
        _put(path, plain)
    else:
        transaction.on_commit(lambda: _put(path, plain), robust=True)


def _put(path: str, ids: dict[str, str]) -> None:
    queue = QUEUE_OF[path.rpartition(".")[2]]
    request = at_work.at_work().get("request", "")
    options: dict[str, Any] = {"save": False, "broker": serving(queue)}
    try:
        async_task(_DOOR, path, request, q_options=options, **ids)
    except Away:
        log.warning("a job for %s was left to the sweep", queue)


@cache
def serving(*queues: str) -> Served:
    """The broker of some queues; of all of them if none is named."""
    return cast("Served", import_string(settings.Q_CLUSTER["broker_class"])(queues=queues))


def waiting() -> dict[str, int]:
    """How many jobs wait in each queue that has some.

    Raises:
        Away: that cannot be told.

    """
    return serving().waiting()


def waiting_since() -> dict[str, datetime]:
    """Since when the first job of each queue waits that has one.

    Raises:
        Away: that cannot be told.

    """
    return serving().waiting_since()


def forget_failures(before: datetime) -> None:
    """Remove the traces of jobs that failed before a time; else they are kept for ever."""
    Failure.objects.filter(stopped__lt=before).delete()


def left_behind(before: datetime) -> list[int]:
    """Jobs as rows that were to be taken before a time, and were not; some of them."""
    rows = OrmQ.objects.filter(lock__lt=before).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:10_000])


def forget(ids: list[int]) -> None:
    """Remove jobs that are rows; what they were to wake is woken all the same."""
    OrmQ.objects.filter(pk__in=ids).delete()
