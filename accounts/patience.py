"""Requests that wait for somebody else, of which only so many do so at once.

Each holds one of the few threads that a web process answers with. What they wait for differs (a
twin, another server, the next event of a fax), the threads are the same: some are always left.
"""

from threading import BoundedSemaphore
from typing import Final

AT_ONCE: Final = 3  # in one process, which has four threads
PLACES: Final = BoundedSemaphore(AT_ONCE)


def taken(own: BoundedSemaphore) -> bool:
    """Take a place of ``own`` kind and one among all who wait; whether both were free."""
    if not own.acquire(blocking=False):
        return False
    if PLACES.acquire(blocking=False):
        return True
    own.release()
    return False


def give_back(own: BoundedSemaphore) -> None:
    """Give both places back."""
    PLACES.release()
    own.release()
