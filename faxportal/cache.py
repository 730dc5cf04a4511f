"""The cache in Redis, and in the database's table while Redis is away.

So the portal goes on, and what is limited stays limited: counts of wrong passwords begin anew then,
once, but they do count, over all processes. Values are JSON, since whoever writes to Redis must not
run anything here.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from faxes.queues import Away
from faxes.redis_door import name_of, reaching
from faxportal.shared import ROWS

T = TypeVar("T")


class SharedCache(BaseCache):
    """Django's cache, as far as the portal and its packages use it."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        """Take the parameters that all caches have."""
        super().__init__(params)

    def make_key(self, key: str, version: int | None = None) -> str:
        """What a key is called in Redis."""
        return name_of("cache", super().make_key(key, version=version))

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Set a value that is not there; whether that was so."""
        return self._either(
            lambda: self._put(key, value, timeout, version, nx=True),
            lambda rows: rows.add(key, value, timeout, version),
        )

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """A value, or the default."""

        def found() -> Any:
            with reaching() as redis:
                told = redis.get(self._name(key, version))
            return default if told is None else json.loads(str(told))

        return self._either(found, lambda rows: rows.get(key, default, version))

    def set(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Set a value."""
        self._either(
            lambda: self._put(key, value, timeout, version, nx=False),
            lambda rows: rows.set(key, value, timeout, version),
        )

    def touch(
        self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Have a value live for so long from now on; whether it is there."""
        lives = self._milliseconds(timeout)

        def touched() -> bool:
            name = self._name(key, version)
            with reaching() as redis:
                if lives is None:
                    return bool(redis.exists(name) and (redis.persist(name) or True))
                return bool(redis.pexpire(name, lives))

        return self._either(touched, lambda rows: rows.touch(key, timeout, version))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove a value; whether it was there."""

        def deleted() -> bool:
            with reaching() as redis:
                return bool(redis.delete(self._name(key, version)))

        return self._either(deleted, lambda rows: rows.delete(key, version))

    def clear(self) -> None:
        """Remove everything that is ours."""

        def cleared() -> None:
            with reaching() as redis:
                names: Iterable[str] = redis.scan_iter(match=name_of("cache", "*"), count=1000)
                for name in names:
                    redis.unlink(name)

        self._either(cleared, lambda rows: rows.clear())

    def _name(self, key: str, version: int | None) -> str:
        return str(self.make_and_validate_key(key, version=version))

    def _put(
        self, key: str, value: Any, timeout: float | None, version: int | None, *, nx: bool
    ) -> bool:
        name, lives = self._name(key, version), self._milliseconds(timeout)
        with reaching() as redis:
            if lives == 0:
                return bool(not redis.delete(name) or not nx)
            return bool(redis.set(name, json.dumps(value), px=lives, nx=nx))

    def _milliseconds(self, timeout: float | None) -> int | None:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return None if seconds is None else max(0, round(1000 * seconds))

    def _either(self, in_redis: Callable[[], T], in_rows: Callable[[BaseCache], T]) -> T:
        try:
            return in_redis()
        except Away:
            return in_rows(caches[ROWS])
