"""Fax TIFF: written in the canonical form that goes over the line, and read in any fax form.

Canonical is what T.30 engines pass on bit by bit: Group 4 (T.6), 1 bit a pixel, white is zero, most
significant bit first, one strip a page, 1728 columns, 204 dots an inch across and 98, 196 or 391
lines an inch down, and no tag that tells of the host or the time.

Pages are numbered from 1. Bits are handled packed: an array of (rows, bytes of a row), black is 1.
"""

import mmap
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from faxes.documents import ifd
from faxes.documents.group4 import Group4Coder
from faxes.documents.ifd import Directory, Tag
from faxes.documents.libtiff import complaints, ffi, lib, listen
from faxes.enums import ErrorCode, Quality
from faxes.errors import DocumentError

Bits = npt.NDArray[np.uint8]

COLUMNS = 1728
ROW_BYTES = COLUMNS // 8
X_DPI = 204
Y_DPI = {Quality.STANDARD: 98, Quality.FINE: 196, Quality.SUPERFINE: 391}

_SENSIBLE_DPI = (40.0, 5000.0)
_CM_PER_INCH = 2.54
_UNIT_CM = 3
_MOST_PIXELS = 200_000_000  # a page of 1728 columns and 115,000 rows; none is that long
_GROUP4 = 4
_HOW_IT_IS_CODED = (
    Tag.WIDTH,
    Tag.LENGTH,
    Tag.BITS,
    Tag.COMPRESSION,
    Tag.PHOTOMETRIC,
    Tag.FILL_ORDER,
    Tag.ROWS_PER_STRIP,
    Tag.GROUP3_OPTIONS,
)
_BLACK_AND_WHITE = (0, 1)  # others have a palette, or are masks


class Coding(StrEnum):
    """How a fax page's rows are coded."""

    T4_1D = "t4_1d"
    T4_2D = "t4_2d"
    T6 = "t6"
    ROWS = "rows"  # modified Huffman without end-of-line codes, rows begin on bytes
    OTHER = "other"  # not coded as a fax


@dataclass(frozen=True, slots=True)
class FaxPage:
    """The facts of one page: number from 1, size in pixels, dots an inch, coding, coded bytes."""

    number: int
    width: int
    rows: int
    x_dpi: float
    y_dpi: float
    compression: Coding
    bytes: int

    @property
    def quality(self) -> Quality:
        """The resolution of T.4 that its lines an inch come nearest to."""
        return min(Y_DPI, key=lambda quality: abs(Y_DPI[quality] - self.y_dpi))


class FaxTiffWriter:
    """Writes canonical pages to a file; use it in a ``with`` statement."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tiff: Any = None
        self._coder = Group4Coder(COLUMNS)

    def __enter__(self) -> Self:
        self._tiff = lib.TIFFOpen(bytes(self._path), b"w")
        if self._tiff == ffi.NULL:
            raise OSError(f"cannot write {self._path}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        lib.TIFFClose(self._tiff)
        self._tiff = None
        self._coder.close()

    def add(self, bits: Bits, quality: Quality) -> None:
        """Append a page of packed rows, shape (rows, 216), black is 1. Raises OSError (disk)."""
        rows, row_bytes = bits.shape
        if row_bytes != ROW_BYTES or not rows:
            raise ValueError(f"a page of {bits.shape} is not {COLUMNS} columns wide")
        self.add_coded(self._coder.code(bits), rows, Y_DPI[quality])

    def add_coded(self, coded: bytes, rows: int, y_dpi: float) -> None:
        """Append a page that is coded already, as this writer codes it. Raises OSError (disk)."""
        integers = {
            Tag.WIDTH: COLUMNS,
            Tag.LENGTH: rows,
            Tag.BITS: 1,
            Tag.COMPRESSION: _GROUP4,
            Tag.PHOTOMETRIC: 0,
            Tag.FILL_ORDER: 1,
            Tag.SAMPLES: 1,
            Tag.ROWS_PER_STRIP: rows,
            Tag.PLANES: 1,
            Tag.RESOLUTION_UNIT: 2,
        }
        for tag, value in integers.items():
            lib.TIFFSetField(self._tiff, tag, ffi.cast("int", value))
        for tag, number in ((Tag.X_RESOLUTION, X_DPI), (Tag.Y_RESOLUTION, y_dpi)):
            lib.TIFFSetField(self._tiff, tag, ffi.cast("double", number))
        written = lib.TIFFWriteRawStrip(self._tiff, 0, ffi.from_buffer(coded), len(coded))
        if written != len(coded) or not lib.TIFFWriteDirectory(self._tiff):
            raise OSError(f"cannot write {self._path}")


def join(parts: Sequence[Path], out: Path, *, first: int = 1) -> None:
    """Write the pages of canonical files into one, in order, without coding them anew.

    Each part from its page ``first`` on. Raises ValueError for a page that is not canonical, or
    if no part has so many, OSError (disk).
    """
    pages = 0
    with FaxTiffWriter(out) as writer:
        for part in parts:
            pages += _carry_over(part, writer, first)
    if not pages:
        raise ValueError(f"there is no page {first}")


def _carry_over(part: Path, writer: FaxTiffWriter, first: int) -> int:
    with part.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = list(enumerate(ifd.directories(data), 1))[first - 1 :]
        for number, directory in found:
            try:
                writer.add_coded(*_coded(data, number, directory))
            except ValueError as error:
                raise ValueError(f"{error} in {part.name}") from None
    return len(found)


def gather(pages: Sequence[tuple[Path, int]], out: Path) -> None:
    """Write single pages of canonical files into one, in order, without coding them anew.

    Raises ValueError for a page that is not canonical, IndexError for one that is not there,
    OSError (disk).
    """
    read = {path: path.read_bytes() for path in {path for path, _page in pages}}
    found = {path: ifd.directories(data) for path, data in read.items()}
    with FaxTiffWriter(out) as writer:
        for path, number in pages:
            writer.add_coded(*_coded(read[path], number, found[path][number - 1]))


def _coded(data: Any, number: int, directory: Directory) -> tuple[bytes, int, float]:
    """A page's coded bytes, rows and lines an inch. Raises ValueError: it is not canonical."""
    page = facts(number, directory)
    strips = directory.integers(Tag.STRIP_OFFSETS)
    white = directory.integer(Tag.PHOTOMETRIC, 0)
    if (page.compression, page.width, white, len(strips)) != (Coding.T6, COLUMNS, 0, 1):
        raise ValueError(f"page {number} is not canonical")
    return data[strips[0] : strips[0] + page.bytes], page.rows, page.y_dpi


