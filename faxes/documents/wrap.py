"""Received fax TIFF to PDF by wrapping: the coded rows are carried over, nothing is decoded.

PDF's CCITTFaxDecode filter (ISO 32000, 7.4.6) reads the same codes as TIFF's compressions 2, 3 and
4. Each page becomes one image, or one a strip where strips cannot be joined. Readers of PDF differ
in what they make of damaged rows: so a page that is not as it should be is coded anew, as the
portal's own decoder sees it.
"""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from PIL import Image

from faxes.documents import ifd
from faxes.documents import tiff as fax_tiff
from faxes.documents.ifd import Directory, Tag
from faxes.documents.tiff import Bits, Coding, FaxPage

_POINTS_PER_INCH = 72.0
_INSET = 0.001  # points
_DEFAULT_X_DPI, _DEFAULT_Y_DPI = 204.0, 196.0
_LEAST_SIGNIFICANT_FIRST = 2
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_MIN_IS_BLACK = 1
_UNCOMPRESSED_MODE = 2
# Coding -> value of the filter's /K, and further entries.
_FILTERS = {
    Coding.T6: b"/K -1",
    Coding.T4_1D: b"/K 0/EndOfLine true/DamagedRowsBeforeError 100000",
    Coding.T4_2D: b"/K 4/EndOfLine true/DamagedRowsBeforeError 100000",
    Coding.ROWS: b"/K 0/EncodedByteAlign true",
}


class NotWrappable(ValueError):
    """The page is not coded in a way that PDF knows; it has to be decoded."""


class Wrapping(StrEnum):
    """How a page came into the PDF."""

    WRAPPED = "wrapped"
    RECODED = "recoded"


@dataclass(frozen=True, slots=True)
class WrappedPage:
    """How a page came into the PDF, ``Wrapping``'s value or how it was drawn, and the seconds."""

    decided: str
    seconds: float


@dataclass(frozen=True, slots=True)
class _Strip:
    """Coded rows and how many they are."""

    data: bytes
    rows: int


def tiff_to_pdf(tiff: Path, out: Path) -> list[WrappedPage]:
    """Write the pages of a fax TIFF as a PDF whose images hold the same coded data.

    Pages get the size that their pixels and resolutions say. Safe for foreign files: nothing is
    decoded. Tells how each page came into the PDF, which is always the same.
    Raises DocumentError (DOCUMENT_UNREADABLE, DOCUMENT_NO_PAGES), NotWrappable.
    """
    pdf = _Pdf()
    ways = _add_as_it_is(pdf, tiff)
    out.write_bytes(pdf.finish())
    return ways


def any_tiff_to_pdf(tiff: Path, out: Path) -> list[WrappedPage]:
    """Do the same, looking at every page: one that is damaged, or coded otherwise, is coded anew.

    Tells how each page came into the PDF. Decodes with libtiff: within the sandbox. Raises
    DocumentError, and NotWrappable for pages that are no fax pages: grey, turned, in tiles.
    """
    pdf = _Pdf()
    ways = _add_looked_at(pdf, tiff)
    out.write_bytes(pdf.finish())
    return ways


def tiffs_to_pdf(
    tiffs: Sequence[tuple[Path, bool]], out: Path, *, redrawn: Callable[[Path], Path]
) -> None:
    """Write the pages of several fax TIFFs as one PDF, in order; each says whether it is sound.

    One that is sound is taken as by ``tiff_to_pdf``, another as by ``any_tiff_to_pdf``; for one
    that cannot be wrapped ``redrawn`` gives a canonical TIFF. Raises DocumentError.
    """
    pdf = _Pdf()
    for tiff, sound in tiffs:
        try:
            (_add_as_it_is if sound else _add_looked_at)(pdf, tiff)
        except NotWrappable:
            _add_as_it_is(pdf, redrawn(tiff))
    out.write_bytes(pdf.finish())


def _add_as_it_is(pdf: "_Pdf", tiff: Path) -> list[WrappedPage]:
    """Add all pages, or none if one cannot be."""
    data = tiff.read_bytes()
    pages = _pages_of(tiff)
    for number, (page, directory) in enumerate(pages, 1):
        if not _is_wrappable(page, directory):
            raise NotWrappable(f"page {number}")
    ways = []
    for page, directory in pages:
        begun = time.perf_counter()
        pdf.add_page(page, list(_strips(data, directory, page)), invert=_invert(directory))
        ways.append(_told(Wrapping.WRAPPED, begun))
    return ways


def _add_looked_at(pdf: "_Pdf", tiff: Path) -> list[WrappedPage]:
    """Add all pages, each decoded to see whether it is sound, or none if one is no fax page."""
    data = tiff.read_bytes()
    pages = _pages_of(tiff)
    for number, (page, directory) in enumerate(pages, 1):
        if not (fax_tiff.is_plain(directory) and page.width > 0 and page.rows > 0):
            raise NotWrappable(f"page {number}")
    ways = []
    for number, (page, directory) in enumerate(pages, 1):
        begun = time.perf_counter()
        decoded = fax_tiff.decoded(tiff, number)
        if decoded.clean and _is_wrappable(page, directory):
            pdf.add_page(page, list(_strips(data, directory, page)), invert=_invert(directory))
            ways.append(_told(Wrapping.WRAPPED, begun))
        else:
            coded = _Strip(_coded_anew(decoded.bits, page.width), page.rows)
            pdf.add_page(replace(page, compression=Coding.T6), [coded], invert=False)
            ways.append(_told(Wrapping.RECODED, begun))
    return ways


