"""Who stands at one end of a call: its identification, its header and what it can do."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from faxes.enums import Quality
from faxes.line.codec import Jsonable
from faxes.line.errors import StationInvalid

MAX_STATION_ID = 20  # characters of TSI and CSI, T.30 section 5.3.6.2.4
MAX_HEADER_BYTES = 50  # what the fax library keeps of a header
HEADER_CODE_PAGE = "cp437"  # the letters that its header font has

# What cannot be taken apart into a plain letter and an accent, and yet has a plain form.
_PLAIN = str.maketrans(
    {
        **dict(
            zip("ŁłØøĐđıŒœẞ", ("L", "l", "O", "o", "D", "d", "i", "OE", "oe", "SS"), strict=True)
        ),
        **dict.fromkeys("\u2018\u2019\u201a\u2039\u203a", "'"),
        **dict.fromkeys("\u201c\u201d\u201e", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u2026": "...",
        "\u20ac": "EUR",
    }
)


class Modem(StrEnum):
    """The fastest modem that an end has; it falls back to the slower ones where it must."""

    V17 = "v17"  # up to 14400 bit/s
    V29 = "v29"  # up to 9600 bit/s
    V27TER = "v27ter"  # up to 4800 bit/s
    V27TER_2400 = "v27ter_2400"  # the fall-back mode only, T.30 table 2, bits 11 to 14 all 0


_MOST_BITS = {Modem.V17: 14400, Modem.V29: 9600, Modem.V27TER: 4800}


def modem_for(most_bits: int) -> Modem:
    """The fastest modem that sends no more than so many bits a second."""
    fitting = (modem for modem, bits in _MOST_BITS.items() if bits <= most_bits)
    return next(fitting, Modem.V27TER_2400)


class Compression(StrEnum):
    """How pages are coded on the line. T.6 goes only with error correction (T.30 Annex A)."""

    T4_1D = "t4_1d"
    T4_2D = "t4_2d"
    T6 = "t6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station(Jsonable):
    """One fax machine.

    ``station_id`` is sent as TSI or CSI: at most 20 printable ASCII characters, else
    ``StationInvalid``. ``header`` is printed above every page that it sends; empty means no
    header line, and so no rows added to the page. ``time_zone`` is the IANA name by which the
    header tells the time.
    """

    station_id: str = ""
    header: str = ""
    time_zone: str = "UTC"
    ecm: bool = True
    modem: Modem = Modem.V17
    resolutions: frozenset[Quality] = frozenset(Quality)
    compressions: frozenset[Compression] = frozenset(Compression)

    def __post_init__(self) -> None:
        if len(self.station_id) > MAX_STATION_ID:
            raise StationInvalid(
                f"station id {self.station_id!r} has {len(self.station_id)} characters,"
                f" at most {MAX_STATION_ID} can be sent"
            )
        if not (self.station_id.isascii() and self.station_id.isprintable()):
            raise StationInvalid(
                f"station id {self.station_id!r}: only printable ASCII characters can be sent"
            )
        if not (self.resolutions and self.compressions):
            raise StationInvalid("a station needs at least one resolution and one compression")
        posix_time_zone(self.time_zone, datetime.now(UTC))


def header_bytes(text: str) -> bytes:
    """A header as the fax library wants it: one line, code page 437, at most 50 bytes.

    A header is decoration, so nothing is refused: letters that the code page lacks lose their
    accents or become question marks, line breaks become spaces, and the end is cut off.
    """
    one_line = " ".join(text.translate(_PLAIN).split())
    coded = bytearray()
    for character in one_line:
        if unicodedata.category(character).startswith("C"):
            continue
        coded += _cp437(character)
    return bytes(coded[:MAX_HEADER_BYTES]).rstrip()


def _cp437(character: str) -> bytes:
    try:
        return character.encode(HEADER_CODE_PAGE)
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", character)
        kept = "".join(part for part in plain if not unicodedata.combining(part))
        return kept.encode(HEADER_CODE_PAGE, "replace")


def posix_time_zone(name: str, at: datetime) -> str:
    """The offset that holds in a zone at a moment, as a POSIX TZ string.

    The fax library knows POSIX strings only, with the sign the other way round (hours *west* of
    Greenwich). A call takes minutes, so the offset of its moment is all that it needs; the rules
    of the zone, which POSIX cannot say for every zone (Casablanca, Cairo), stay in ``zoneinfo``.
    ``StationInvalid`` if there is no such zone.
    """
    try:
        offset = at.astimezone(ZoneInfo(name)).utcoffset()
    except (KeyError, ValueError, OSError):
        offset = None
    if offset is None:
        raise StationInvalid(f"there is no time zone {name!r}")
    sign = "-" if offset >= timedelta() else "+"
    minutes = abs(offset) // timedelta(minutes=1)
    return f"FAX{sign}{minutes // 60}:{minutes % 60:02d}"