def read_fax_tiff(path: Path) -> tuple[FaxPage, ...]:
    """Return the facts of every page, without decoding. Safe for foreign files.

    Raises DocumentError: DOCUMENT_UNREADABLE for what is not a TIFF file, DOCUMENT_NO_PAGES for
    one without a page.
    """
    return tuple(
        facts(number, directory) for number, directory in enumerate(directories_of(path), 1)
    )


def directories_of(path: Path, *, whole: bool = False) -> list[Directory]:
    """Return the directories of a TIFF file's pages.

    With ``whole``, a file that breaks off after some pages is an error too. Raises DocumentError as
    ``read_fax_tiff``.
    """
    try:
        found = ifd.directories(path.read_bytes(), whole=whole)
    except ifd.BadTiff:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, field="documents") from None
    pages = [directory for directory in found if directory.is_page]
    if not pages:
        raise DocumentError(ErrorCode.DOCUMENT_NO_PAGES, field="documents")
    return pages


def facts(number: int, directory: Directory) -> FaxPage:
    """Read the facts of one page off its directory.

    Where it does not say a resolution that can be meant, that is T.4's if it is coded as a fax,
    else 0. One without a unit is taken as an inch's: fax programs leave it out.
    """
    inch = _CM_PER_INCH if directory.integer(Tag.RESOLUTION_UNIT, 2) == _UNIT_CM else 1.0
    coding = _coding(directory)
    dpi = [directory.number(tag, 0.0) * inch for tag in (Tag.X_RESOLUTION, Tag.Y_RESOLUTION)]
    if not all(map(is_sensible, dpi)):
        dpi = [0.0, 0.0] if coding is Coding.OTHER else [X_DPI, Y_DPI[Quality.FINE]]
    return FaxPage(
        number=number,
        width=directory.integer(Tag.WIDTH, 0),
        rows=directory.integer(Tag.LENGTH, 0),
        x_dpi=dpi[0],
        y_dpi=dpi[1],
        compression=coding,
        bytes=sum(directory.integers(Tag.STRIP_BYTES)),
    )


def is_sensible(dpi: float) -> bool:
    """Tell whether so many dots an inch can be meant."""
    return _SENSIBLE_DPI[0] <= dpi <= _SENSIBLE_DPI[1]


def is_plain(directory: Directory) -> bool:
    """Tell whether a page is 1 bit a pixel, the right way up and in strips, as fax pages are."""
    return (
        directory.integer(Tag.BITS, 1) == 1
        and directory.integer(Tag.PHOTOMETRIC, 0) in _BLACK_AND_WHITE
        and directory.integer(Tag.SAMPLES, 1) == 1
        and directory.integer(Tag.ORIENTATION, 1) == 1
        and Tag.TILE_WIDTH not in directory.tags
    )


def _coding(directory: Directory) -> Coding:
    match directory.integer(Tag.COMPRESSION, 1):
        case 2:
            return Coding.ROWS
        case 3 if directory.integer(Tag.GROUP3_OPTIONS, 0) & 1:
            return Coding.T4_2D
        case 3:
            return Coding.T4_1D
        case 4:
            return Coding.T6
        case _:
            return Coding.OTHER


