"""Kazoo's ids, times, numbers, words and envelopes, read and written for both sides of its API.

Reading forgives: what a server tells may be missing, of another type, or in older words.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from faxes.enums import FaxState, Outcome, Quality
from faxes.wire.times import read_iso

# --- Ids: 32 hexadecimal digits, and before those of faxes that have ended their month ----------

_PLAIN: Final = re.compile("[0-9a-f]{32}")
_OF_MONTH: Final = re.compile("([0-9]{6})-([0-9a-f]{32})")
_DAY: Final = timedelta(days=1)


def plain(key: UUID | None) -> str:
    """The id of a row; empty for none."""
    return key.hex if key is not None else ""


def of_month(key: UUID, created: datetime) -> str:
    """The id of what is kept by months: that of its making, in UTC, comes first."""
    return f"{month_of(created)}-{key.hex}"


def month_of(moment: datetime) -> str:
    """The month of a moment in UTC, such as 202611."""
    return f"{moment.astimezone(UTC):%Y%m}"


def read_plain(written: str) -> UUID | None:
    """The key of a row from its id; None if it is none. Dashes, as other wires have, are taken."""
    bare = written.strip().lower().replace("-", "")
    return UUID(hex=bare) if _PLAIN.fullmatch(bare) else None


def read_of_month(written: str) -> tuple[UUID, str] | None:
    """Key and month (``202611``) from an id with a month; None if it is none."""
    found = _OF_MONTH.fullmatch(written.strip().lower())
    return (UUID(hex=found[2]), found[1]) if found else None


def is_month_of(month: str, created: datetime) -> bool:
    """Whether something was made in a month, in UTC."""
    return month_of(created) == month


def job_id(written: str) -> str:
    """The id of a job while it is under way, from that or from the one that it has afterwards."""
    found = read_of_month(written)
    return plain(found[0]) if found else written


def kept_id(written: str, created: datetime) -> str:
    """The id that a job has once it has ended; one that is not of this kind stays as it is."""
    key = None if read_of_month(written) else read_plain(written)
    return of_month(key, created) if key else written


def kept_ids(written: str, created: datetime) -> Iterator[str]:
    """The ids that a job may have once it has ended; ``created`` may be a day off."""
    yield written
    if found := read_of_month(written):
        months = {month_of(created + days * _DAY) for days in (-1, 0, 1)}
        yield from (f"{month}-{plain(found[0])}" for month in sorted(months - {found[1]}))


# --- Times: whole seconds since the year 0 of the Gregorian calendar ----------------------------

_YEAR_0: Final = 62_167_219_200  # seconds from the year 0 to 1970
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def gregorian(moment: datetime) -> int:
    """A moment as Gregorian seconds."""
    return int(moment.timestamp()) + _YEAR_0


def from_gregorian(seconds: int) -> datetime | None:
    """The moment of Gregorian seconds; None if no calendar has it."""
    try:
        return _EPOCH + timedelta(seconds=seconds - _YEAR_0)
    except OverflowError:
        return None


# --- Numbers: as the vendor's usual configuration takes them ------------------------------------

_NUMBER: Final = re.compile(r"(\+?1)?[0-9]{10}|\+[2-9][0-9]{7,}|011[0-9]*|00[0-9]*")
_BETWEEN: Final = re.compile(r"[\s().\-/]")
_NANP_DIGITS: Final = 10


def e164_of(written: str) -> str:
    """A number as this wire has it, in E.164; empty if it is none that is taken."""
    text = _BETWEEN.sub("", written)
    if not _NUMBER.fullmatch(text):
        return ""
    if text.startswith("+"):
        return text
    if text.startswith("011"):
        return f"+{text[3:]}"
    if text.startswith("00"):
        return f"+{text[2:]}"
    return f"+1{text[-_NANP_DIGITS:]}"


# --- Where a fax stands -------------------------------------------------------------------------

# Where a state is told by one word. PREPARING and SENDING are told by more, see below.
STATUS: Final[dict[FaxState, str]] = {
    FaxState.PREPARING: "attaching_files",
    FaxState.QUEUED: "pending",
    FaxState.SENDING: "processing",
    FaxState.DELIVERED: "completed",
    FaxState.FAILED: "failed",
    FaxState.CANCELED: "failed",
    FaxState.RECEIVING: "receiving",
    FaxState.RECEIVED: "received",
}
# The texts that stand for "processing" while a call goes on, by where it is.
DIALING: Final = "ready to send"
CONNECTED: Final = "negotiating"
_NEGOTIATED: Final = re.compile("fax negotiated", re.IGNORECASE)
_PAGE: Final = re.compile(r"sent page ([0-9]{1,6})", re.IGNORECASE)
_READ: Final[Mapping[str, FaxState]] = {
    "attaching_files": FaxState.PREPARING,
    "attaching files": FaxState.PREPARING,  # of jobs that came by e-mail
    "pending": FaxState.QUEUED,
    "resubmitting": FaxState.QUEUED,
    "completed": FaxState.DELIVERED,
    "failed": FaxState.FAILED,
    "receiving": FaxState.RECEIVING,
    "received": FaxState.RECEIVED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a fax is; ``phase`` of its call: empty, dialing, connected or page."""

    state: FaxState
    phase: str = ""
    pages_done: int = 0


