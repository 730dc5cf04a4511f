"""The grey sheet that pdfium draws on; the same memory for all pages of a document."""

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

from faxes.documents.raster import Place, Sheet, parts, place
from faxes.documents.readers.base import Grey, blank

POINTS_PER_INCH = 72.0
_WHITE = 255
# Not FPDF_GRAYSCALE: it changes no pixel of a grey bitmap, and pictures take four times as long.
_FLAGS = pdfium.FPDF_ANNOT

pdfium.FPDF_InitLibrary()


class Canvas:
    """A sheet to draw pages on, at once in its own two resolutions."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.grey: Grey = blank(sheet)
        pixels = self.grey.ctypes.data_as(ctypes.c_void_p)
        self._bitmap: Any = pdfium.FPDFBitmap_CreateEx(
            sheet.columns, sheet.rows, pdfium.FPDFBitmap_Gray, pixels, sheet.columns
        )

    def place(self, page: Any, part: int = 0, turns: int = 0) -> Place:
        """Lay an open page, or a part of it, on the sheet. Raises ValueError: without extent.

        What is turned lies on it whole.
        """
        width = pdfium.FPDF_GetPageWidthF(page) / POINTS_PER_INCH
        height = pdfium.FPDF_GetPageHeightF(page) / POINTS_PER_INCH
        if not (width > 0 and height > 0):
            raise ValueError("a page without extent")
        if turns:
            return place(width, height, self._sheet, turns)
        return parts(width, height, self._sheet)[part]

    def clear(self) -> None:
        """Make the sheet white."""
        self.grey.fill(_WHITE)

    def draw(self, page: Any, at: Place, form: Any = None) -> None:
        """Draw an open page, and what is filled in on it if ``form`` is its form."""
        box = (at.x, at.y, at.columns, at.rows, at.turns)
        pdfium.FPDF_RenderPageBitmap(self._bitmap, page, *box, _FLAGS)
        if form:
            pdfium.FORM_OnAfterLoadPage(page, form)
            pdfium.FPDF_FFLDraw(form, self._bitmap, page, *box, _FLAGS)
            pdfium.FORM_OnBeforeClosePage(page, form)

    def close(self) -> None:
        """Give back what pdfium holds; the pixels stay."""
        if self._bitmap:
            pdfium.FPDFBitmap_Destroy(self._bitmap)
            self._bitmap = None
