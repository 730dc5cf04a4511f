"""Kind of carrier → its class: the only list."""

from typing import Final

from faxes.carriers.base import Carrier
from faxes.carriers.embedded import EmbeddedCarrier
from faxes.carriers.fax2 import Fax2Carrier
from faxes.carriers.hylafax import HylafaxCarrier
from faxes.carriers.kazoo import KazooCarrier
from faxes.carriers.settings import CarrierSettings
from faxes.carriers.signalwire import SignalWireCarrier
from faxes.carriers.tools import Tools
from faxes.carriers.voipnow import VoipNowCarrier

CLASSES: Final[dict[str, type[Carrier]]] = {
    each.kind: each
    for each in (
        EmbeddedCarrier,
        Fax2Carrier,
        VoipNowCarrier,
        KazooCarrier,
        SignalWireCarrier,
        HylafaxCarrier,
    )
}


def open_carrier(kind: str, settings: CarrierSettings, tools: Tools) -> Carrier:
    """A carrier ready for use.

    Raises:
        KeyError: there is no such kind.

    """
    return CLASSES[kind](settings, tools)
