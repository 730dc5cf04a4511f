"""How a carrier does, in words: what the list of carriers and a carrier's page show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from faxes.carriers.base import Capabilities
from faxes.queries.carriers import CarrierState, Standing
from faxes.services.carrier_settings import kind_of
from faxes.wording import OUTCOMES

if TYPE_CHECKING:
    from faxes.models import Carrier

PULSE: Final = 5  # seconds: how often what is on the screen is asked for anew
# Picture and tone, and words.
_STATES: Final[dict[CarrierState, tuple[str, Promise]]] = {
    CarrierState.IN_SERVICE: ("good", lazy("In service")),
    CarrierState.LEFT_ALONE: ("bad", lazy("Left alone")),
    CarrierState.OUT_OF_SERVICE: ("off", lazy("Out of service")),
}

_TRAITS: Final[dict[str, Promise]] = {
    "confirms": lazy("Tells how a fax ended"),
    "retries": lazy("Tries a number again by itself"),
    "cancels": lazy("Can be told to hang up"),
    "caller_id": lazy("Takes the number to send from"),
    "station": lazy("Takes a station id and a header line"),
    "receives": lazy("Brings faxes that come in"),
    "webhooks": lazy("Tells at once what happens"),
    "lists_numbers": lazy("Lists its numbers"),
    "lists_sent": lazy("Lists past faxes that were sent"),
    "deletes_sent": lazy("Deletes its copy of sent faxes"),
    "deletes_received": lazy("Deletes its copy of received faxes"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A carrier as a page shows it; ``rate`` is what it failed itself, in per cent."""

    carrier: "Carrier"
    kind: str
    own: bool
    embedded: bool
    tone: str
    state: str
    left_alone: bool
    calls: int
    tried: Sequence[tuple[str, int]]
    tries: int
    rate: int | None
    arrived: int
    last_contact: datetime | None


def traits(can: Capabilities | None) -> list[tuple[str, bool]]:
    """What a carrier's protocol can do and what it cannot, in words."""
    if can is None:
        return []
    return [(str(words), bool(getattr(can, name))) for name, words in _TRAITS.items()]


def shown(standing: Standing) -> Shown:
    """A carrier and how it does, in words."""
    tone, state = _STATES[standing.state]
    rate = standing.error_rate
    return Shown(
        carrier=standing.carrier,
        kind=kind_of(standing.carrier).name,
        own=standing.own,
        embedded=not kind_of(standing.carrier).options,
        tone=tone,
        state=str(state),
        left_alone=standing.state == CarrierState.LEFT_ALONE,
        calls=standing.calls,
        tried=[(str(OUTCOMES[outcome]), count) for outcome, count in standing.tried.items()],
        tries=standing.tries,
        rate=None if rate is None else round(rate * 100),
        arrived=standing.arrived,
        last_contact=standing.last_contact,
    )
