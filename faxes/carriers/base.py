"""The face of a carrier. To add one, write the first half of ``Carrier``; leave the second."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from faxes.enums import Outcome, Quality


class CarrierError(Exception):
    """Trouble with a carrier."""


class CarrierRefused(CarrierError):
    """The carrier said a definite no: this fax did not go out and will not."""

    def __init__(self, outcome: Outcome, text: str = "") -> None:
        super().__init__(text or outcome.value)
        self.outcome = outcome


class CarrierInDoubt(CarrierError):
    """No answer, or none that tells: the fax may have gone out or not."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a carrier's protocol can express.

    ``idempotent_submit``: handing over the same key again does nothing new. ``finds_by_key``:
    the carrier can be asked whether it has heard of a key.
    """

    idempotent_submit: bool
    finds_by_key: bool
    cancels: bool
    receives: bool
    qualities: frozenset[Quality] = frozenset(Quality)


@dataclass(frozen=True, slots=True)
class OutgoingFax:
    """One try as a carrier needs it; ``key`` is the try's own, committed before this call."""

    key: UUID
    to_number: str
    from_number: str
    station_id: str
    header: str
    time_zone: str  # IANA name
    quality: Quality
    pages: int
    document_key: str
    earlier_calls: int


@dataclass(frozen=True, slots=True)
class SendResult:
    """How a try came out; ``facts`` holds what was told of the session, named as in Attempt."""

    outcome: Outcome
    pages_sent: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendStatus:
    """Where a try stands. ``phase``: empty, dialing, connected or page; ``result`` once ended."""

    ref: str
    phase: str = ""
    pages_done: int = 0
    result: SendResult | None = None


class ArrivalState(StrEnum):
    """Where an arriving fax stands at its carrier."""

    RECEIVING = "receiving"
    RECEIVED = "received"
    FAILED = "failed"  # ended without a page


@dataclass(frozen=True, slots=True)
class Arrival:
    """A fax that arrives or arrived. ``complete``: all its pages came, as the far end knows."""

    ref: str
    called: str
    caller: str
    state: ArrivalState
    at: datetime
    pages: int
    complete: bool = True
    station_id: str = ""
    quality: Quality = Quality.FINE


class Carrier(ABC):
    """One vendor's protocol."""

    # --- A carrier writes -----------------------------------------------------------------

    kind: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    @abstractmethod
    def submit(self, fax: OutgoingFax) -> str:
        """Hand a fax over; the carrier's own id for it comes back.

        Called once for a key unless ``idempotent_submit``.

        Raises:
            CarrierRefused: a definite no.
            CarrierInDoubt: anything else than a definite answer.

        """

    @abstractmethod
    def find(self, key: UUID) -> SendStatus | None:
        """Where the try with this key stands; None is the carrier's definite "never heard of".

        Raises:
            CarrierInDoubt: the carrier cannot be asked, now or at all.

        """

    @abstractmethod
    def hang_up(self, key: UUID) -> None:
        """Ask for the end of a call; its result comes as ever."""

    @abstractmethod
    def received_since(self, mark: datetime | None) -> Iterable[Arrival]:
        """Arrivals from ``mark`` on (all if None), also those under way, oldest first."""

    @abstractmethod
    def arrival(self, ref: str) -> Arrival | None:
        """One arrival, or None if the carrier does not have it (any more)."""

    @abstractmethod
    def fetch(self, ref: str, into: Path) -> None:
        """Write the TIFF of an arrival's pages into a file.

        Raises:
            CarrierInDoubt: it cannot be had now.

        """

    @abstractmethod
    def discard(self, ref: str) -> None:
        """Say that an arrival is stored; the carrier may forget it."""

    def settled(self, key: UUID) -> None:  # noqa: B027 (most carriers have nothing to do here)
        """Hear that the result of a try is noted; a carrier with a book of its own may forget."""
