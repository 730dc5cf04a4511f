"""PDF, drawn by pdfium straight into the fax sheet: no picture at another size in between.

The build of pdfium that is used has no JavaScript; form fields are drawn as they are filled in.
"""

import ctypes
from types import TracebackType
from typing import Any, Self

import numpy as np
import pypdfium2.raw as pdfium

from faxes.documents.raster import Sheet, place
from faxes.documents.readers.base import Grey, GreyPage, Source
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

_POINTS_PER_INCH = 72.0
_WHITE = 255
_FLAGS = pdfium.FPDF_ANNOT | pdfium.FPDF_GRAYSCALE

pdfium.FPDF_InitLibrary()


class PdfReader:
    """A PDF document. Opening raises DOCUMENT_ENCRYPTED, _UNREADABLE, _NO_PAGES."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._document: Any = pdfium.FPDF_LoadDocument(bytes(source.path), None)
        self._form: Any = None
        self._canvas: _Canvas | None = None
        if not self._document:
            raise self._error(_CODES.get(pdfium.FPDF_GetLastError(), _UNREADABLE))
        self._pages = pdfium.FPDF_GetPageCount(self._document)
        if self._pages < 1:
            self.close()
            raise self._error(ErrorCode.DOCUMENT_NO_PAGES)

    @property
    def pages(self) -> int:
        """Number of pages."""
        return self._pages

    def draw(self, page: int, sheet: Sheet) -> GreyPage:
        """Draw a page, numbered from 1. Raises DOCUMENT_UNREADABLE."""
        canvas = self._canvas_for(sheet)
        handle = pdfium.FPDF_LoadPage(self._document, page - 1)
        if not handle:
            raise self._error(_UNREADABLE, page=page)
        try:
            width = pdfium.FPDF_GetPageWidthF(handle) / _POINTS_PER_INCH
            height = pdfium.FPDF_GetPageHeightF(handle) / _POINTS_PER_INCH
            if not (width > 0 and height > 0):
                raise self._error(_UNREADABLE, page=page)
            at = place(width, height, sheet)
            box = (at.x, at.y, at.columns, at.rows, int(at.turned))
            canvas.grey.fill(_WHITE)
            pdfium.FPDF_RenderPageBitmap(canvas.bitmap, handle, *box, _FLAGS)
            form = self._open_form()
            if form:
                pdfium.FORM_OnAfterLoadPage(handle, form)
                pdfium.FPDF_FFLDraw(form, canvas.bitmap, handle, *box, _FLAGS)
                pdfium.FORM_OnBeforeClosePage(handle, form)
        finally:
            pdfium.FPDF_ClosePage(handle)
        return GreyPage(canvas.grey)

    def close(self) -> None:
        """Give back what pdfium holds."""
        if self._canvas is not None:
            self._canvas.close()
            self._canvas = None
        if self._form:
            pdfium.FPDFDOC_ExitFormFillEnvironment(self._form)
            self._form = None
        if self._document:
            pdfium.FPDF_CloseDocument(self._document)
            self._document = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _canvas_for(self, sheet: Sheet) -> "_Canvas":
        shape = (sheet.rows, sheet.columns)
        if self._canvas is None or self._canvas.grey.shape != shape:
            if self._canvas is not None:
                self._canvas.close()
            self._canvas = _Canvas(shape)
        return self._canvas

    def _open_form(self) -> Any:
        """Return the handle needed to draw form fields, or None where there are none."""
        if self._form is None and pdfium.FPDF_GetFormType(self._document) != pdfium.FORMTYPE_NONE:
            # pdfium keeps the pointer: the structure must live as long as the handle.
            self._callbacks = pdfium.FPDF_FORMFILLINFO(version=2)
            self._form = pdfium.FPDFDOC_InitFormFillEnvironment(
                self._document, ctypes.byref(self._callbacks)
            )
        return self._form

    def _error(self, code: ErrorCode, **facts: Any) -> DocumentError:
        return DocumentError(code, field="documents", name=self._source.name, **facts)


class _Canvas:
    """A grey sheet that pdfium draws on; the same memory for all pages of a document."""

    def __init__(self, shape: tuple[int, int]) -> None:
        rows, columns = shape
        self.grey: Grey = np.empty(shape, np.uint8)
        self.bitmap = pdfium.FPDFBitmap_CreateEx(
            columns,
            rows,
            pdfium.FPDFBitmap_Gray,
            self.grey.ctypes.data_as(ctypes.c_void_p),
            columns,
        )

    def close(self) -> None:
        pdfium.FPDFBitmap_Destroy(self.bitmap)


_UNREADABLE = ErrorCode.DOCUMENT_UNREADABLE
_CODES = {
    pdfium.FPDF_ERR_PASSWORD: ErrorCode.DOCUMENT_ENCRYPTED,
    pdfium.FPDF_ERR_SECURITY: ErrorCode.DOCUMENT_ENCRYPTED,
}
