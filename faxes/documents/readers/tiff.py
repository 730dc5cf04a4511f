"""TIFF of any number of pages: fax pages as they are, other pictures by Pillow or libtiff."""

from contextlib import suppress
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
    QUARTER_TURNS,
    TURNS,
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

_TOP_LEFT = 1
_BYTE = 8
_IN_PLANES = 2
_WHITE_IS_ZERO = 0
_DPI_TOLERANCE = 0.04  # 200 dots an inch are meant as a fax's 204
_MOST_LENGTH = 1.06  # of the sheet: received pages carry a header line above A4


class TiffReader:
    """A TIFF file. Opening raises DOCUMENT_UNREADABLE, _NO_PAGES, _TOO_MANY_PIXELS."""

    def __init__(self, source: Source) -> None:
        self._source = source
        try:
            self._pages = fax_tiff.directories_of(source.path, whole=True)
        except DocumentError as error:
            raise source.error(error.code) from None
        size = source.path.stat().st_size
        for number, page in enumerate(self._pages, 1):
            check_size(source, number, page.integer(Tag.WIDTH, 0), page.integer(Tag.LENGTH, 0))
            if ifd.is_cut_short(page, size):
                raise source.error(ErrorCode.DOCUMENT_UNREADABLE, page=number)
        self._image: Any = None

    @property
    def pages(self) -> int:
        """Number of pages, without thumbnails and masks."""
        return len(self._pages)

    def draw(self, page: int, turns: int = 0) -> GreyPage | FaxBits:
        """Draw a page, numbered from 1. Raises DOCUMENT_UNREADABLE."""
        directory = self._pages[page - 1]
        sheet = self._source.sheet
        if not turns and _is_fax_page(directory, sheet):
            with blamed_on(self._source, page):
                return self._fax_page(directory, page)
        if not _misread_by_pillow(directory):
            with suppress(DocumentError), blamed_on(self._source, page):
                return lay(self._by_pillow(directory), sheet, turns=turns)
        with blamed_on(self._source, page):
            return lay(self._by_libtiff(directory), sheet, turns=turns)

    def _fax_page(self, directory: Directory, page: int) -> FaxBits:
        try:
            bits = fax_tiff.page_bits(self._source.path, page, strict=True)
        except DocumentError as error:
            raise self._source.error(error.code, page=page) from None
        facts = fax_tiff.facts(page, directory)
        return FaxBits(at_quality(bits, facts.quality, self._source.sheet.quality))

    def _by_pillow(self, directory: Directory) -> Picture:
        if self._image is None:
            self._image = Image.open(self._source.path, formats=["TIFF"])
        self._image.seek(directory.index)
        return upright(self._image, _dpi_as_seen(directory))

    def _by_libtiff(self, directory: Directory) -> Picture:
        """Decode by the library's own reader of whatever it knows, as 8 bits of red to alpha."""
        width, height = directory.integer(Tag.WIDTH, 0), directory.integer(Tag.LENGTH, 0)
        as_stored = directory.integer(Tag.ORIENTATION, _TOP_LEFT)  # it only knows half of the turns
        pixels = np.zeros((height, width, 4), np.uint8)
        tiff = lib.TIFFOpen(bytes(self._source.path), b"r")
        if tiff == ffi.NULL:
            raise OSError("not a TIFF file")
        try:
            target = ffi.cast("uint32_t *", ffi.from_buffer(pixels.data))
            done = lib.TIFFSetDirectory(tiff, directory.index) and lib.TIFFReadRGBAImageOriented(
                tiff, width, height, target, as_stored, 1
            )
        finally:
            lib.TIFFClose(tiff)
        if not done:
            raise OSError("cannot be decoded")
        image = grey_over_white(Image.fromarray(pixels, "RGBA"))
        turn = TURNS.get(as_stored)
        return Picture(image if turn is None else image.transpose(turn), _dpi_as_seen(directory))

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


def _misread_by_pillow(directory: Directory) -> bool:
    """Tell pages that Pillow draws without complaint but wrong: wide samples in some orders."""
    wide = directory.integer(Tag.BITS, 1) > _BYTE
    in_planes = directory.integer(Tag.PLANES, 1) == _IN_PLANES
    return wide and (in_planes or directory.integer(Tag.PHOTOMETRIC, 1) == _WHITE_IS_ZERO)


def _dpi_as_seen(directory: Directory) -> tuple[float, float]:
    facts = fax_tiff.facts(1, directory)
    dpi = sensible(facts.x_dpi, facts.y_dpi)
    turn = TURNS.get(directory.integer(Tag.ORIENTATION, _TOP_LEFT))
    return dpi[::-1] if turn in QUARTER_TURNS else dpi


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
