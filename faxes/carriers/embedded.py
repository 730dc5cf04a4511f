"""The embedded line as a carrier: calls are placed with the exchange, which carries them."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from faxes.carriers.base import (
    Arrival,
    Capabilities,
    Carrier,
    OutgoingFax,
    SendStatus,
    SentFax,
)


class EmbeddedCarrier(Carrier):
    """The line that comes with the portal."""

    kind: ClassVar[str] = "embedded"
    name: ClassVar[str] = "Embedded line"
    capabilities: ClassVar[Capabilities] = Capabilities(
        idempotent_submit=True,
        finds_by_key=True,
        cancels=True,
        receives=True,
        negotiates=True,
    )

    def submit(self, fax: OutgoingFax) -> str:
        """Enter the call; the exchange carries it."""
        return self._tools.exchange.place(fax)

    def find(self, sent: SentFax) -> SendStatus | None:
        """Look the call up."""
        return self._tools.exchange.find(sent.key)

    def hang_up(self, sent: SentFax) -> None:
        """Ask for the end of the call."""
        self._tools.exchange.hang_up(sent.key)

    def received_since(self, mark: datetime | None) -> Iterable[Arrival]:  # noqa: ARG002
        """All that was not fetched yet: what is fetched leaves the book, so no mark is needed."""
        return self._tools.exchange.arrivals()

    def arrival(self, ref: str) -> Arrival | None:
        """Look one arrival up."""
        return self._tools.exchange.arrival(ref)

    def fetch(self, ref: str, into: Path) -> None:
        """Copy its pages."""
        self._tools.exchange.fetch(ref, into)

    def discard(self, ref: str) -> None:
        """Let the exchange forget the called end."""
        self._tools.exchange.fetched(ref)

    def settled(self, sent: SentFax) -> None:
        """Let the exchange forget the calling end."""
        self._tools.exchange.settled(sent.key)
