"""What is asked of the line: a call with its ends, its documents and its limits."""

from dataclasses import dataclass, field
from pathlib import Path

from faxes.line.codec import Jsonable
from faxes.line.exchange import Behaviour, Medium
from faxes.line.station import Station

_MIB = 1 << 20

# A superfine page of fine print takes ten minutes at 2400 bit/s; noise makes it longer.
_LINE_SECONDS_A_CALL = 300.0
_LINE_SECONDS_A_PAGE = 1200.0
# Unpaced, a page takes hundredths of a second of one processor, but many may want that one.
_WALL_SECONDS_A_CALL = 60.0
_WALL_SECONDS_A_PAGE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Jsonable):
    """How much a call may take; a time that is None is reckoned from its pages and its pace."""

    line_seconds: float | None = None  # simulated
    wall_seconds: float | None = None
    memory_bytes: int = 512 * _MIB
    file_bytes: int = 256 * _MIB  # of the received document
    open_files: int = 64

    def line_limit(self, pages: int) -> float:
        """The longest simulated time for so many pages."""
        if self.line_seconds is not None:
            return self.line_seconds
        return _LINE_SECONDS_A_CALL + pages * _LINE_SECONDS_A_PAGE

    def wall_limit(self, pages: int, pace: float) -> float:
        """The longest wall time for so many pages at a pace (0: as fast as it goes)."""
        if self.wall_seconds is not None:
            return self.wall_seconds
        working = _WALL_SECONDS_A_CALL + pages * _WALL_SECONDS_A_PAGE
        return working + (self.line_limit(pages) / pace if pace > 0 else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSpec(Jsonable):
    """One call to place.

    ``document`` is the fax TIFF to send, ``pages`` how many pages it ought to have, if known: a
    document that has lost some is then never taken for delivered. ``receive`` is where the
    called machine writes; None has it throw away what it receives, as a test number does.
    ``medium`` overrides what the behaviour asks for.
    """

    document: Path
    caller: Station
    behaviour: Behaviour
    receive: Path | None = None
    pages: int | None = None
    medium: Medium | None = None
    limits: Limits = field(default_factory=Limits)
