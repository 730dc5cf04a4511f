"""The one door to django-q2: named jobs that carry ids and nothing else, put in on commit."""

from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.tasks import async_task  # noqa: TID251 (this is the door)

from accounts import clock

# A job is a wake-up call: it may be lost or come twice, and looks at its row before it acts.
JOBS: Final = {
    "convert": "faxes.tasks.convert",
    "transmit": "faxes.tasks.transmit",
    "follow": "faxes.tasks.follow",
    "receive": "faxes.tasks.receive",
    "sync": "faxes.tasks.sync",
    "erase": "faxes.tasks.erase",
}


def enqueue(name: str, **ids: UUID | str) -> None:
    """Put a job in once the transaction at hand has committed (at once outside of one).

    A broker that does not take it is logged and no error: what was committed is committed, and
    the sweep finds it.
    """
    path = JOBS[name]
    plain = {key: str(value) for key, value in ids.items()}
    transaction.on_commit(lambda: _put(path, plain), robust=True)


def _put(path: str, ids: dict[str, str]) -> None:
    options: dict[str, Any] = {"save": False}
    async_task(path, q_options=options, **ids)


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


def backlog() -> int:
    """Jobs that wait to be taken."""
    return int(get_broker().queue_size())
