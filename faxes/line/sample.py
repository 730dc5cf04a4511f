"""A fax page made from nothing but its pixels, for checks that must not need a document."""

import struct
from pathlib import Path

_WIDTH = 1728
_ROWS = 1145
_SHORT, _LONG, _RATIONAL = 3, 4, 5


def write_sample_page(path: Path) -> None:
    """Write a one-page TIFF, uncompressed, standard resolution: a pattern without repetition."""
    bits = _pattern()
    header, entries_at = b"II*\0", 8
    entries = (
        (256, _LONG, _WIDTH),
        (257, _LONG, _ROWS),
        (258, _SHORT, 1),  # bits a sample
        (259, _SHORT, 1),  # not compressed
        (262, _SHORT, 0),  # min is white
        (273, _LONG, 0),  # where the strip is: below
        (277, _SHORT, 1),
        (278, _LONG, _ROWS),
        (279, _LONG, len(bits)),
        (282, _RATIONAL, 0),
        (283, _RATIONAL, 0),
        (296, _SHORT, 2),  # inches
    )
    rationals_at = entries_at + 2 + 12 * len(entries) + 4
    strip_at = rationals_at + 16
    places = {273: strip_at, 282: rationals_at, 283: rationals_at + 8}
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHLL", tag, kind, 1, places.get(tag, value)) for tag, kind, value in entries
    )
    rationals = struct.pack("<LLLL", 204, 1, 98, 1)
    path.write_bytes(
        header + struct.pack("<L", entries_at) + directory + b"\0" * 4 + rationals + bits
    )


def _pattern() -> bytes:
    """Bars of every width, wandering from row to row."""
    row_bytes = _WIDTH // 8
    rows = (((1 << (row // 8 % 200 + 3)) - 1) << (row * 5 % 1500) for row in range(_ROWS))
    mask = (1 << _WIDTH) - 1
    return b"".join((row & mask).to_bytes(row_bytes, "big") for row in rows)
