"""The filters of a list, read out of its address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone

from faxes import phone
from faxes.enums import Direction, ErrorCode, FaxState
from faxes.errors import FaxError, NumberError, RequestError
from faxes.queries.faxes import UNDER_WAY, FaxFilter

if TYPE_CHECKING:
    from accounts.models import Account

T = TypeVar("T")
NAMES = (
    "q", "status", "faxbox", "number", "from", "to", "unread", "label", "mine", "held", "archived",
    "cursor",
)  # fmt: skip
IN_THE_WORKS = "under-way"  # the states of what is not ended yet, as one
_FOLDED = ("faxbox", "number", "from", "to", "label", "mine", "held")
_ON = frozenset({"1", "true", "on"})
TOO = "too"  # what was put away is shown among the others
_LONGEST = 200
_MARGIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: as typed, as understood, and what could not be."""

    typed: dict[str, str]
    shown: FaxFilter
    errors: tuple[FaxError, ...]

    @property
    def narrowed(self) -> bool:
        """Whether anything but the place in the list is asked for."""
        return any(value for name, value in self.typed.items() if name != "cursor")

    @property
    def query(self) -> str:
        """The address of the top of this list, behind the ?."""
        return urlencode({k: v for k, v in self.typed.items() if v and k != "cursor"})

    @property
    def folded(self) -> bool:
        """Whether one of the filters that are folded away is in use."""
        return any(self.typed[name] for name in _FOLDED)


def asked_for(
    query: QueryDict, direction: Direction, account: "Account", *, person: UUID | None = None
) -> Asked:
    """Read the filters; each that cannot be read is told of and left out.

    ``person`` asks. What was put away is shown if it is asked for, and among what is looked for.
    """
    typed = {name: query.get(name, "").strip()[:_LONGEST] for name in NAMES}
    errors: list[FaxError] = []

    def read(name: str, reader: Callable[[str], T], otherwise: T) -> T:
        if not typed[name]:
            return otherwise
        try:
            return reader(typed[name])
        except FaxError as error:
            error.field = name
            errors.append(error)
            return otherwise

    zone = timezone.get_current_timezone()
    until = read("to", _day, None)
    since = read("from", _day, None)
    shown = FaxFilter(
        direction=direction,
        q=typed["q"],
        states=read("status", _states, ()),
        faxbox_id=read("faxbox", _faxbox, None),
        number=read("number", lambda text: _number(text, account), ""),
        since=_midnight(since, zone) if since else None,
        until=_midnight(until + timedelta(days=1), zone) if until else None,
        unread=typed["unread"] in _ON,
        label_id=read("label", _label, None),
        assigned_to=person if typed["mine"] in _ON else None,
        archived=_archived(typed),
        on_hold=typed["held"] in _ON,
    )
    return Asked(typed, shown, tuple(errors))


def _archived(typed: dict[str, str]) -> bool | None:
    if typed["archived"] in _ON:
        return True
    return None if typed["q"] or typed["held"] or typed["archived"] == TOO else False


def _day(text: str) -> date:
    wrong = RequestError(ErrorCode.DATE_INVALID, date=text[:40])
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise wrong from None
    # The days at both ends of the calendar have no midnight in every zone.
    if not date.min + _MARGIN <= day <= date.max - _MARGIN:
        raise wrong
    return day


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _states(text: str) -> tuple[FaxState, ...]:
    if text == IN_THE_WORKS:
        return UNDER_WAY
    try:
        return (FaxState(text),)
    except ValueError:
        raise RequestError(ErrorCode.STATUS_INVALID, status=text[:40]) from None


def _faxbox(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RequestError(ErrorCode.FAXBOX_NOT_FOUND) from None


def _label(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RequestError(ErrorCode.LABEL_NOT_FOUND) from None


def _number(text: str, account: "Account") -> str:
    try:
        return phone.parse_recipient(text, country=account.country)
    except NumberError:
        # A sender may have called itself anything; such a name is looked for as it is written.
        if any(char.isalpha() for char in text):
            return text
        raise
