"""The one door to Redis: bounded waits, names of our own, and a pause while it is away.

Nothing that must not be lost is kept there, so whoever finds it away goes on without it.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.retry import Retry

from faxes.queues import Away

log = logging.getLogger(__name__)
_CONNECT_WITHIN: Final = 1.0  # seconds
_ANSWER_WITHIN: Final = 2.0
# In which a process does not ask again, so that nobody waits for it time after time.
_PAUSE: Final = 3.0
# Connections that a server has closed are noticed by those who use them, and made anew once.
OPTIONS: Final[dict[str, Any]] = {
    "socket_connect_timeout": _CONNECT_WITHIN,
    "socket_timeout": _ANSWER_WITHIN,
    "health_check_interval": 15,
    "retry": Retry(NoBackoff(), 1, supported_errors=(NotConnected,)),
}


class _Standing:
    """Whether this process has found Redis away a moment ago."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ask_at = 0.0

    def is_pausing(self) -> bool:
        return time.monotonic() < self._ask_at

    def fell(self, error: redis.RedisError) -> None:
        with self._lock:
            told, self._ask_at = self.is_pausing(), time.monotonic() + _PAUSE
        if not told:
            log.warning("Redis is away: %s", type(error).__name__)


_STANDING: Final = _Standing()


def name_of(*parts: str) -> str:
    """What something is called there; the braces keep all of it together in a Redis Cluster."""
    return ":".join([f"{{{settings.REDIS_PREFIX}}}", *parts])


@contextmanager
def reaching() -> Iterator[redis.Redis]:
    """Ask Redis.

    Raises:
        Away: it does not answer as it should, or did not a moment ago.

    """
    if _STANDING.is_pausing():
        raise Away
    try:
        yield _client()
    except redis.RedisError as error:
        _STANDING.fell(error)
        raise Away from error


def is_there() -> bool:
    """Whether Redis answers."""
    try:
        with reaching() as asked:
            return bool(asked.ping())
    except Away:
        return False


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, **OPTIONS)
