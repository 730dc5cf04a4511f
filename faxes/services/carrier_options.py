"""What a fax asks for that no carrier on its way can do is refused when it is handed in.

A carrier's ``capabilities`` say what its protocol can express; what its contract allows shows when
it is asked.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import Account
from faxes import phone
from faxes.carriers.base import Capabilities
from faxes.enums import ErrorCode, Quality
from faxes.errors import RequestError
from faxes.models import Carrier
from faxes.services.route import capabilities_of, number_of, routes_to

_Test = Callable[[bool, Capabilities], bool]
_QUALITIES: Final[dict[Quality, Promise]] = {
    Quality.STANDARD: lazy("standard quality"),
    Quality.FINE: lazy("fine quality"),
    Quality.SUPERFINE: lazy("superfine quality"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What one fax asks for by itself; what its fax machine is set to is no wish.

    ``from_number`` is whether it names the number to send from.
    """

    quality: Quality | None = None
    from_number: bool = False
    station_id: bool = False
    header: bool = False

    @classmethod
    def of(cls, asked: "Asked", quality: Quality | None) -> "Wishes":
        """Those of a request, with the quality that it names."""
        return cls(
            quality=quality,
            from_number=bool(asked.from_number.strip()),
            station_id=bool(asked.station_id.strip()),
            header=bool(asked.header.strip()),
        )


class Asked(Protocol):
    """What of a request is looked at here."""

    @property
    def from_number(self) -> str:
        """The number to send from, as written."""

    @property
    def station_id(self) -> str:
        """The station id of its own, as written."""

    @property
    def header(self) -> str:
        """The header line of its own, as written."""


def check(account: Account, *, from_number: str, numbers: Collection[str], wishes: Wishes) -> None:
    """Let pass what at least one carrier can do that reaches each of the numbers.

    Extensions are no numbers: nobody is called. A number to send from that is not the account's
    is told elsewhere.

    Raises:
        RequestError: ``no_carrier_for_number``, or ``option_unsupported`` with ``option`` in words.

    """
    called = [each for each in numbers if not phone.is_extension(each)]
    own = number_of(account.pk, from_number) if called else None
    if own is None:
        return
    routes = routes_to(account, called)
    checked: set[tuple[object, ...]] = set()
    for number in called:
        ways = [each.carrier for each in routes if number.startswith(each.prefix)] or [own.carrier]
        ids = tuple(each.pk for each in ways)
        if ids not in checked:
            _require(number, ways, own.carrier, wishes)
            checked.add(ids)


def _require(number: str, ways: list[Carrier], own: Carrier, wishes: Wishes) -> None:
    can = {each: capabilities_of(each) for each in ways if each.enabled}
    if not can:
        raise RequestError(ErrorCode.NO_CARRIER_FOR_NUMBER, field="to", number=number)
    for field, option, test in _wanted(wishes):
        can = {each: able for each, able in can.items() if test(each == own, able)}
        if not can:
            raise RequestError(ErrorCode.OPTION_UNSUPPORTED, field=field, option=option)


def _wanted(wishes: Wishes) -> list[tuple[str, str, _Test]]:
    """Field, words and test of each wish; the test is given whether the number is the carrier's."""
    tests: dict[str, tuple[bool, str, _Test]] = {
        "quality": (
            wishes.quality is not None,
            str(_QUALITIES[wishes.quality or Quality.FINE]),
            lambda _own, able: wishes.quality in able.qualities,
        ),
        "from": (
            wishes.from_number,
            _("the number to send from"),
            lambda own, able: able.caller_id or own,
        ),
        "station_id": (
            wishes.station_id,
            _("its own station id"),
            lambda _own, able: able.station,
        ),
        "header": (
            wishes.header,
            _("its own header line"),
            lambda _own, able: able.station,
        ),
    }
    return [(name, words, test) for name, (wished, words, test) in tests.items() if wished]
