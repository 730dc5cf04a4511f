"""Parameters in an address, read one by one; all that cannot be read are told at once."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from faxes.api.native.problems import Fault, Problem
from faxes.api.native.schema import Query

T = TypeVar("T")
E = TypeVar("E", bound=str)
ID: Final = {"type": "string", "format": "uuid"}
TIME: Final = {"type": "string", "format": "date-time"}
DAY: Final = {"type": "string", "format": "date"}
YES_OR_NO: Final = {"type": "boolean"}
LONGEST_SEARCH: Final = 200
SEARCH: Final = {"type": "string", "minLength": 1, "maxLength": LONGEST_SEARCH}
# An account of a reseller's, where the asker's own is meant without it.
ACCOUNT: Final = Query("account", "An account below, instead of the token's own.", ID)
NARROWEST: Final = 32
WIDEST: Final = 1728  # a fax page has no more columns
USUAL_WIDTH: Final = 864
WIDTH: Final = Query(
    "width",
    f"Of the picture, in pixels; {USUAL_WIDTH} if not said.",
    {"type": "integer", "minimum": NARROWEST, "maximum": WIDEST},
)
_LARGEST: Final = 2**62
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Asked:
    """The parameters of one request."""

    def __init__(self, request: Request) -> None:
        self._query = request.query_params
        self._faults: list[Fault] = []

    def read(self, name: str, reader: Callable[[str], T], otherwise: T) -> T:
        """What a parameter says; ``otherwise`` if it is not there."""
        written = self._query.get(name)
        if written is None:
            return otherwise
        try:
            return reader(written)
        except (KeyError, ValueError, OverflowError):
            self._faults.append(Fault(f"{name}_invalid", "This cannot be read.", name))
            return otherwise

    def fault(self, name: str, detail: str) -> None:
        """Note that a parameter cannot be."""
        self._faults.append(Fault(f"{name}_invalid", detail, name))

    def require(self) -> None:
        """Let pass what could be read.

        Raises:
            Problem: with every parameter that could not.

        """
        if self._faults:
            raise Problem(400, self._faults)


def an_id(written: str) -> UUID:
    """An id as this API writes them."""
    if not _ID.fullmatch(written):
        raise ValueError(written)
    return UUID(written)


def a_time(written: str) -> datetime:
    """A time as RFC 3339, with its zone."""
    moment = parse_datetime(written.replace(" ", "+"))  # "+" as forms write it
    if moment is None or moment.tzinfo is None:
        raise ValueError(written)
    return moment.astimezone(UTC)


def a_day(written: str) -> date:
    """A day, as ``2026-11-21``."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        raise ValueError(written)
    return date.fromisoformat(written)


def a_month(written: str) -> date:
    """The first day of a month, as ``2026-11``."""
    return a_day(f"{written}-01")


def a_width(written: str) -> int:
    """The width of a picture, in pixels."""
    if not (re.fullmatch(r"[0-9]{1,9}", written) and NARROWEST <= int(written) <= WIDEST):
        raise ValueError(written)
    return int(written)


def yes_or_no(written: str) -> bool:
    """``true`` or ``false``."""
    return {"true": True, "false": False}[written]


def words_to_find(written: str) -> str:
    """What is searched for."""
    if not 0 < len(written) <= LONGEST_SEARCH:
        raise ValueError(written)
    return written


def one_of(values: Iterable[E]) -> Callable[[str], E]:
    """One of a few words."""
    known = {str(each): each for each in values}
    return lambda written: known[written]


def place(written: str) -> int:
    """The number in a list that a cursor stands for; 0 for its beginning."""
    if not written:
        return 0
    if not (written.isascii() and written.isdecimal() and 0 < int(written[:20]) <= _LARGEST):
        raise ValueError(written)
    return int(written)


def enum(values: Iterable[Any]) -> dict[str, Any]:
    """The schema of one of a few words."""
    return {"type": "string", "enum": [str(each) for each in values]}
