"""The loop of whoever waits for the outside: claim what is due, deliver each in a thread.

What is due and what follows is said by whoever claims and settles; this only sees to it that one
delivery which takes its time holds up no other.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from django.db import close_old_connections, connections

from accounts import clock, tracing

T = TypeVar("T")
log = logging.getLogger(__name__)
_LOOK_EVERY: Final = 0.25  # seconds between looks for what is due
_END_WITHIN: Final = 20.0  # seconds for deliveries to end once we are told to stop
_REST: Final = 1.0  # seconds after trouble


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One kind of deliveries, of which so many ``threads`` are under way at once.

    ``claim_next`` holds what is due by a lease, or says None; ``deliver`` settles it. If that
    fails, the lease ends, and it is delivered again.
    """

    name: str
    threads: int
    claim_next: Callable[[datetime], T | None]
    deliver: Callable[[T], object]


def carry_out(kind: Kind[T], *, stopping: threading.Event) -> None:
    """Deliver whatever comes to be due, until told to stop; then let deliveries end."""
    free, ended = threading.Semaphore(kind.threads), threading.Event()
    while not stopping.is_set():
        if not free.acquire(timeout=0.5):
            continue
        claimed = _claimed(kind, stopping)
        if claimed is None:
            free.release()
            ended.wait(_LOOK_EVERY)  # what had to wait for another may go as soon as that ends
            ended.clear()
            continue
        told = (kind, claimed, free, ended)
        threading.Thread(target=_deliver_one, args=told, daemon=True, name=kind.name).start()
    deadline = time.monotonic() + _END_WITHIN
    for _ in range(kind.threads):
        free.acquire(timeout=max(0.0, deadline - time.monotonic()))
    connections.close_all()


def carry_out_due(kind: Kind[T]) -> int:
    """Deliver all that is due, one after the other; how many tries that were."""
    tries = 0
    while (claimed := kind.claim_next(clock.now())) is not None:
        kind.deliver(claimed)
        tries += 1
    return tries


def _claimed(kind: Kind[T], stopping: threading.Event) -> T | None:
    try:
        return kind.claim_next(clock.now())
    except Exception:  # the database is away, most likely, and comes back
        log.exception("what is due of %s cannot be read", kind.name)
        close_old_connections()
        stopping.wait(_REST)
        return None


def _deliver_one(
    kind: Kind[T], claimed: T, free: threading.Semaphore, ended: threading.Event
) -> None:
    try:
        with tracing.traced(f"deliver {kind.name}", "consumer"):
            kind.deliver(claimed)
    except Exception:  # the lease ends, and it is tried again
        log.exception("one of %s could not be delivered", kind.name)
    finally:
        connections.close_all()
        free.release()
        ended.set()
