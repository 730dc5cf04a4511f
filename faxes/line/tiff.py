"""Fax documents as libtiff sees them: how many pages, whether they are whole, their pixels."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from faxes.line.spandsp import Library, library, path_bytes

_TAG_ROWS = 257


def count_pages(path: Path) -> int:
    """How many pages a TIFF says that it has; 0 if it cannot be opened."""
    with _tiff(path) as handle:
        if handle is None:
            return 0
        pages = 1
        while library().tiff.TIFFReadDirectory(handle) == 1:
            pages += 1
        return pages


def page_rows(path: Path, *, first: int = 0) -> tuple[int, ...]:
    """The rows of each page of a TIFF whose coded data are really there; empty if unreadable.

    A disk that ran full leaves a file that counts pages without holding them, so each page's
    strips are read (not decoded), and the list ends before the first that cannot be. ``first``
    is the page to begin at, counted from 0.
    """
    lib = library()
    rows: list[int] = []
    with _tiff(path) as handle:
        if handle is None:
            return ()
        largest = path.stat().st_size
        field, tag = lib.ffi.new("uint32_t *"), lib.ffi.cast("uint32_t", _TAG_ROWS)
        going_on = lib.tiff.TIFFSetDirectory(handle, first) == 1
        while going_on and _strips_readable(lib, handle, largest):
            if lib.tiff.TIFFGetField(handle, tag, field) != 1:
                break
            rows.append(field[0])
            going_on = lib.tiff.TIFFReadDirectory(handle) == 1
    return tuple(rows)


@contextmanager
def _tiff(path: Path) -> Iterator[Any]:
    lib = library()
    handle = lib.tiff.TIFFOpen(path_bytes(path), b"r")
    if handle == lib.ffi.NULL:
        yield None
        return
    try:
        yield handle
    finally:
        lib.tiff.TIFFClose(handle)


def _strips_readable(lib: Library, handle: Any, largest: int) -> bool:
    for strip in range(lib.tiff.TIFFNumberOfStrips(handle)):
        size = lib.tiff.TIFFRawStripSize64(handle, strip)
        if not 0 < size <= largest:
            return False
        room = lib.ffi.new("char[]", size)
        if lib.tiff.TIFFReadRawStrip(handle, strip, room, size) != size:
            return False
    return True


def cut_after(path: Path, pages: int) -> None:
    """Leave only the first pages of a TIFF, in place: a full disk has no room for another file.

    Each directory ends with the place of the next one (TIFF 6.0 section 2), which becomes 0.
    """
    with path.open("r+b") as file:
        order = "<" if file.read(2) == b"II" else ">"
        link = 4
        for _page in range(pages):
            file.seek(link)
            (directory,) = struct.unpack(order + "L", file.read(4))
            file.seek(directory)
            (entries,) = struct.unpack(order + "H", file.read(2))
            link = directory + 2 + 12 * entries
        file.seek(link)
        file.write(b"\0\0\0\0")


def page_bits(path: Path) -> tuple[bytes, ...]:
    """The pixels of each page, packed eight to a byte, as the library decodes them."""
    lib = library()
    pages: list[bytes] = []
    with _tiff(path) as handle:
        going_on = handle is not None
        while going_on:
            strips = range(lib.tiff.TIFFNumberOfStrips(handle))
            pages.append(b"".join(_decoded(lib, handle, strip) for strip in strips))
            going_on = lib.tiff.TIFFReadDirectory(handle) == 1
    return tuple(pages)


def _decoded(lib: Library, handle: Any, strip: int) -> bytes:
    size = lib.tiff.TIFFStripSize(handle)
    room = lib.ffi.new("char[]", size)
    length = lib.tiff.TIFFReadEncodedStrip(handle, strip, room, size)
    return bytes(lib.ffi.buffer(room, max(length, 0))[:])