def _pages_of(tiff: Path) -> list[tuple[FaxPage, Directory]]:
    directories = fax_tiff.directories_of(tiff)
    return [(fax_tiff.facts(number, each), each) for number, each in enumerate(directories, 1)]


def _told(way: Wrapping, begun: float) -> WrappedPage:
    return WrappedPage(way.value, round(time.perf_counter() - begun, 4))


def _is_wrappable(page: FaxPage, directory: Directory) -> bool:
    return (
        fax_tiff.is_plain(directory)
        and page.width > 0
        and page.rows > 0
        and page.compression in _FILTERS
        and not directory.integer(Tag.GROUP3_OPTIONS, 0) & _UNCOMPRESSED_MODE
    )


def _invert(directory: Directory) -> bool:
    return directory.integer(Tag.PHOTOMETRIC, 0) == _MIN_IS_BLACK


def _strips(data: bytes, directory: Directory, page: FaxPage) -> Iterator[_Strip]:
    a_strip = directory.integer(Tag.ROWS_PER_STRIP, page.rows) or page.rows
    turn = directory.integer(Tag.FILL_ORDER, 1) == _LEAST_SIGNIFICANT_FIRST
    left = page.rows
    for coded in fax_tiff.coded_strips(data, directory):
        if left <= 0:
            return
        yield _Strip(coded.translate(_REVERSED) if turn else coded, min(a_strip, left))
        left -= a_strip


def _coded_anew(bits: Bits, width: int) -> bytes:
    """Code packed rows as T.6."""
    file = io.BytesIO()
    image = Image.frombytes("1", (width, len(bits)), bits.tobytes())
    one_strip = {int(Tag.ROWS_PER_STRIP): len(bits)}
    image.save(file, "TIFF", compression="group4", tiffinfo=one_strip)
    data = file.getvalue()
    (directory,) = ifd.directories(data)
    return b"".join(fax_tiff.coded_strips(data, directory))


class _Pdf:
    """The few objects that such a PDF needs; 1 is the catalogue, 2 the tree of pages."""

    def __init__(self) -> None:
        self._parts: list[bytes] = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
        self._length = len(self._parts[0])
        self._offsets = [0, 0, 0]
        self._pages: list[int] = []

    def add_page(self, page: FaxPage, strips: list[_Strip], *, invert: bool) -> None:
        width = page.width / (page.x_dpi or _DEFAULT_X_DPI) * _POINTS_PER_INCH
        point = _POINTS_PER_INCH / (page.y_dpi or _DEFAULT_Y_DPI)  # of one row
        height = page.rows * point
        images, drawing, row = [], [], 0
        for strip in strips:
            images.append(self._add(*_image(page, strip, invert=invert)))
            row += strip.rows
            # Readers round a picture's edges outward: that must not reach the next row of pixels.
            down, base = strip.rows * point - 2 * _INSET, height - row * point + _INSET
            box = (width - 2 * _INSET, down, _INSET, base, len(images))
            drawing.append(b"q %.6f 0 0 %.6f %.6f %.6f cm /I%d Do Q" % box)
        content = self._add(b"", b"\n".join(drawing))
        named = b"".join(b"/I%d %d 0 R" % pair for pair in enumerate(images, 1))
        self._pages.append(
            self._add(
                b"/Type/Page/Parent 2 0 R/MediaBox[0 0 %.6f %.6f]/Contents %d 0 R"
                b"/Resources<</XObject<<%s>>>>" % (width, height, content, named)
            )
        )

    def finish(self) -> bytes:
        """Close the file and return its bytes."""
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        self._put(1, b"<</Type/Catalog/Pages 2 0 R>>")
        self._put(2, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(self._pages), kids))
        count = len(self._offsets)
        table = b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets[1:])
        self._parts.append(
            b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\n"
            b"startxref\n%d\n%%%%EOF\n" % (count, table, count, self._length)
        )
        return b"".join(self._parts)

    def _add(self, entries: bytes, stream: bytes | None = None) -> int:
        number = len(self._offsets)
        self._offsets.append(0)
        if stream is None:
            self._put(number, b"<<%s>>" % entries)
        else:
            head = b"<<%s/Length %d>>\nstream\n" % (entries, len(stream))
            self._put(number, head, stream, b"\nendstream")
        return number

    def _put(self, number: int, *parts: bytes) -> None:
        self._offsets[number] = self._length
        whole = (b"%d 0 obj\n" % number, *parts, b"\nendobj\n")
        self._parts += whole
        self._length += sum(map(len, whole))


def _image(page: FaxPage, strip: _Strip, *, invert: bool) -> tuple[bytes, bytes]:
    entries = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 1"
        b"/Filter/CCITTFaxDecode/DecodeParms<<%s/Columns %d/Rows %d%s>>"
        % (
            page.width,
            strip.rows,
            _FILTERS[page.compression],
            page.width,
            strip.rows,
            b"/BlackIs1 true" if invert else b"",
        )
    )
    return entries, strip.data
