"""What every reader is: the face, what it is given and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from faxes.documents.limits import Limits
from faxes.documents.raster import Sheet
from faxes.documents.tiff import Bits

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: where it is, what its user calls it, and what it may cost."""

    path: Path
    name: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class GreyPage:
    """A page drawn on a whole sheet in grey: (rows, 1728), 0 is black. Valid until the next."""

    grey: Grey


@dataclass(frozen=True, slots=True)
class FaxBits:
    """A page that is a fax page already: packed rows, (rows, 216), black is 1."""

    bits: Bits


class Reader(Protocol):
    """An open document. Opening raises DocumentError for what can be told without drawing."""

    @property
    def pages(self) -> int:
        """How many fax pages it makes; at least one."""

    def draw(self, page: int, sheet: Sheet) -> GreyPage | FaxBits:
        """Draw a page, numbered from 1. Raises DocumentError DOCUMENT_UNREADABLE."""

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
