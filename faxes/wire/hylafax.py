"""HylaFAX's words: what its server is told and tells, and how it says that a fax came out.

Sources: the manual pages hfaxd(8), JOBFMT and RCVFMT in hfaxd-rcvfmt, doneq(5), xferfaxlog(5); the
list of error codes in HylaFAX's ``faxd/README.errorcodes``; and a HylaFAX 6.0.7 that was asked.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from faxes.enums import Outcome, Quality

LINES_AN_INCH: Final = MappingProxyType(
    {Quality.STANDARD: 98, Quality.FINE: 196, Quality.SUPERFINE: 391}
)
# What BEGBR calls the speeds: their place in T.30's list.
_SPEEDS: Final = (2400, 4800, 7200, 9600, 12000, 14400)

# Between the fields of a line of a list: in nothing that a far end can tell.
_BETWEEN: Final = "\x1f"
# Not %q in RCVFMT, nor %r in MDMFMT: the server's process dies of them.
JOB_FORMAT: Final = _BETWEEN.join(("%j", "%a", "%J", "%p", "%d", "%s"))
RECEIVED_FORMAT: Final = _BETWEEN.join(("%f", "%z", "%Z", "%n", "%p", "%s", "%j", "%r"))
MODEM_FORMAT: Final = _BETWEEN.join(("%m", "%n", "%s"))

_RATE: Final = re.compile(r"\d{1,6}")
_DOCUMENTS: Final = re.compile(r"^!?tiff:\d*:[^:]*:(docq/[\w.]+)$", re.MULTILINE)
_CODINGS: Final = MappingProxyType(
    {"1-D MH": "t4_1d", "2-D MR": "t4_2d", "2-D MMR": "t6", "JBIG": "jbig"}
)

# By what the status says, before its first ";": "too many attempts to dial" follows what each of
# them met with, under a code of its own. README.errorcodes has the same words under 000 to 012.
_BY_WORDS: Final = (
    ("Busy signal detected", Outcome.BUSY),
    ("No answer from remote", Outcome.NO_ANSWER),
    ("Ringback detected", Outcome.NO_ANSWER),
    ("No carrier detected", Outcome.NO_CARRIER),
    ("Carrier established, but Phase A failure", Outcome.NO_CARRIER),
    ("Data connection established", Outcome.NO_CARRIER),
    ("No receiver protocol", Outcome.NO_CARRIER),
    ("No answer (T.30 T1 timeout)", Outcome.NO_CARRIER),
    ("Invalid dialing command", Outcome.DIAL_FAILED),
    ("Blacklisted by modem", Outcome.DIAL_FAILED),
    ("REJECT: Unable to convert dial string", Outcome.DIAL_FAILED),
    ("Job aborted by request", Outcome.CANCELED),
    ("Job interrupted by user", Outcome.CANCELED),
    ("No local dialtone", Outcome.INTERNAL_ERROR),
    ("Unknown problem", Outcome.INTERNAL_ERROR),
    ("Glare", Outcome.INTERNAL_ERROR),
)
# Codes from 300 on tell of HylaFAX's own trouble, those of a session are below, or from 400 on.
_OWN_TROUBLE: Final = range(300, 400)


@dataclass(frozen=True, slots=True)
class Job:
    """A line of sendq or doneq; ``state`` is one of T P S B W R D F, ``info`` who sent it."""

    id: str
    state: str
    info: str
    pages: int  # that the far end has confirmed
    dials: int
    status: str


SUSPENDED, RUNNING, DONE, FAILED = "T", "R", "D", "F"


@dataclass(frozen=True, slots=True)
class Received:
    """A line of recvq: a file that is complete unless a fax still comes in."""

    file: str
    coming: bool
    at: datetime
    size: int
    pages: int
    station_id: str
    caller: str
    lines_an_inch: int

    @property
    def ref(self) -> str:
        """What no other fax has, even where names are used again; none while it comes in."""
        return f"{self.file}/{int(self.at.timestamp())}/{self.size}"

    @property
    def quality(self) -> Quality:
        """The resolution that is nearest."""
        return min(LINES_AN_INCH, key=lambda one: abs(LINES_AN_INCH[one] - self.lines_an_inch))


def quoted(text: str) -> str:
    """A string as hfaxd's scanner reads it: in quotes, and all but plain letters in octal."""
    return '"' + "".join(_spelled(byte) for byte in text.encode("latin-1", "replace")) + '"'


def _spelled(byte: int) -> str:
    letter = chr(byte)
    plain = letter.isascii() and letter.isprintable() and letter not in '"\\'
    return letter if plain else f"\\{byte:03o}"


def speed_of(most_bits: int) -> int:
    """The number by which BEGBR knows the fastest speed that is not above ``most_bits``."""
    return max(place for place, bits in enumerate(_SPEEDS) if bits <= max(most_bits, _SPEEDS[0]))


