"""Plain text broken into lines and pages: tabs, form feeds, long lines. Widths in cells."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_TAB = 8
_NEW_LINE = re.compile("\r\n|[\r\n\x0b\x1c-\x1e\x85\u2028\u2029]")
_DROPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\ufeff]")
_WIDE = frozenset("WF")
_STRONG = frozenset({"L", "R", "AL"})
_WITHOUT_WIDTH = frozenset({"Mn", "Me", "Cf"})
# What cannot be set one by one: scripts that run from the right, join, stack or reorder their
# letters, marks on the letter before, what steers the direction, pictures put together; and the
# scripts that no fixed-width font has. Blocks of Unicode.
_SHAPED = re.compile(
    "[\u0300-\u036f\u0590-\u1cff\u200d-\u200f\u202a-\u202e\u2066-\u2069\u20d0-\u20ff"
    "\u2c00-\u2dff\ua000-\uabff\ufb1d-\ufdff\ufe00-\ufe0f\ufe70-\ufefc"
    "\U00010000-\U0001d0ff\U0001e000-\U0001faff]"
)


def cells(char: str) -> int:
    """Return the width of a character in cells of a fixed-width font: 0, 1 or 2."""
    if unicodedata.category(char) in _WITHOUT_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def pages(text: str, columns: int, rows: int) -> list[list[str]]:
    """Break text into pages of at most ``rows`` lines of at most ``columns`` cells.

    A form feed begins a page. Pages without a mark at the end are left out; none may be left.
    """
    found: list[list[str]] = []
    for part in sections(text):
        lines = [piece for line in part for piece in _wrapped(line, columns)]
        found += [lines[start : start + rows] for start in range(0, len(lines), rows)] or [[]]
    while found and not any(line.strip() for line in found[-1]):
        found.pop()
    return found


def sections(text: str) -> Iterator[list[str]]:
    """Yield what stands between form feeds, in lines: tabs are filled, control characters gone."""
    for part in text.split("\f"):
        lines = _NEW_LINE.split(part)
        if not lines[-1]:
            lines.pop()  # a newline ends a line, it does not begin another
        yield [_DROPPED.sub("", _untabbed(line)) for line in lines]


def _untabbed(line: str) -> str:
    if "\t" not in line:
        return line
    out, at = [], 0
    for char in line:
        if char == "\t":
            gap = _TAB - at % _TAB
            out.append(" " * gap)
            at += gap
        else:
            out.append(char)
            at += cells(char)
    return "".join(out)


def _wrapped(line: str, columns: int) -> Iterator[str]:
    """Break a line at spaces, and a word that alone is too long where the line ends."""
    line = line.rstrip()
    if line.isascii() and len(line) <= columns:
        yield line
        return
    while line:
        end = _fitting(line, columns)
        if end < len(line):
            space = line.rfind(" ", 1, end + 1)
            end = space if space > 0 and line[:space].strip() else end
        yield line[:end].rstrip()
        line = line[end:].lstrip(" ") if end < len(line) else ""


def _fitting(line: Iterable[str], columns: int) -> int:
    """Return how many characters fit."""
    used = end = 0
    for end, char in enumerate(line):
        used += cells(char)
        if used > columns:
            return max(1, end)
    return end + 1


def needs_shaping(text: str) -> bool:
    """Tell whether there are characters that cannot be set one by one from left to right."""
    return not text.isascii() and _SHAPED.search(text) is not None


def runs_from_right(line: str) -> bool:
    """Tell whether a line begins at the right: by its first letter (UAX 9, rules P2 and P3)."""
    for char in line:
        way = unicodedata.bidirectional(char)
        if way in _STRONG:
            return way != "L"
    return False
