"""The face of a carrier. To add one, write the first half of ``Carrier``; leave the second."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol
from uuid import UUID

from faxes.carriers.settings import CarrierSettings, NoSettings
from faxes.carriers.tools import Tools
from faxes.enums import Direction, Outcome, Quality


class CarrierError(Exception):
    """Trouble with a carrier."""


class CarrierRefused(CarrierError):
    """The carrier said a definite no to this fax: it did not go out and will not."""

    def __init__(self, outcome: Outcome, text: str = "") -> None:
        super().__init__(text or outcome.value)
        self.outcome = outcome


class CarrierUnavailable(CarrierError):
    """A definite "not now" or "not from you" of the carrier itself: nothing was taken.

    It was not reached, wants to be left alone for ``retry_after`` seconds, or does not know its
    own account. The same fax may go by another carrier.
    """

    def __init__(self, text: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class CarrierInDoubt(CarrierError):
    """No answer, or none that tells: the fax may have gone out or not."""


class HookRefused(CarrierError):
    """What came to the carrier's address was not sent by the carrier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a carrier's protocol can express, and how it behaves.

    Not what a vendor's contract or limits allow: those may change without notice, and are told by
    its refusals.
    """

    # sending
    idempotent_submit: bool = False  # handing over the same key again does nothing new
    finds_by_key: bool = False  # it can be asked whether it has heard of a try
    cancels: bool = False  # a try under way can be ended
    confirms: bool = True  # it tells how a fax ended
    retries: bool = False  # it tries a number again by itself; the portal then does not
    qualities: frozenset[Quality] = frozenset(Quality)
    caller_id: bool = True  # it takes the number to send from
    station: bool = True  # it takes a station id and a header line
    negotiates: bool = False  # it can be told to go without ECM, or slower
    sip: bool = False  # it takes sip: addresses
    # receiving
    receives: bool = False
    # beside these
    lists_sent: bool = False
    lists_numbers: bool = False
    deletes_sent: bool = False
    deletes_received: bool = False
    webhooks: bool = False
    # seconds
    lag: float = 0.0  # until ``find`` surely knows of what was handed over
    look_every: float = 20.0  # between looks at a try, unless it tells by itself
    sync_every: float = 5.0  # between looks for arrivals, unless it tells by itself


class OutgoingDocument(Protocol):
    """The pages of one try, read when a carrier wants them, in the form that it wants."""

    def tiff(self) -> bytes:
        """The fax TIFF (Group 4, 1728 wide)."""

    def pdf(self) -> bytes:
        """The same pages as PDF."""

    def url(self) -> str:
        """A short-lived address at which anybody who knows it gets the PDF, during this try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingFax:
    """One try as a carrier needs it; ``key`` is the try's own, committed before this call.

    ``pages`` are those of ``document``, which begins with page ``first_page`` of the fax;
    ``document_key`` names the whole of it in the portal's own store.
    """

    key: UUID
    to_number: str
    from_number: str
    station_id: str
    header: str
    time_zone: str  # IANA name
    quality: Quality
    pages: int
    document: OutgoingDocument
    document_key: str
    earlier_calls: int
    first_page: int = 1
    ecm: bool = True
    most_bits: int = 14400  # per second


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFax:
    """A try that a carrier is asked about. ``ref`` is its own id for it; empty if it told none."""

    key: UUID
    ref: str
    to_number: str
    from_number: str
    pages: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SendResult:
    """How a try came out; ``facts`` holds what was told of the session, named as in Attempt.

    ``pages_sent`` are those that the other machine confirmed: a try that broke is followed by one
    that goes on behind them. A carrier that does not know surely says 0.
    """

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
    """A fax that arrives or arrived. ``complete``: all its pages came, as the far end knows.

    ``at`` orders a carrier's arrivals: the time that its list goes by.
    """

    ref: str
    called: str
    caller: str
    state: ArrivalState
    at: datetime
    pages: int
    complete: bool = True
    station_id: str = ""
    quality: Quality = Quality.FINE


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFax:
    """A fax of the past as a carrier lists it. ``has_document``: its pages can be fetched."""

    ref: str
    direction: Direction
    from_number: str
    to_number: str
    at: datetime
    ended_at: datetime | None
    outcome: Outcome
    pages: int
    pages_done: int
    quality: Quality = Quality.FINE
    station_id: str = ""
    has_document: bool = True