def tag_line(header: str, sender: str, when: str, *, pages: bool) -> str:
    """The line that is printed over the top of each page, in three parts; blank without a header.

    In its format ``|`` parts and ``%`` begins a field, so that neither can be in a header. Its
    letters are those of Latin-1.
    """
    if not header:
        return " "
    kept = unicodedata.normalize("NFC", f"{header} {sender}").translate(
        {ord("|"): "/", ord("%"): " "}
    )
    return f"{kept}|{when}|{'Page %%P of %%T' if pages else ''}"


def jobs_in(lines: list[str]) -> Iterator[Job]:
    """The jobs of a list in ``JOB_FORMAT``; further lines of a status are left out."""
    for line in lines:
        fields = line.split(_BETWEEN)
        if len(fields) == len(Job.__slots__) and _are_numbers(fields[3], fields[4]):
            job, state, info, pages, dials, status = fields
            yield Job(job, state, info, int(pages), int(dials), status)


def received_in(lines: list[str]) -> Iterator[Received]:
    """The faxes of a list in ``RECEIVED_FORMAT``; lines that make no sense are left out."""
    for line in lines:
        fields = line.split(_BETWEEN)
        if len(fields) != len(Received.__slots__):
            continue
        file, coming, at, size, pages, station_id, caller, lines_an_inch = fields
        if "/" in file or not _are_numbers(at, size, pages, lines_an_inch):
            continue
        yield Received(
            file,
            coming.strip() != "",
            datetime.fromtimestamp(int(at), UTC),
            int(size),
            int(pages),
            station_id,
            caller,
            int(lines_an_inch),
        )


def _are_numbers(*fields: str) -> bool:
    return all(field.isascii() and field.isdigit() for field in fields)


@dataclass(frozen=True, slots=True)
class ModemLine:
    """A modem, its fax number if one is set, and what it does."""

    name: str
    number: str
    status: str


def modems_in(lines: list[str]) -> Iterator[ModemLine]:
    """The modems of a list in ``MODEM_FORMAT``; its first line tells of the scheduler."""
    for line in lines:
        fields = line.split(_BETWEEN)
        if len(fields) == len(ModemLine.__slots__):
            yield ModemLine(fields[0], e164(fields[1]), fields[2])


def e164(written: str) -> str:
    """A number as a modem's FAXNumber may say it, such as +1.202.555.0123; empty if it is none."""
    digits = "".join(filter(str.isdecimal, written))
    return f"+{digits}" if written.startswith("+") and digits else ""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a job's file in doneq tells: status and its code, the session's facts, its documents."""

    status: str
    code: int | None
    facts: dict[str, Any]
    documents: list[str]


def ended_in(queue_file: str) -> Ended:
    """Read a job's file: lines ``name:value``, and one for each document."""
    told: dict[str, str] = {}
    for line in queue_file.split("\n"):
        name, _, value = line.partition(":")
        told.setdefault(name, value)
    facts: dict[str, Any] = {}
    if rate := _RATE.match(told.get("signalrate", "")):
        facts["bit_rate"] = int(rate[0])
    if coding := _CODINGS.get(told.get("dataformat", "")):
        facts["compression"] = coding
    if csi := told.get("csi", ""):
        facts["remote_station_id"] = csi
    code = told.get("statuscode", "")
    return Ended(
        told.get("status", "").rstrip("\\"),
        int(code) if _are_numbers(code) else None,
        facts,
        _DOCUMENTS.findall(queue_file),
    )


def outcome_of(status: str, code: int | None) -> Outcome:
    """How a job came out that has failed."""
    words = status.partition(";")[0].strip()
    for beginning, outcome in _BY_WORDS:
        if words.startswith(beginning):
            return outcome
    own = code is not None and code in _OWN_TROUBLE
    return Outcome.INTERNAL_ERROR if own else Outcome.TRANSMIT_ERROR


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log tells of a fax that came in: the number of its modem, and what went wrong."""

    called: str
    reason: str


def received_in_log(log: str) -> dict[str, Logged]:
    """By file, what xferfaxlog(5) tells of faxes that came in, the last one of each name.

    Its lines are parted by tabs: date, RECV, id, modem, file, tag, sender, the modem's number, the
    far end's, parameters, pages, two times, and the reason for which it is not whole.
    """
    kind, path, number, reason = 1, 4, 7, 13
    found = {}
    for line in log.split("\n"):
        fields = [field.strip('"') for field in line.split("\t")]
        if len(fields) > reason and fields[kind] == "RECV":
            file = fields[path].rsplit("/", 1)[-1]
            found[file] = Logged(e164(fields[number]), fields[reason])
    return found
