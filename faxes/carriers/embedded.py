"""The embedded line as a carrier: calls are placed with the exchange, which carries them."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol
from uuid import UUID

from faxes.carriers.base import (
    Arrival,
    Capabilities,
    Carrier,
    OutgoingFax,
    SendStatus,
)


class Exchange(Protocol):
    """The embedded line's book of calls; who keeps it is not the carrier's business."""

    def place(self, fax: OutgoingFax) -> str:
        """Enter a call under its key, once; its id comes back."""

    def find(self, key: UUID) -> SendStatus | None:
        """The call of a key, from the calling end."""

    def hang_up(self, key: UUID) -> None:
        """End a call at the calling end."""

    def settled(self, key: UUID) -> None:
        """The calling end has taken note of the result."""

    def arrivals(self) -> Iterable[Arrival]:
        """Calls that were answered for accounts and not fetched yet, from the called end."""

    def arrival(self, ref: str) -> Arrival | None:
        """One of them."""

    def fetch(self, ref: str, into: Path) -> None:
        """Its pages."""

    def fetched(self, ref: str) -> None:
        """The called end has its pages."""


class EmbeddedCarrier(Carrier):
    """The line that comes with the portal."""

    kind: ClassVar[str] = "embedded"
    capabilities: ClassVar[Capabilities] = Capabilities(
        idempotent_submit=True, finds_by_key=True, cancels=True, receives=True
    )

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def submit(self, fax: OutgoingFax) -> str:
        """Enter the call; the exchange carries it."""
        return self._exchange.place(fax)

    def find(self, key: UUID) -> SendStatus | None:
        """Look the call up."""
        return self._exchange.find(key)

    def hang_up(self, key: UUID) -> None:
        """Ask for the end of the call."""
        self._exchange.hang_up(key)

    def received_since(self, mark: datetime | None) -> Iterable[Arrival]:  # noqa: ARG002
        """All that was not fetched yet: what is fetched leaves the book, so no mark is needed."""
        return self._exchange.arrivals()

    def arrival(self, ref: str) -> Arrival | None:
        """Look one arrival up."""
        return self._exchange.arrival(ref)

    def fetch(self, ref: str, into: Path) -> None:
        """Copy its pages."""
        self._exchange.fetch(ref, into)

    def discard(self, ref: str) -> None:
        """Let the exchange forget the called end."""
        self._exchange.fetched(ref)

    def settled(self, key: UUID) -> None:
        """Let the exchange forget the calling end."""
        self._exchange.settled(key)
