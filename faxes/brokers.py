"""Where jobs wait, and how workers take them: as rows here, in Redis next door (``receipts``).

Either way a job that is taken is held, not gone, and comes back if nobody acknowledges it in time.
One group of workers may serve several queues, in their order; of slow work it never takes so much
that nobody is left for the quick.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from multiprocessing.synchronize import Semaphore
from typing import Any, Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, transaction
from django.db.models import Case, Count, Min, Value, When
from django_q.brokers import Broker
from django_q.models import OrmQ
from django_q.signals import post_execute_in_worker

from accounts import clock
from faxes.queues import QUICK, WITH_JOBS, Away

log = logging.getLogger(__name__)
Receipt = tuple[str, Any]  # the queue, and what the job is known by in there
HELD_FOR: Final = timedelta(seconds=settings.Q_CLUSTER["retry"])
_POLL: Final[float] = settings.Q_CLUSTER["poll"]
_REST: Final = 1.0  # seconds after trouble
_CANDIDATES: Final = 4  # others may take the first
_TURN: Final = 3  # one look of so many begins with another of the slow queues than the first


class Served(Broker):  # type: ignore[misc]  # django-q2 has no types
    """The queues that a group of workers serves; a name that is no queue's stands for all."""

    _slots: Semaphore | None = None
    _looks = 0  # at all queues, not only the quick

    def __init__(self, list_key: str = "", *, queues: Sequence[str] = ()) -> None:
        """Serve some queues; django-q2 itself asks for one, by its name."""
        self.queues = tuple(queues) or ((list_key,) if list_key in WITH_JOBS else WITH_JOBS)
        super().__init__(list_key=",".join(self.queues))

    @staticmethod
    def get_cache() -> None:
        """Nothing is kept in the cache."""

    def limit_slow(self, slots: Semaphore) -> None:
        """Have as many slow jobs taken and not ended as there are slots, over all forks of this."""
        self._slots = slots
        # no model's signal, and nothing else tells that a job ended, well or badly:
        # ast-grep-ignore: no-signals
        post_execute_in_worker.connect(self._job_ended)

    def dequeue(self) -> list[tuple[Receipt, str]] | None:
        """The next job, if there is one; else, or in trouble, a moment passes."""
        has_slot = self._slots is None or self._slots.acquire(block=False)
        queues = self._all() if has_slot else [each for each in self.queues if each in QUICK]
        taken, rest = None, _POLL
        try:
            taken = self._take(queues) if queues else None
        except (Away, DatabaseError) as error:
            log.warning("no job can be taken now: %s", type(error).__name__)
            rest = _REST
        finally:
            if has_slot and (taken is None or taken[0][0] in QUICK):
                self._free_slot()
        if taken is None:
            time.sleep(rest)
            return None
        return [taken]

    def _all(self) -> list[str]:
        """All queues in their order; but each of the slow is first at times, lest it wait for ever.

        Without that nobody's work would be done for as long as somebody's comes in.
        """
        quick = [each for each in self.queues if each in QUICK]
        slow = [each for each in self.queues if each not in QUICK]
        self._looks += 1
        turn, within = divmod(self._looks, _TURN)
        if within or not slow:
            return [*quick, *slow]
        first = turn % len(slow)
        return [*slow[first:], *slow[:first], *quick]

    def acknowledge(self, task_id: Receipt) -> None:
        """Let go of a job that has ended; if that fails it comes again, which does no harm."""
        try:
            self._let_go(*task_id)
        except (Away, DatabaseError) as error:
            log.warning("a job cannot be acknowledged: %s", type(error).__name__)

    def fail(self, task_id: Receipt) -> None:
        """Remove what is no job of ours."""
        self.acknowledge(task_id)
        if task_id[0] not in QUICK:
            self._free_slot()

    def ping(self) -> bool:
        """Whether to begin: always, as what is away comes back."""
        return True

    def queue_size(self) -> int:
        """How many jobs wait."""
        return sum(self.waiting().values())

    def waiting(self) -> dict[str, int]:
        """How many jobs wait in each queue that has some."""
        raise NotImplementedError

    def waiting_since(self) -> dict[str, datetime]:
        """Since when the first job of each queue waits that has one."""
        raise NotImplementedError

    def heads(self) -> dict[str, object]:
        """What the job that is next is known by, of each queue that has one."""
        raise NotImplementedError

    def release(self) -> None:
        """Let what was taken be taken again: its taker may be dead."""
        raise NotImplementedError

    def _take(self, queues: Sequence[str]) -> tuple[Receipt, str] | None:
        raise NotImplementedError

    def _let_go(self, queue: str, known_by: Any) -> None:
        raise NotImplementedError

    def _job_ended(self, task: dict[str, Any], **_: Any) -> None:
        receipt = task.get("ack_id")
        if receipt and receipt[0] not in QUICK:
            self._free_slot()

    def _free_slot(self) -> None:
        if self._slots is not None:
            self._slots.release()


class Rows(Served):
    """Jobs as rows, which are part of the transaction that puts them in."""

    def enqueue(self, task: str) -> int:
        """Put a job in."""
        _renew_connection()
        row = OrmQ.objects.create(key=self.queues[0], payload=task, lock=clock.now())
        return int(row.pk)

    def waiting(self) -> dict[str, int]:
        """How many jobs wait in each queue that has some."""
        return dict(self._ready().values_list("key").annotate(Count("pk")).order_by())

    def waiting_since(self) -> dict[str, datetime]:
        """Since when the first job of each queue waits that has one."""
        return dict(self._ready().values_list("key").annotate(Min("lock")).order_by())

    def heads(self) -> dict[str, object]:
        """What the job that is next is known by, of each queue that has one."""
        return dict(self._ready().values_list("key").annotate(Min("pk")).order_by())

    def release(self) -> None:
        """Let what was taken be taken again, by whomever: it comes twice where its taker lives."""
        now = clock.now()
        OrmQ.objects.filter(key__in=self.queues, lock__gt=now).update(lock=now)

    def _ready(self) -> Any:
        return OrmQ.objects.filter(key__in=self.queues, lock__lte=clock.now())

    def _take(self, queues: Sequence[str]) -> tuple[Receipt, str] | None:
        _renew_connection()
        order = Case(*(When(key=each, then=Value(at)) for at, each in enumerate(queues)))
        for row in self._ready().filter(key__in=queues).order_by(order, "pk")[:_CANDIDATES]:
            mine = OrmQ.objects.filter(pk=row.pk, lock=row.lock)
            if mine.update(lock=clock.now() + HELD_FOR):
                return (row.key, row.pk), row.payload
        return None

    def _let_go(self, queue: str, known_by: int) -> None:
        _renew_connection()
        OrmQ.objects.filter(key=queue, pk=known_by).delete()


def _renew_connection() -> None:
    """Let go of a connection that has broken or is old, unless a transaction is open in it."""
    if transaction.get_autocommit():
        close_old_connections()
