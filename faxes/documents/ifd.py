"""The directories of a TIFF file, read by hand: where its pages' coded data lie (TIFF 6.0, 2).

Pure Python, so that a damaged or hostile file can do no more than raise an error; everything that
only needs to know *about* a fax TIFF, or to carry its coded data elsewhere, uses this.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from mmap import mmap


class Tag(IntEnum):
    """The tags that matter to fax pages."""

    SUBFILE = 254
    WIDTH = 256
    LENGTH = 257
    BITS = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    FILL_ORDER = 266
    STRIP_OFFSETS = 273
    ORIENTATION = 274
    SAMPLES = 277
    ROWS_PER_STRIP = 278
    STRIP_BYTES = 279
    X_RESOLUTION = 282
    Y_RESOLUTION = 283
    PLANES = 284
    GROUP3_OPTIONS = 292
    RESOLUTION_UNIT = 296
    TILE_WIDTH = 322
    TILE_OFFSETS = 324
    TILE_BYTES = 325


class BadTiff(ValueError):
    """The bytes are not a TIFF file, or its directories lead nowhere."""


Value = tuple[int, ...] | tuple[float, ...]

_WANTED = frozenset(int(tag) for tag in Tag)
_MOST_DIRECTORIES = 10_000
_MOST_VALUES = 100_000
_HEADER_BYTES = 8
_ENTRY = 12
_INLINE_BYTES = 4
# TIFF's types: letter of struct and bytes; 5 and 10 are fractions of two numbers.
_TYPES = {1: ("B", 1), 3: ("H", 2), 4: ("I", 4), 5: ("II", 8), 11: ("f", 4), 12: ("d", 8)}
_FRACTION = 5


@dataclass(frozen=True, slots=True)
class Directory:
    """One page's tags, as far as they matter here."""

    tags: dict[int, Value]

    def integer(self, tag: Tag, default: int) -> int:
        """Return the first value of a tag, or ``default`` where the page does not say."""
        values = self.tags.get(tag)
        return int(values[0]) if values else default

    def integers(self, tag: Tag) -> tuple[int, ...]:
        """Return all values of a tag; none where the page does not say."""
        return tuple(int(value) for value in self.tags.get(tag, ()))

    def number(self, tag: Tag, default: float) -> float:
        """Return the first value of a tag that may be a fraction."""
        values = self.tags.get(tag)
        return float(values[0]) if values else default


def directories(data: bytes | mmap) -> list[Directory]:
    """Return the directories of a TIFF file in order. Raises BadTiff.

    A chain that breaks off after the first page, as in a file cut short, ends there.
    """
    found: list[Directory] = []
    try:
        for directory in _walk(data):
            found.append(directory)  # noqa: PERF402 - what came before the damage is kept
    except (struct.error, BadTiff):
        if not found:
            raise BadTiff("no readable directory") from None
    return found


def _walk(data: bytes | mmap) -> Iterator[Directory]:
    if len(data) < _HEADER_BYTES or data[:4] not in {b"II*\0", b"MM\0*"}:
        raise BadTiff("not a TIFF file")
    order = "<" if data[:2] == b"II" else ">"
    seen: set[int] = set()
    (offset,) = struct.unpack_from(order + "I", data, 4)
    while offset:
        if offset in seen or len(seen) >= _MOST_DIRECTORIES:
            raise BadTiff("directories in a circle")
        seen.add(offset)
        (count,) = struct.unpack_from(order + "H", data, offset)
        yield Directory(dict(_entries(data, order, offset + 2, count)))
        (offset,) = struct.unpack_from(order + "I", data, offset + 2 + count * _ENTRY)


def _entries(data: bytes | mmap, order: str, start: int, count: int) -> Iterator[tuple[int, Value]]:
    entry = struct.Struct(order + "HHI")
    for at in range(start, start + count * _ENTRY, _ENTRY):
        tag, kind, number = entry.unpack_from(data, at)
        if tag not in _WANTED or kind not in _TYPES or not 0 < number <= _MOST_VALUES:
            continue
        letters, size = _TYPES[kind]
        where = at + 8
        if number * size > _INLINE_BYTES:
            (where,) = struct.unpack_from(order + "I", data, where)
        values = struct.unpack_from(order + letters * number, data, where)
        if kind == _FRACTION:
            values = tuple(
                above / below if below else 0.0
                for above, below in zip(values[::2], values[1::2], strict=True)
            )
        yield tag, values


def is_cut_short(directory: Directory, size: int) -> bool:
    """Tell whether a page's data reach beyond the ``size`` bytes of its file."""
    kinds = ((Tag.STRIP_OFFSETS, Tag.STRIP_BYTES), (Tag.TILE_OFFSETS, Tag.TILE_BYTES))
    ends = [
        offset + length
        for offsets, lengths in kinds
        for offset, length in zip(
            directory.integers(offsets), directory.integers(lengths), strict=False
        )
    ]
    return max(ends, default=0) > size
