"""What every reader is: the face, what it is given and what it gives back."""

import contextlib
import mmap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from faxes.documents.limits import Limits
from faxes.documents.raster import Sheet
from faxes.documents.tiff import Bits
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

Grey = npt.NDArray[np.uint8]

_WHITE = 255
_LARGE_PAGE = 1 << 21


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: where it is, what its user calls it, what it may cost, its sheet of paper."""

    path: Path
    name: str
    limits: Limits
    sheet: Sheet

    def error(self, code: ErrorCode, **facts: Any) -> DocumentError:
        """Make the error that says this about this document."""
        return DocumentError(code, field="documents", name=self.name, **facts)


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the sheet in pixels: from ``left``/``top`` to before ``right``/``bottom``."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class GreyPage:
    """A page drawn on a whole sheet in grey: (``sheet.canvas_rows``, 1728), 0 is black.

    Rows beyond ``sheet.rows`` are white and not part of the page. Valid until the next is drawn.
    ``pictures`` are the only parts that may hold photographs.
    """

    grey: Grey
    pictures: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class FaxBits:
    """A page that is a fax page already: packed rows, (rows, 216), black is 1."""

    bits: Bits


def blank(sheet: Sheet) -> Grey:
    """Return a white page for ``GreyPage``, in memory of large pages.

    The kernel hands out four megabytes in small pages a thousand times slower than it fills them.
    """
    size = sheet.canvas_rows * sheet.columns
    length = -(-size // _LARGE_PAGE) * _LARGE_PAGE
    memory = mmap.mmap(-1, length, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with contextlib.suppress(OSError):
        memory.madvise(mmap.MADV_HUGEPAGE)
    grey: Grey = np.frombuffer(memory, np.uint8, size).reshape(sheet.canvas_rows, sheet.columns)
    grey.fill(_WHITE)
    return grey


class Reader(Protocol):
    """An open document. Opening raises DocumentError for what can be told without drawing."""

    @property
    def pages(self) -> int:
        """How many fax pages it makes; at least one."""

    def draw(self, page: int, turns: int = 0) -> GreyPage | FaxBits:
        """Draw a page, numbered from 1, after so many quarter turns clockwise.

        Turned, it is laid on the sheet anew. Raises DOCUMENT_UNREADABLE.
        """

    def __enter__(self) -> Self:
        """Readers hold files open: use them in a ``with`` statement."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close what is open."""


Opener = Callable[[Source], Reader]
