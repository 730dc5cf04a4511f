"""All that is done by the clock, by one process of all: the sweep, and what tidies up."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

from faxes.services.leases import Holder
from faxes.services.sweep import TIDYING, sweep

log = logging.getLogger(__name__)
LEASE: Final = "scheduler"
_TIDY_EVERY: Final = 120.0  # seconds


def keep_time(*, stopping: threading.Event) -> None:
    """Sweep and tidy whenever it is ours to do, until told to stop."""
    holder = Holder(LEASE)
    tidied = -_TIDY_EVERY
    while not stopping.wait(settings.SWEEP_SECONDS):
        if _did(holder, sweep) and time.monotonic() - tidied > _TIDY_EVERY:
            tidied = time.monotonic()
            for step in TIDYING:
                _did(holder, step)
    try:
        holder.give_back()
    except DatabaseError:  # then it ends by itself
        log.warning("the lease of the scheduler was not given back")
    connections.close_all()


def _did(holder: Holder, step: Callable[[], object]) -> bool:
    """Do a step, if it is ours to do; whether it was."""
    try:
        if not holder.holds():
            return False
        step()
    except DatabaseError as error:
        log.warning("the scheduler waits for the database: %s", type(error).__name__)
        close_old_connections()
        return False
    except Exception:  # without the other steps what was lost stays lost
        log.exception("a step of the scheduler failed")
    return True
