"""What is being worked on: the ids that every line of the log carries, from door to carrier."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Final

from accounts.ids import new_id

# In the order in which a line tells them; nothing else is told, lest content gets into a log.
NAMES: Final = ("request", "account", "fax", "attempt", "carrier")
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_AT_WORK: ContextVar[Mapping[str, str] | None] = ContextVar("at_work", default=None)


def at_work() -> Mapping[str, str]:
    """The ids of what this thread or task works on."""
    return _AT_WORK.get() or _NOTHING


def begin(**ids: object) -> None:
    """Work on something to the end of this thread or task."""
    _AT_WORK.set(_NOTHING)
    note(**ids)


def note(**ids: object) -> None:
    """Add ids that became known; None and "" say nothing.

    They hold until the work is over. Where none was begun nothing would end them, so there they
    are not noted.
    """
    known = _AT_WORK.get()
    told = {name: str(ids[name]) for name in NAMES if ids.get(name)}
    if told and known is not None:
        _AT_WORK.set(MappingProxyType({**known, **told}))


@contextmanager
def working_on(**ids: object) -> Iterator[None]:
    """Work on something; before and after, this thread works on what it did before."""
    before = _AT_WORK.set(_NOTHING)
    note(**ids)
    try:
        yield
    finally:
        _AT_WORK.reset(before)


def new_request() -> str:
    """The id of a request that brought none."""
    return str(new_id())