def coded_strips(data: bytes, directory: Directory, *, counted: bool = True) -> list[bytes]:
    """Return the coded rows of a page's strips, as far as they are there.

    A strip without a length, or all of them unless they are to be ``counted``, goes on until the
    next one begins or the file ends: what follows a strip's last row is of no concern to a decoder.
    """
    starts = directory.integers(Tag.STRIP_OFFSETS)
    lengths = directory.integers(Tag.STRIP_BYTES) if counted else ()
    strips = []
    for index, start in enumerate(starts):
        length = lengths[index] if index < len(lengths) else 0
        following = min((each for each in starts if each > start), default=len(data))
        strips.append(data[start : start + length if length else following])
    return strips


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded page: packed rows, black is 1, those that could not be decoded white.

    ``whole``: every row was there; damaged rows of T.4, where decoding finds its feet again at the
    next one, count as there. ``clean``: nothing at all was wrong.
    """

    bits: Bits
    whole: bool
    clean: bool


def page_bits(path: Path, page: int, *, strict: bool = False) -> Bits:
    """Return the rows of one page, as ``decoded``; with ``strict`` one not whole is an error.

    Raises DocumentError DOCUMENT_UNREADABLE, IndexError for a page that is not there.
    """
    result = decoded(path, page)
    if strict and not result.whole:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, field="documents", page=page)
    return result.bits


def decoded(path: Path, page: int) -> Decoded:
    """Decode one page, numbered from 1, as well as it can be.

    Decodes with libtiff: for files the portal wrote itself, or within the sandbox.
    Raises DocumentError DOCUMENT_UNREADABLE, IndexError for a page that is not there.
    """
    found = directories_of(path)
    if not 1 <= page <= len(found):
        raise IndexError(f"page {page} of {len(found)}")
    directory = found[page - 1]
    width, rows = directory.integer(Tag.WIDTH, 0), directory.integer(Tag.LENGTH, 0)
    if not is_plain(directory) or not 0 < width * rows <= _MOST_PIXELS:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, field="documents", page=page)
    result = _decoded_at(path, directory.index, directory)
    return result if result.whole else _mended(path.read_bytes(), directory, result)


def _mended(data: bytes, directory: Directory, result: Decoded) -> Decoded:
    """Decode a page again whose strips are not as long as it says.

    What lies behind a strip may be another page's: it is believed only if all is well then.
    """
    longer = _decoded_strips(coded_strips(data, directory, counted=False), directory)
    if longer.clean:
        return replace(longer, clean=False)
    lengths = directory.integers(Tag.STRIP_BYTES)
    if all(lengths) and lengths and not ifd.is_cut_short(directory, len(data)):
        return result
    return replace(_decoded_strips(coded_strips(data, directory), directory), whole=False)


def _decoded_strips(strips: Sequence[bytes], directory: Directory) -> Decoded:
    told = [tag for tag in _HOW_IT_IS_CODED if tag in directory.tags]
    tags = {int(tag): directory.integer(tag, 0) for tag in told}
    with tempfile.NamedTemporaryFile(prefix="page-", suffix=".tif") as file:
        file.write(ifd.one_page(tags, strips))
        file.flush()
        return _decoded_at(Path(file.name), 0, directory)


def _decoded_at(path: Path, index: int, directory: Directory) -> Decoded:
    tiff = lib.TIFFOpen(bytes(path), b"rc")  # c: strips as they are in the file
    if tiff == ffi.NULL:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, field="documents")
    try:
        if not lib.TIFFSetDirectory(tiff, index):
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, field="documents")
        return _decode(tiff, directory)
    finally:
        lib.TIFFClose(tiff)


def _decode(tiff: Any, directory: Directory) -> Decoded:
    """Decode the current directory of an open TIFF."""
    width, rows = directory.integer(Tag.WIDTH, 0), directory.integer(Tag.LENGTH, 0)
    black_is_zero = directory.integer(Tag.PHOTOMETRIC, 0) == 1
    bits = np.full((rows, (width + 7) // 8), 0xFF if black_is_zero else 0, np.uint8)
    a_strip = min(directory.integer(Tag.ROWS_PER_STRIP, rows) or rows, rows)
    whole = True
    listen()
    before = complaints()
    for strip, start in enumerate(range(0, rows, a_strip)):
        part = bits[start : start + a_strip]
        # A damaged strip leaves the rows that could be read; the rest stays white.
        read = lib.TIFFReadEncodedStrip(tiff, strip, ffi.from_buffer(part.data), part.nbytes)
        whole &= read == part.nbytes
    clean = whole and complaints() == before
    if _coding(directory) is Coding.T6:
        whole = clean  # each row of it hangs on the one above
    if black_is_zero:
        np.invert(bits, out=bits)
        if width % 8:
            bits[:, -1] &= 0xFF << (8 - width % 8) & 0xFF
    return Decoded(bits, whole, clean)
