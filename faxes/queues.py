"""The queues that jobs wait in, and the couriers beside them: each may have machines of its own.

Work that takes its time has queues of its own, lest work that does not waits behind it.
"""

from collections.abc import Sequence
from typing import Final

# In the order in which a worker that serves several looks into them.
LINE: Final = "line"  # sending: the next try of a fax, how it stands, the embedded line
MAIL: Final = "mail"  # mails that become faxes; whoever is told by mail or text message
SYNC: Final = "sync"  # asking carriers: arrivals, numbers, whether they are back
CONVERT: Final = "convert"  # documents into fax pages, broadcasts into faxes
CHORES: Final = "chores"  # what nobody waits for: exports, reading pages, removing
WEBHOOKS: Final = "webhooks"  # no jobs, but couriers: programs are told, addresses are fetched

WITH_JOBS: Final = (LINE, MAIL, SYNC, CONVERT, CHORES)
QUEUES: Final = (*WITH_JOBS, WEBHOOKS)
QUICK: Final = frozenset({LINE, MAIL})


class Away(Exception):
    """What keeps the queues cannot be reached; work goes on, and the sweep finds what it must."""


def chosen(names: str) -> tuple[str, ...]:
    """The queues that are named, with commas between them; all of them if none is.

    Raises:
        ValueError: one of these names is not a queue's.

    """
    asked = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in asked if name not in QUEUES]:
        raise ValueError(f"there is no queue {unknown[0]!r}; there are {', '.join(QUEUES)}")
    return tuple(name for name in QUEUES if name in asked or not asked)


def slow_at_once(workers: int, queues: Sequence[str]) -> int:
    """How many workers of a group may do slow work: one is left to the quick, if that is there."""
    return max(1, workers - 1) if QUICK & set(queues) else workers
