"""TIFF of any number of pages: fax pages as they are, other pictures by Pillow or libtiff."""

from types import TracebackType
from typing import Any, Self

import numpy as np
from PIL import Image

from faxes.documents import ifd
from faxes.documents import tiff as fax_tiff
from faxes.documents.ifd import Directory, Tag
from faxes.documents.libtiff import ffi, lib
from faxes.documents.raster import Sheet
from faxes.documents.readers.base import FaxBits, GreyPage, Source
from faxes.documents.readers.image import (
    Picture,
    blamed_on,
    check_size,
    grey_over_white,
    lay,
    sensible,
    upright,
)
from faxes.documents.resolution import at_quality
from faxes.documents.tiff import COLUMNS, X_DPI, Y_DPI
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

_NOT_A_PAGE = 1 | 4  # a smaller copy of another page, a mask
_TOP_LEFT = 1
_DPI_TOLERANCE = 0.04  # 200 dots an inch are meant as a fax's 204
_MOST_LENGTH = 1.06  # of the sheet: received pages carry a header line above A4
_OPAQUE = 255


class TiffReader:
    """A TIFF file. Opening raises DOCUMENT_UNREADABLE, _NO_PAGES, _TOO_MANY_PIXELS."""

    def __init__(self, source: Source) -> None:
        self._source = source
        data = source.path.read_bytes()
        try:
            found = ifd.directories(data)
        except ifd.BadTiff:
            raise source.error(ErrorCode.DOCUMENT_UNREADABLE) from None
        # The place of each page among the directories, and what that says.
        self._pages = [
            (index, directory)
            for index, directory in enumerate(found)
            if not directory.integer(Tag.SUBFILE, 0) & _NOT_A_PAGE
        ]
        if not self._pages:
            raise source.error(ErrorCode.DOCUMENT_NO_PAGES)
        for number, (_, directory) in enumerate(self._pages, 1):
            size = directory.integer(Tag.WIDTH, 0), directory.integer(Tag.LENGTH, 0)
            check_size(source, number, *size)
            if ifd.is_cut_short(directory, len(data)):
                raise source.error(ErrorCode.DOCUMENT_UNREADABLE, page=number)
        self._image: Any = None

    @property
    def pages(self) -> int:
        """Number of pages, without thumbnails and masks."""
        return len(self._pages)

    def draw(self, page: int) -> GreyPage | FaxBits:
        """Draw a page, numbered from 1. Raises DOCUMENT_UNREADABLE."""
        index, directory = self._pages[page - 1]
        sheet = self._source.sheet
        if _is_fax_page(directory, sheet):
            with blamed_on(self._source, page):
                return self._fax_page(index, directory, page)
        try:
            with blamed_on(self._source, page):
                return lay(self._by_pillow(index), sheet)
        except DocumentError:
            with blamed_on(self._source, page):
                return lay(self._by_libtiff(index, directory), sheet)

    def _fax_page(self, index: int, directory: Directory, page: int) -> FaxBits:
        try:
            bits = fax_tiff.page_bits(self._source.path, index + 1)
        except DocumentError as error:
            raise self._source.error(error.code, page=page) from None
        facts = fax_tiff.facts(page, directory)
        return FaxBits(at_quality(bits, facts.quality, self._source.sheet.quality))

    def _by_pillow(self, index: int) -> Picture:
        if self._image is None:
            self._image = Image.open(self._source.path, formats=["TIFF"])
        self._image.seek(index)
        return upright(self._image)

    def _by_libtiff(self, index: int, directory: Directory) -> Picture:
        """Decode by the library's own reader of whatever it knows, as 8 bits of red to alpha."""
        width, height = directory.integer(Tag.WIDTH, 0), directory.integer(Tag.LENGTH, 0)
        pixels = np.zeros((height, width, 4), np.uint8)
        tiff = lib.TIFFOpen(bytes(self._source.path), b"r")
        if tiff == ffi.NULL:
            raise OSError("not a TIFF file")
        try:
            target = ffi.cast("uint32_t *", ffi.from_buffer(pixels.data))
            done = lib.TIFFSetDirectory(tiff, index) and lib.TIFFReadRGBAImageOriented(
                tiff, width, height, target, _TOP_LEFT, 1
            )
        finally:
            lib.TIFFClose(tiff)
        if not done:
            raise OSError("cannot be decoded")
        facts = fax_tiff.facts(1, directory)
        image = grey_over_white(Image.fromarray(pixels, "RGBA"))
        return Picture(image, sensible(facts.x_dpi, facts.y_dpi))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._image is not None:
            self._image.close()


def _is_fax_page(directory: Directory, sheet: Sheet) -> bool:
    """Tell whether a page can go over the line pixel by pixel, but for its lines an inch."""
    facts = fax_tiff.facts(1, directory)
    fine_rows = facts.rows * Y_DPI[sheet.quality] / Y_DPI[facts.quality]
    return (
        fax_tiff.is_plain(directory)
        and facts.width == COLUMNS
        and fine_rows <= sheet.rows * _MOST_LENGTH
        and _near(facts.x_dpi, X_DPI)
        and _near(facts.y_dpi, Y_DPI[facts.quality])
    )


def _near(dpi: float, wanted: float) -> bool:
    return abs(dpi - wanted) <= wanted * _DPI_TOLERANCE