def negotiated_text(rate: int) -> str:
    """The live text of a call whose two ends have agreed, at bits per second."""
    return f"Fax negotiated at {rate}"


def page_text(done: int, pages: int) -> str:
    """The live text of a call that has sent so many pages."""
    return f"Sent Page {done} of {pages}"


def read_status(written: str) -> Standing:
    """Where a fax is by its word or live text; what is unknown is a job in progress."""
    word = written.strip()
    if state := _READ.get(word.lower()):
        return Standing(state)
    if page := _PAGE.match(word):
        return Standing(FaxState.SENDING, "page", int(page[1]))
    return Standing(FaxState.SENDING, "connected" if _NEGOTIATED.match(word) else "dialing")


# --- How it came out ----------------------------------------------------------------------------

# As long as there was no try.
NOTHING_YET: Final = {
    "error_message": "",
    "fax_bad_rows": 0,
    "fax_error_correction": False,
    "fax_receiver_id": "",
    "fax_speed": 0,
    "pages_sent": 0,
    "success": False,
    "time_elapsed": 0,
}
TERMINATED: Final = "process terminated. please contact your support for details"
# Code, cause and text of outcomes, as clients test for them.
OUTCOMES: Final[dict[Outcome, tuple[int, str, str]]] = {
    Outcome.DELIVERED: (0, "NORMAL_CLEARING", "OK"),
    Outcome.BUSY: (486, "USER_BUSY", "USER_BUSY"),
    Outcome.NO_ANSWER: (480, "NO_ANSWER", "NO_ANSWER"),
    Outcome.NO_CARRIER: (2, "NORMAL_CLEARING", "Timed out waiting for initial communication"),
    Outcome.DIAL_FAILED: (404, "UNALLOCATED_NUMBER", "UNALLOCATED_NUMBER"),
    Outcome.TRANSMIT_ERROR: (49, "NORMAL_CLEARING", "The call dropped prematurely"),
    Outcome.CANCELED: (487, "", "canceled"),
    Outcome.UNKNOWN: (500, "", "fax job timed out - sending"),
    Outcome.INTERNAL_ERROR: (500, "", TERMINATED),
    Outcome.HANDED_OVER: (0, "NORMAL_CLEARING", "OK"),
}
RESOLUTIONS: Final[Mapping[str, str]] = {
    "standard": "204x98",
    "fine": "204x196",
    "superfine": "204x391",
}
_CAUSES: Final[Mapping[str, Outcome]] = {
    "USER_BUSY": Outcome.BUSY,
    "NO_ANSWER": Outcome.NO_ANSWER,
    "NO_USER_RESPONSE": Outcome.NO_ANSWER,
    "ORIGINATOR_CANCEL": Outcome.NO_ANSWER,
    "UNALLOCATED_NUMBER": Outcome.DIAL_FAILED,
    "INVALID_NUMBER_FORMAT": Outcome.DIAL_FAILED,
    "NO_ROUTE_DESTINATION": Outcome.DIAL_FAILED,
}
_TEXTS: Final = (
    ("invalid fax number", Outcome.DIAL_FAILED),
    ("timed out waiting", Outcome.NO_CARRIER),
    ("dropped prematurely", Outcome.TRANSMIT_ERROR),
)
# Where a call that was not answered is told by its SIP status alone (RFC 3261, 21.4 and 21.6).
_SIP: Final[Mapping[int, Outcome]] = {
    404: Outcome.DIAL_FAILED,
    480: Outcome.NO_ANSWER,
    484: Outcome.DIAL_FAILED,
    486: Outcome.BUSY,
    600: Outcome.BUSY,
    604: Outcome.DIAL_FAILED,
}
_MOST_FACT: Final = 2_147_483_647  # of a column
_MOST_CODE: Final = 32_767
_FIGURES: Final = re.compile("[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Result:
    """What ``tx_result`` or ``rx_result`` tells; None is what it leaves open.

    ``reason`` is why it failed, if it did; ``facts`` are named as in the portal's rows.
    """

    success: bool | None
    reason: Outcome
    pages: int | None
    total: int | None
    station_id: str
    quality: Quality | None
    facts: Mapping[str, Any] = field(default_factory=dict)


def read_result(told: object) -> Result:
    """What a result says, whichever of the two families of names it is in."""
    said = told if isinstance(told, Mapping) else {}
    rate = _count(_first(said, "transfer_rate", "fax_speed"))
    station = _text(_first(said, "remote_station_id", "fax_receiver_id"))
    resolution = _resolution(_text(said.get("image_resolution")))
    pages = _count(_first(said, "transferred_pages", "pages_sent"))
    facts = {
        "line_seconds": _count(said.get("time_elapsed")),
        "bit_rate": rate,
        "ecm": _switch(_first(said, "ecm_used", "fax_error_correction")) if rate else None,
        "bad_rows": _count(_first(said, "bad_rows", "fax_bad_rows")) if rate else None,
        "compression": _text(said.get("encoding_name")),
        "resolution": resolution,
        "remote_station_id": station,
        "completion_code": _count(said.get("result_code"), most=_MOST_CODE),
        "completion_text": _text(_first(said, "result_text", "error_message")),
    }
    return Result(
        success=_switch(said.get("success")),
        reason=_reason(said, pages or 0),
        pages=pages,
        total=_count(said.get("total_pages")),
        station_id=station,
        quality=Quality(resolution) if resolution else None,
        facts={name: each for name, each in facts.items() if each not in (None, "")},
    )


def _reason(told: Mapping[str, Any], pages: int) -> Outcome:
    """Why a fax failed: by its cause, then by its text, then by how far it came."""
    text = _text(_first(told, "result_text", "error_message"))
    by_cause = _CAUSES.get(_text(told.get("result_cause")).upper())
    by_text = next((_CAUSES[cause] for cause in _CAUSES if cause in text.upper()), None)
    if found := by_cause or by_text:
        return found
    if found := next((each for words, each in _TEXTS if words in text.lower()), None):
        return found
    if pages:
        return Outcome.TRANSMIT_ERROR
    if text == OUTCOMES[Outcome.CANCELED][2]:
        return Outcome.CANCELED
    return _SIP.get(_count(told.get("result_code")) or 0, Outcome.INTERNAL_ERROR)


def _resolution(written: str) -> str:
    return next((name for name, each in RESOLUTIONS.items() if each == written), "")


def _first(told: Mapping[str, Any], *names: str) -> Any:
    """The first of these members that is told at all."""
    return next((told[name] for name in names if told.get(name) not in (None, "")), None)


def _text(told: object) -> str:
    """A text; "undefined", as old documents have it, is none."""
    return told.strip() if isinstance(told, str) and told != "undefined" else ""


def _count(told: object, *, most: int = _MOST_FACT) -> int | None:
    """A whole number, also one written as a text; None if it is none that a row can hold."""
    if isinstance(told, str) and _FIGURES.fullmatch(told):
        told = int(told)
    if isinstance(told, float) and told.is_integer():
        told = int(told)
    if isinstance(told, bool) or not isinstance(told, int):
        return None
    return told if 0 <= told <= most else None


def _switch(told: object) -> bool | None:
    if isinstance(told, str):
        return {"true": True, "false": False}.get(told.lower())
    return told if isinstance(told, bool) else None


# --- Documents and envelopes --------------------------------------------------------------------


def text_at(document: Mapping[str, Any], *names: str) -> str:
    """The first of these members that is a text; empty if none is."""
    return next((text for name in names if (text := _text(document.get(name)))), "")


def time_at(document: Mapping[str, Any], *names: str) -> datetime | None:
    """The first of these members that is a time."""
    for name in names:
        seconds = _count(document.get(name), most=10**12)
        if seconds and (found := from_gregorian(seconds)):
            return found
    return None


def clock_in(envelope: Mapping[str, Any]) -> datetime | None:
    """What the time is where an answer comes from."""
    return read_iso(text_at(envelope, "timestamp"))


def count_at(document: Mapping[str, Any], name: str) -> int | None:
    """A whole number, if there is one."""
    return _count(document.get(name))


def number_at(document: Mapping[str, Any], *names: str) -> str:
    """The first of these members, in E.164 if it is a number; callers may be anything."""
    written = text_at(document, *names)
    return e164_of(written) or written


def credentials(user: str, password: str) -> str:
    """What is shown instead of a password: the MD5 of both, the name in small letters."""
    both = f"{user.lower()}:{password}".encode()
    return hashlib.md5(both, usedforsecurity=False).hexdigest()


def envelope(data: Mapping[str, Any]) -> bytes:
    """The body of a request."""
    return json.dumps({"data": data}).encode()


def mixed(data: Mapping[str, Any], pdf: bytes) -> tuple[bytes, str]:
    """A job with its document beside it: the body, and its media type."""
    boundary = uuid4().hex
    parts = (("application/json", envelope(data)), ("application/pdf", pdf))
    body = b"".join(
        f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode() + content + b"\r\n"
        for kind, content in parts
    )
    return body + f"--{boundary}--\r\n".encode(), f"multipart/mixed; boundary={boundary}"
