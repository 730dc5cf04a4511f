"""The directories of a TIFF file, read by hand: where its pages' coded data lie (TIFF 6.0, 2).

BigTIFF is read as well: the same in numbers of 64 bits.

Pure Python, so that a damaged or hostile file can do no more than raise an error; everything that
only needs to know *about* a fax TIFF, or to carry its coded data elsewhere, uses this.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from mmap import mmap


class Tag(IntEnum):
    """The tags that matter to fax pages."""

    SUBFILE = 254
    OLD_SUBFILE = 255
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
_MOST_WORK = 5_000_000  # entries and values of a whole file; directories may overlap
# TIFF's types: letter of struct and bytes; 5 and 10 are fractions of two numbers.
_TYPES = {
    1: ("B", 1),
    3: ("H", 2),
    4: ("I", 4),
    5: ("II", 8),
    11: ("f", 4),
    12: ("d", 8),
    16: ("Q", 8),  # BigTIFF's
}
_LONG, _FRACTION = 4, 5
_FIRST_STRIP = 8  # behind the header
_NOT_A_PAGE = 1 | 4  # bits of SUBFILE: smaller copy, mask
_OLD_SMALLER = 2  # value of OLD_SUBFILE


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a file writes its numbers: order of bytes, letters of struct for numbers and offsets.

    The first directory's offset stands at ``header``; ``inline`` bytes of a value in its entry.
    """

    order: str
    count: str
    offset: str
    header: int
    inline: int

    @property
    def entry(self) -> struct.Struct:
        """An entry's tag, type and number of values; ``inline`` bytes follow."""
        return struct.Struct(self.order + "HH" + self.offset)

    @property
    def entry_bytes(self) -> int:
        """How many bytes an entry takes."""
        return self.entry.size + self.inline


_LAYOUTS = {
    b"II*\0": _Layout("<", "H", "I", 4, 4),
    b"MM\0*": _Layout(">", "H", "I", 4, 4),
    b"II+\0": _Layout("<", "Q", "Q", 8, 8),
    b"MM\0+": _Layout(">", "Q", "Q", 8, 8),
}


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory's tags, as far as they matter here; its place in the file's chain, from 0."""

    tags: dict[int, Value]
    index: int

    @property
    def is_page(self) -> bool:
        """Whether it is a page: not a smaller copy of one, nor a mask."""
        smaller = self.integer(Tag.OLD_SUBFILE, 0) == _OLD_SMALLER
        return not smaller and not self.integer(Tag.SUBFILE, 0) & _NOT_A_PAGE

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


def directories(data: bytes | mmap, *, whole: bool = False) -> list[Directory]:
    """Return the directories of a TIFF file in order. Raises BadTiff.

    A chain that breaks off after the first page, as in a file cut short, ends there, unless it has
    to be ``whole``. One that bites its tail ends where it does.
    """
    found: list[Directory] = []
    try:
        for directory in _walk(data):
            found.append(directory)  # noqa: PERF402 - what came before the damage is kept
    except (struct.error, OverflowError, BadTiff):
        if whole or not found:
            raise BadTiff("no readable directory, or not all") from None
    return found


def _walk(data: bytes | mmap) -> Iterator[Directory]:
    layout = _LAYOUTS.get(data[:4])
    if layout is None:
        raise BadTiff("not a TIFF file")
    seen: set[int] = set()
    work = 0
    link = struct.Struct(layout.order + layout.offset)
    (offset,) = link.unpack_from(data, layout.header)
    while offset and offset not in seen:
        (count,) = struct.unpack_from(layout.order + layout.count, data, offset)
        start = offset + struct.calcsize(layout.order + layout.count)
        tags = dict(_entries(data, layout, start, count))
        work += count + sum(map(len, tags.values()))
        if len(seen) >= _MOST_DIRECTORIES or work > _MOST_WORK:
            raise BadTiff("no end of directories")
        yield Directory(tags, len(seen))
        seen.add(offset)
        (offset,) = link.unpack_from(data, start + count * layout.entry_bytes)


def _entries(
    data: bytes | mmap, layout: _Layout, start: int, count: int
) -> Iterator[tuple[int, Value]]:
    entry, step = layout.entry, layout.entry_bytes
    seen: set[int] = set()
    for at in range(start, start + count * step, step):
        tag, kind, number = entry.unpack_from(data, at)
        known = tag in _WANTED and tag not in seen and kind in _TYPES
        if not known or not 0 < number <= _MOST_VALUES:
            continue
        seen.add(tag)
        letters, size = _TYPES[kind]
        where = at + entry.size
        if number * size > layout.inline:
            (where,) = struct.unpack_from(layout.order + layout.offset, data, where)
        values = struct.unpack_from(layout.order + letters * number, data, where)
        if kind == _FRACTION:
            values = tuple(
                above / below if below else 0.0
                for above, below in zip(values[::2], values[1::2], strict=True)
            )
        yield tag, values


def one_page(tags: Mapping[int, int], strips: Sequence[bytes]) -> bytes:
    """Return a TIFF file of one page with these tags, whose data lie in these strips."""
    starts = list(accumulate(map(len, strips), initial=_FIRST_STRIP))
    told: dict[int, tuple[int, ...]] = {tag: (value,) for tag, value in tags.items()}
    told[Tag.STRIP_OFFSETS] = tuple(starts[:-1])
    told[Tag.STRIP_BYTES] = tuple(map(len, strips))
    after = starts[-1] + 2 + len(told) * 12 + 4
    entries, values = bytearray(), bytearray()
    for tag, numbers in sorted(told.items()):
        entries += struct.pack("<HHI", tag, _LONG, len(numbers))
        body = struct.pack(f"<{len(numbers)}I", *numbers)
        if len(numbers) > 1:
            entries += struct.pack("<I", after + len(values))
            values += body
        else:
            entries += body
    head = struct.pack("<4sI", b"II*\0", starts[-1])
    return b"".join((head, *strips, struct.pack("<H", len(told)), entries, bytes(4), values))


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
