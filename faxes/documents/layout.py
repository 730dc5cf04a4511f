"""Plain text broken into lines and pages: tabs, form feeds, long lines. Widths in cells."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_TAB = 8
_NEW_LINE = re.compile("\r\n|[\r\n\x0b\x1c-\x1e\x85\u2028\u2029]")
_DROPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\ufeff]")
_WIDE = frozenset("WF")
_WITHOUT_WIDTH = frozenset({"Mn", "Me", "Cf"})
_FROM_RIGHT = re.compile("R(?:[RN]*R)?")  # and what stands between


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
    for part in text.split("\f"):
        lines = list(_lines(part, columns))
        found += [lines[start : start + rows] for start in range(0, len(lines), rows)] or [[]]
    while found and not any(line.strip() for line in found[-1]):
        found.pop()
    return found


def _lines(text: str, columns: int) -> Iterator[str]:
    lines = _NEW_LINE.split(text)
    if lines and not lines[-1]:
        lines.pop()  # a newline ends a line, it does not begin another
    for line in lines:
        yield from _wrapped(_DROPPED.sub("", _untabbed(line)), columns)


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


def in_sight(line: str) -> str:
    """Return a line in the order in which it is seen: words from right to left are turned round.

    Enough for a line that is mostly one or the other; the full rules (UAX 9) nest.
    """
    if line.isascii():
        return line
    ways = "".join(map(_way, line))
    for run in _FROM_RIGHT.finditer(ways):
        start, end = run.span()
        line = line[:start] + line[start:end][::-1] + line[end:]
    return line


def _way(char: str) -> str:
    """Return R for a character that runs from the right, L for one from the left, else N."""
    if unicodedata.bidirectional(char) in {"R", "AL"}:
        return "R"
    return "L" if char.isalnum() else "N"
