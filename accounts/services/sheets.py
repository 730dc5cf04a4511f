"""CSV for spreadsheets: written so that no cell is taken for a formula, and read again."""

import csv
import io
from collections.abc import Iterable
from typing import Final

_GUARD: Final = "'"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_GUARDED: Final = (*_FORMULA, _GUARD)  # a mark of the text's own too, so that it comes back


def harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"{_GUARD}{text}" if text.startswith(_GUARDED) else text


def meant(cell: str) -> str:
    """What a cell says, with or without the mark that makes it harmless."""
    text = cell.strip()
    return text[1:] if text.startswith(_GUARD) and text[1:].startswith(_GUARDED) else text


def line(cells: Iterable[str]) -> str:
    """One line of CSV; what is figures may go in as it is, what is text made ``harmless``."""
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
