"""Plain text, set in a fixed-width font of the operating system and drawn by pdfium.

One character after the other, from left to right: what needs more than that is set by ``html``.
"""

import ctypes
from collections.abc import Iterator
from itertools import groupby
from types import TracebackType
from typing import Any, Self

import pypdfium2.raw as pdfium

from faxes.documents import encodings, fonts, layout
from faxes.documents.fonts import Font
from faxes.documents.readers.base import GreyPage, Source
from faxes.documents.readers.canvas import Canvas
from faxes.enums import ErrorCode

_POINTS_PER_INCH = 72.0
_MARGIN = 54.0  # points: three quarters of an inch
_SIZE = 10.0
_LEADING = 12.0
_CELL = 0.6  # of the size: the width of a character in all common fixed-width fonts
_ASCENT = 0.8  # of the size: from a line's top to its base line


class TextReader:
    """A text file. Opening raises DOCUMENT_EMPTY for one without a mark."""

    def __init__(self, source: Source) -> None:
        self._source = source
        inches = source.sheet.inches
        self._width, self._height = (side * _POINTS_PER_INCH for side in inches)
        columns = int((self._width - 2 * _MARGIN) / (_SIZE * _CELL))
        rows = int((self._height - 2 * _MARGIN) / _LEADING)
        try:
            text = encodings.decode(source.path.read_bytes())
        except UnicodeDecodeError:
            raise source.error(ErrorCode.DOCUMENT_TYPE_UNSUPPORTED) from None
        self._lines = layout.pages(text, columns, rows)
        if not self._lines:
            raise source.error(ErrorCode.DOCUMENT_EMPTY)
        self._document: Any = None
        self._fonts: dict[Font, Any] = {}
        self._canvas: Canvas | None = None

    @property
    def pages(self) -> int:
        """How many sheets the text fills."""
        return len(self._lines)

    def draw(self, page: int, turns: int = 0) -> GreyPage:
        """Draw a page, numbered from 1."""
        if self._document is None:
            self._document = pdfium.FPDF_CreateNewDocument()
        if self._canvas is None:
            self._canvas = Canvas(self._source.sheet)
        handle = pdfium.FPDFPage_New(self._document, 0, self._width, self._height)
        for number, line in enumerate(self._lines[page - 1]):
            base = self._height - _MARGIN - number * _LEADING - _ASCENT * _SIZE
            for column, run, font in _runs(line):
                self._set(handle, run, font, _MARGIN + column * _CELL * _SIZE, base)
        self._canvas.clear()
        self._canvas.draw(handle, self._canvas.place(handle, turns=turns))
        pdfium.FPDF_ClosePage(handle)
        pdfium.FPDFPage_Delete(self._document, 0)
        return GreyPage(self._canvas.grey)

    def _set(self, page: Any, run: str, font: Font, x: float, y: float) -> None:
        thing = pdfium.FPDFPageObj_CreateTextObj(self._document, self._font(font), _SIZE)
        units = (run + "\0").encode("utf-16-le")
        text = ctypes.create_string_buffer(units, len(units))
        pdfium.FPDFText_SetText(thing, ctypes.cast(text, pdfium.FPDF_WIDESTRING))
        pdfium.FPDFPageObj_Transform(thing, 1, 0, 0, 1, x, y)
        pdfium.FPDFPage_InsertObject(page, thing)

    def _font(self, font: Font) -> Any:
        if font not in self._fonts:
            data = font.path.read_bytes()
            buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
            self._fonts[font] = pdfium.FPDFText_LoadFont(
                self._document, buffer, len(data), pdfium.FPDF_FONT_TRUETYPE, 1
            )
        return self._fonts[font]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._canvas is not None:
            self._canvas.close()
        for font in self._fonts.values():
            pdfium.FPDFFont_Close(font)
        if self._document is not None:
            pdfium.FPDF_CloseDocument(self._document)


def _runs(line: str) -> Iterator[tuple[int, str, Font]]:
    """Cut a line where its font changes; yield the column each piece starts at.

    Characters of a font without a fixed width stand alone, each in its cell.
    """
    column = 0
    for font, chars in groupby(line, fonts.font_for):
        run = "".join(chars)
        pieces = [run] if font.fixed_width else list(run)
        for piece in pieces:
            if piece.strip():
                yield column, piece, font
            column += sum(map(layout.cells, piece))
