"""The one door to django-q2: named jobs that carry ids and nothing else, put in on commit.

A job carries the id of the request that it came of, too, for the log.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction
from django_q.brokers import get_broker
from django_q.models import Failure, OrmQ
from django_q.tasks import async_task  # noqa: TID251 (this is the door)

from accounts import at_work, clock

# A job is a wake-up call: it may be lost or come twice, and looks at its row before it acts.
JOBS: Final = {
    "broadcast": "faxes.tasks.broadcast",
    "convert": "faxes.tasks.convert",
    "transmit": "faxes.tasks.transmit",
    "follow": "faxes.tasks.follow",
    "probe": "faxes.tasks.probe",
    "receive": "faxes.tasks.receive",
    "sync": "faxes.tasks.sync",
    "sync_numbers": "faxes.tasks.sync_numbers",
    "forget_copy": "faxes.tasks.forget_copy",
    "erase": "faxes.tasks.erase",
    "scrub": "faxes.tasks.scrub",
    "export": "faxes.tasks.export",
    "tell_export": "faxes.tasks.tell_export",
    "wind_up": "faxes.tasks.wind_up",
    "wrap_up": "faxes.tasks.wrap_up",
    "mail": "faxes.tasks.mail",
    "read_pages": "faxes.tasks.read_pages",
    "forget_words": "faxes.tasks.forget_words",
    "retain": "faxes.tasks.retain",
    "tell_low": "faxes.tasks.tell_low",
}
_DOOR: Final = "faxes.tasks.run"
_JOBS_ARE_ROWS: Final = settings.Q_CLUSTER.get("orm") == DEFAULT_DB_ALIAS


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
    options: dict[str, Any] = {"save": False}
    request = at_work.at_work().get("request", "")
    async_task(_DOOR, path, request, q_options=options, **ids)


def oldest_waiting() -> int | None:
    """The job that has waited longest to be taken, where the broker can tell; else None."""
    waiting = OrmQ.objects.filter(lock__lte=clock.now()).order_by("pk")
    oldest: int | None = waiting.values_list("pk", flat=True).first()
    return oldest


def release_taken() -> None:
    """Let what was taken be taken again, where the broker remembers it: its taker may be dead.

    For whoever takes over from the dead; a job that lives on elsewhere comes twice, which does no
    harm.
    """
    now = clock.now()
    OrmQ.objects.filter(lock__gt=now).update(lock=now)


def forget_failures(before: datetime) -> None:
    """Remove the traces of jobs that failed before a time; else they are kept for ever."""
    Failure.objects.filter(stopped__lt=before).delete()


def backlog() -> int:
    """Jobs that wait to be taken."""
    return int(get_broker().queue_size())


def left_behind(before: datetime) -> list[int]:
    """Jobs as rows that were to be taken before a time, and were not; some of them."""
    rows = OrmQ.objects.filter(lock__lt=before).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:10_000])


def forget(ids: list[int]) -> None:
    """Remove jobs that are rows; what they were to wake is woken all the same."""
    OrmQ.objects.filter(pk__in=ids).delete()
