"""Kind of carrier → its class: the only list."""

from typing import Final

from faxes.carriers.base import Carrier
from faxes.carriers.embedded import EmbeddedCarrier, Exchange

CLASSES: Final[dict[str, type[Carrier]]] = {EmbeddedCarrier.kind: EmbeddedCarrier}


def open_carrier(kind: str, *, exchange: Exchange) -> Carrier:
    """A carrier ready for use.

    Raises:
        KeyError: there is no such kind.

    """
    if kind == EmbeddedCarrier.kind:
        return EmbeddedCarrier(exchange)
    return CLASSES[kind]()