@dataclass(frozen=True, slots=True)
class CarrierNumber:
    """A fax number that a carrier lists as its customer's, E.164."""

    e164: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRequest:
    """What came to the address at which a carrier tells what happens. Header names are small."""

    method: str
    url: str  # as the carrier was told it, query included
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a carrier's call means: tries and arrivals to look at, and what it wants to hear.

    Nothing in it is believed: the carrier is asked.
    """

    keys: tuple[UUID, ...] = ()
    sent_refs: tuple[str, ...] = ()
    arrivals: tuple[str, ...] = ()
    look: bool = False  # for new arrivals, whichever they are
    status: int = 200
    content_type: str = "text/plain"
    answer: bytes = b""


class Carrier(ABC):
    """One vendor's protocol. Values in, values out; every outside call has a time limit."""

    # --- A carrier writes -----------------------------------------------------------------

    kind: ClassVar[str]
    name: ClassVar[str]  # as the vendor writes it
    capabilities: ClassVar[Capabilities]
    settings_class: ClassVar[type[CarrierSettings]] = NoSettings

    @abstractmethod
    def submit(self, fax: OutgoingFax) -> str:
        """Hand a fax over; the carrier's own id for it comes back.

        Called once for a key unless ``idempotent_submit``. Whatever is not surely one of the first
        two is the third; an answer that nobody has foreseen as well.

        Raises:
            CarrierRefused: a definite no to this fax.
            CarrierUnavailable: surely not taken, and not because of this fax.
            CarrierInDoubt: anything else than a definite answer.

        """

    @abstractmethod
    def find(self, sent: SentFax) -> SendStatus | None:
        """Where a try stands; None is the carrier's definite "never heard of".

        Without ``finds_by_key`` it is asked about by ``ref`` alone, and one without is in doubt.

        Raises:
            CarrierUnavailable, CarrierInDoubt: the carrier cannot be asked, now or at all.

        """

    def check(self) -> str:
        """Ask something harmless that needs the settings to be right; what was found, in words.

        Raises:
            CarrierError: it does not work, and why.

        """
        return ""

    def hang_up(self, sent: SentFax) -> None:
        """Ask for the end of a try; its result comes as ever. Only if ``cancels``."""
        raise NotImplementedError(f"{self.name} cannot end a try")

    def received_since(self, mark: datetime | None) -> Iterable[Arrival]:
        """Arrivals from ``mark`` on (all if None), also those under way. Only if ``receives``.

        Every page of the carrier's list is read. The order does not matter.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        raise NotImplementedError(f"{self.name} does not list what it received")

    def arrival(self, ref: str) -> Arrival | None:
        """One arrival, or None if the carrier does not have it (any more). Only if ``receives``.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        raise NotImplementedError(f"{self.name} does not list what it received")

    def fetch(self, ref: str, into: Path) -> None:
        """Write the pages of an arrival into a file, as TIFF or PDF. Only if ``receives``.

        Raises:
            CarrierUnavailable, CarrierInDoubt: they cannot be had now.

        """
        raise NotImplementedError(f"{self.name} does not list what it received")

    def numbers(self) -> Iterable[CarrierNumber]:
        """The customer's fax numbers. Only if ``lists_numbers``.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        raise NotImplementedError(f"{self.name} does not list numbers")

    def history(self, since: datetime, until: datetime) -> Iterable[PastFax]:
        """Ended faxes of a time, those received, and those sent if ``lists_sent``.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        raise NotImplementedError(f"{self.name} lists no past faxes")

    def fetch_past(self, past: PastFax, into: Path) -> None:
        """Write the pages of a past fax into a file, as TIFF or PDF.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        self.fetch(past.ref, into)

    def forget_sent(self, ref: str) -> bool:
        """Delete the carrier's copy of a sent fax; False if it has none. Only if ``deletes_sent``.

        Raises:
            CarrierRefused, CarrierUnavailable, CarrierInDoubt

        """
        raise NotImplementedError(f"{self.name} cannot delete what was sent")

    def forget_arrival(self, ref: str) -> bool:
        """Delete the carrier's copy of an arrival; False if it has none.

        Only if ``deletes_received``.

        Raises:
            CarrierRefused, CarrierUnavailable, CarrierInDoubt

        """
        raise NotImplementedError(f"{self.name} cannot delete what was received")

    def heard(self, request: HookRequest) -> Heard:  # noqa: ARG002
        """What a call of the carrier means. Only if ``webhooks``.

        Its address holds a secret already; where the vendor signs, the signature is compared with
        ``hmac.compare_digest`` as well.

        Raises:
            HookRefused: it is not the carrier's.

        """
        raise HookRefused(f"{self.name} does not tell what happens")

    def discard(self, ref: str) -> None:  # noqa: B027 (most carriers have nothing to do here)
        """Hear that an arrival is stored: a carrier with a queue of its own may forget it."""

    def settled(self, sent: SentFax) -> None:  # noqa: B027
        """Hear that the result of a try is noted; a carrier with a book of its own may forget."""

    # --- A carrier leaves alone -----------------------------------------------------------

    def __init__(self, settings: CarrierSettings, tools: Tools) -> None:
        if not isinstance(settings, self.settings_class):
            raise TypeError(f"{self.name} wants {self.settings_class.__name__}")
        self._tools = tools
        self._opened(settings)

    def _opened(self, settings: Any) -> None:
        """Make ready; carriers with settings keep them here."""
        self._settings = settings
