"""What a call was like: every fact of it as one frozen value, None where the line did not tell."""

from dataclasses import dataclass
from enum import StrEnum

from faxes.enums import Outcome, Quality
from faxes.line.codec import Jsonable
from faxes.line.station import Compression

# Completion codes are spandsp 0.0.6's (``t30.h``, T30_ERR_…), nobody else's numbering.
COMPLETED = 0
NO_FAX_TONES = 2  # T0 ran out: answered, but not by a fax machine
NO_SUCH_RESOLUTION = 11  # the far end cannot receive at the resolution of the image
CALL_DROPPED = 49

# Lines a metre of T.4's three vertical resolutions, as the library reports them.
QUALITY_OF_Y_RESOLUTION = {
    3850: Quality.STANDARD,
    7700: Quality.FINE,
    15400: Quality.SUPERFINE,
}


class DialResult(StrEnum):
    """How dialling ended: before any fax machine has said a word."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    NOT_IN_SERVICE = "not_in_service"
    HUNG_UP = "hung_up"  # by the caller, while it rang


class FrameDirection(StrEnum):
    """Which way a frame went, seen from the end that kept the trace."""

    SENT = "sent"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Frame(Jsonable):
    """One T.30 frame: its name (``DIS``, ``PPS-EOP``), its way, its moment since the answer."""

    direction: FrameDirection
    name: str
    line_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts(Jsonable):
    """One page as one end saw it. Resolutions are pixels a metre, as T.4 has them."""

    number: int  # from 1; a page that is sent again after RTN keeps its number
    frame: str | None = None  # the answer: MCF, RTP (confirmed, but train again) or RTN (rejected)
    bit_rate: int | None = None
    compression: Compression | None = None
    x_resolution: int | None = None
    y_resolution: int | None = None
    width: int | None = None
    rows: int | None = None
    image_bytes: int | None = None  # coded, as it went over the line
    bad_rows: int | None = None  # receiver without error correction only
    longest_bad_row_run: int | None = None
    ecm_retries: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether the page was confirmed."""
        return self.frame in ("MCF", "RTP")

    @property
    def quality(self) -> Quality | None:
        """The page's vertical resolution in the portal's words."""
        return QUALITY_OF_Y_RESOLUTION.get(self.y_resolution or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResult(Jsonable):
    """One end's account of a T.30 session. The two ends of a call may differ, and both be right."""

    completion_code: int  # spandsp's
    completion_text: str  # spandsp's words for it
    pages: int  # confirmed by the far end (sender), or confirmed to it (receiver)
    line_seconds: float  # from the answer to this end's hanging up
    pages_in_file: int | None = None  # sender: in the document; receiver: readable in its file
    bit_rate: int | None = None
    ecm: bool | None = None
    compression: Compression | None = None
    width: int | None = None
    x_resolution: int | None = None
    y_resolution: int | None = None
    bad_rows: int | None = None
    ecm_retries: int | None = None
    remote_station_id: str | None = None
    remote_vendor: str | None = None
    remote_model: str | None = None
    remote_qualities: frozenset[Quality] | None = None  # what the far end's DIS says it can take
    last_page_ended: bool = False  # the sender said EOP: there was no page after these
    page_facts: tuple[PageFacts, ...] = ()
    frames: tuple[Frame, ...] = ()  # without the image data of pages
    frames_left_out: int = 0  # a bad line repeats itself; the trace is kept short

    @property
    def quality(self) -> Quality | None:
        """The vertical resolution in the portal's words."""
        return QUALITY_OF_Y_RESOLUTION.get(self.y_resolution or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult(Jsonable):
    """One call, from dialling to hanging up, with each end's own account.

    ``outcome`` is what the caller may believe, which is less than what both ends together know.
    ``line_seconds`` are simulated: what the call would have taken on a telephone line.
    """

    answered: DialResult
    line_seconds: float  # from dialling to hanging up
    caller: SessionResult | None = None
    called: SessionResult | None = None
    pages_to_send: int = 0
    hung_up_by_caller: bool = False
    out_of_time: bool = False  # a limit on line time or wall time ended the call

    @property
    def received_pages(self) -> int:
        """Pages that the called end confirmed and really has, whether or not the caller knows."""
        if self.called is None:
            return 0
        return min(self.called.pages, self.called.pages_in_file or 0)

    @property
    def received_complete(self) -> bool:
        """Whether the called end has every page up to the sender's end of procedure (EOP).

        A disconnect that got lost afterwards does not matter: the code may well be an error.
        """
        called = self.called
        return (
            called is not None
            and called.last_page_ended
            and called.pages > 0
            and self.received_pages == called.pages
        )

    @property
    def needs_lower_resolution(self) -> bool:
        """The far end cannot take the document's resolution: render lower and call again.

        What it can take is in ``caller.remote_qualities``.
        """
        return self.caller is not None and self.caller.completion_code == NO_SUCH_RESOLUTION

    @property
    def outcome(self) -> Outcome:
        """How the call came out, as the caller truly knows it.

        Delivered only if the session completed and every page of the document was confirmed:
        the library also says "OK" to a document of which it could not read the later pages.
        A called end that cannot keep a page drops the line before confirming it, so what is
        confirmed is kept; ``received_complete`` is asked all the same, should both ends err.
        """
        if self.answered is not DialResult.ANSWERED:
            return _DIAL_OUTCOMES[self.answered]
        caller = self.caller
        if caller is not None and caller.completion_code == COMPLETED:
            confirmed = caller.pages == self.pages_to_send > 0
            kept = self.called is None or self.received_complete
            return Outcome.DELIVERED if confirmed and kept else Outcome.TRANSMIT_ERROR
        if self.hung_up_by_caller:
            return Outcome.CANCELED
        if caller is not None and caller.completion_code == NO_FAX_TONES:
            return Outcome.NO_CARRIER
        return Outcome.TRANSMIT_ERROR


_DIAL_OUTCOMES = {
    DialResult.BUSY: Outcome.BUSY,
    DialResult.NO_ANSWER: Outcome.NO_ANSWER,
    DialResult.NOT_IN_SERVICE: Outcome.DIAL_FAILED,
    DialResult.HUNG_UP: Outcome.CANCELED,
}


class ProgressKind(StrEnum):
    """What has just happened in a call."""

    DIALING = "dialing"
    CONNECTED = "connected"  # the far end has identified itself
    PAGE = "page"  # a page begins (the first) or has been confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Jsonable):
    """Where a call stands, for whoever watches it."""

    kind: ProgressKind
    pages_total: int
    pages_done: int = 0  # confirmed to the caller
    received_pages: int = 0  # confirmed by the called end, which knows first
    bit_rate: int | None = None
    ecm: bool | None = None
    compression: Compression | None = None
    remote_station_id: str | None = None
