"""CSV for spreadsheets: written so that no cell is taken for a formula, and read again."""

import csv
import io
from collections.abc import Iterable
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_GUARD: Final = "'"


def harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"{_GUARD}{text}" if _is_risky(text) else text


def meant(cell: str) -> str:
    """What a cell says, with or without the mark that makes it harmless."""
    text = cell.strip()
    return text[1:] if text.startswith(_GUARD) and _is_risky(text) else text


def line(cells: Iterable[str]) -> str:
    """One line of CSV; what is figures may go in as it is, what is text made ``harmless``."""
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _is_risky(text: str) -> bool:
    """Whether it is a formula, or one behind marks, which get another so that none is lost."""
    return text.lstrip(_GUARD).startswith(_FORMULA)
