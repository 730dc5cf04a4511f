"""Waiting for databases that are away when a process starts: it begins once they are there."""

import logging
import time
from collections.abc import Callable
from typing import Final

from django.db import Error as DatabaseError
from django.db import connections

log = logging.getLogger(__name__)
_ASK_EVERY: Final = 1.0  # seconds


def wait_for_databases(*, stopping: Callable[[], bool] = lambda: False) -> None:
    """Return once all databases can be reached, or when told to stop."""
    told = False
    for connection in connections.all():
        while not stopping():
            try:
                connection.ensure_connection()
            except DatabaseError as error:
                connections.close_all()
                if not told:
                    log.warning("waiting for the database: %s", type(error).__name__)
                told = True
                time.sleep(_ASK_EVERY)
            else:
                break
