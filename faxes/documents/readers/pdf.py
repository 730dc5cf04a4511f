"""PDF, drawn by pdfium straight into the fax sheet: no picture at another size in between.

A page that is nothing but the picture of a fax page gives that picture's own pixels.

The build of pdfium that is used has no JavaScript; form fields are drawn as they are filled in.
"""

import ctypes
from types import TracebackType
from typing import Any, Self

import pypdfium2.raw as pdfium

from faxes.documents.raster import Place, parts
from faxes.documents.readers.base import Box, FaxBits, GreyPage, Source
from faxes.documents.readers.canvas import POINTS_PER_INCH, Canvas
from faxes.documents.readers.image import turned
from faxes.documents.readers.pdf_fax import fax_bits
from faxes.enums import ErrorCode


class PdfReader:
    """A PDF document. Opening raises DOCUMENT_ENCRYPTED, _UNREADABLE, _NO_PAGES."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._document: Any = pdfium.FPDF_LoadDocument(bytes(source.path), None)
        self._form: Any = None
        self._canvas: Canvas | None = None
        self._callbacks: Any = None
        if not self._document:
            raise source.error(_CODES.get(pdfium.FPDF_GetLastError(), _UNREADABLE))
        pages: int = pdfium.FPDF_GetPageCount(self._document)
        if pages < 1:
            pdfium.FPDF_CloseDocument(self._document)
            raise source.error(ErrorCode.DOCUMENT_NO_PAGES)
        # For each sheet, which part of which page it shows.
        self._sheets = [
            (page, part)
            for page in range(pages)
            for part in range(self._parts(page) if pages <= source.limits.pages else 1)
        ]

    @property
    def pages(self) -> int:
        """Number of fax pages: its own, long strips counted in sheets."""
        return len(self._sheets)

    def draw(self, page: int, turns: int = 0) -> GreyPage | FaxBits:
        """Draw a page, numbered from 1. Raises DOCUMENT_UNREADABLE."""
        index, part = self._sheets[page - 1]
        if turns and (index, 1) in self._sheets:  # a sheet of several that one page is cut into
            drawn = self.draw(page)
            return (
                turned(drawn, self._source.sheet, turns) if isinstance(drawn, GreyPage) else drawn
            )
        handle = pdfium.FPDF_LoadPage(self._document, index)
        if not handle:
            raise self._source.error(_UNREADABLE, page=index + 1)
        try:
            bits = None if turns else fax_bits(handle, self._source.sheet)
            if bits is not None:
                return FaxBits(bits)
            if self._canvas is None:
                self._canvas = Canvas(self._source.sheet)
            at = self._canvas.place(handle, part, turns)
            self._canvas.clear()
            self._canvas.draw(handle, at, self._open_form())
            return GreyPage(self._canvas.grey, _pictures(handle, at, self._source.sheet.rows))
        except ValueError:
            raise self._source.error(_UNREADABLE, page=index + 1) from None
        finally:
            pdfium.FPDF_ClosePage(handle)

    def close(self) -> None:
        """Give back what pdfium holds."""
        if self._canvas is not None:
            self._canvas.close()
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

    def _parts(self, page: int) -> int:
        size = pdfium.FS_SIZEF()
        pdfium.FPDF_GetPageSizeByIndexF(self._document, page, ctypes.byref(size))
        if not (size.width > 0 and size.height > 0):
            return 1  # drawing it will tell
        sheet = self._source.sheet
        return len(parts(size.width / POINTS_PER_INCH, size.height / POINTS_PER_INCH, sheet))

    def _open_form(self) -> Any:
        """Return the handle needed to draw form fields, or None where there are none."""
        if self._form is None and pdfium.FPDF_GetFormType(self._document) != pdfium.FORMTYPE_NONE:
            # pdfium keeps the pointer: the structure must live as long as the handle.
            self._callbacks = pdfium.FPDF_FORMFILLINFO(version=2)
            self._form = pdfium.FPDFDOC_InitFormFillEnvironment(
                self._document, ctypes.byref(self._callbacks)
            )
        return self._form


def _pictures(page: Any, at: Place, rows: int) -> tuple[Box, ...]:
    """Return the parts of the sheet that images in shades cover.

    A page of very many objects is not searched: all of it may be pictures.
    """
    whole = Box(at.x, max(0, at.y), at.x + at.columns, min(rows, at.y + at.rows))
    count = pdfium.FPDFPage_CountObjects(page)
    if count > _MOST_OBJECTS:
        return (whole,)
    found = []
    for index in range(count):
        thing = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind == pdfium.FPDF_PAGEOBJ_FORM or (
            kind == pdfium.FPDF_PAGEOBJ_IMAGE and _has_shades(thing, page)
        ):
            found.append(_box(thing, page, at, whole))
    return tuple(box for box in found if box.left < box.right and box.top < box.bottom)


def _has_shades(image: Any, page: Any) -> bool:
    facts = pdfium.FPDF_IMAGEOBJ_METADATA()
    known = pdfium.FPDFImageObj_GetImageMetadata(image, page, ctypes.byref(facts))
    return not known or facts.bits_per_pixel > 1


def _box(thing: Any, page: Any, at: Place, whole: Box) -> Box:
    """Return where an object lies within ``whole``, as pdfium itself maps it."""
    edges = [ctypes.c_float() for _ in range(4)]
    pdfium.FPDFPageObj_GetBounds(thing, *map(ctypes.byref, edges))
    left, bottom, right, top = (edge.value for edge in edges)
    x, y = ctypes.c_int(), ctypes.c_int()
    device = (at.x, at.y, at.columns, at.rows, at.turns)
    points = []
    for corner in ((left, bottom), (right, top)):
        pdfium.FPDF_PageToDevice(page, *device, *corner, ctypes.byref(x), ctypes.byref(y))
        points.append((x.value, y.value))
    (x1, y1), (x2, y2) = points
    return Box(
        max(min(x1, x2), whole.left),
        max(min(y1, y2), whole.top),
        min(max(x1, x2) + 1, whole.right),
        min(max(y1, y2) + 1, whole.bottom),
    )


_MOST_OBJECTS = 20_000
_UNREADABLE = ErrorCode.DOCUMENT_UNREADABLE
_CODES = {
    pdfium.FPDF_ERR_PASSWORD: ErrorCode.DOCUMENT_ENCRYPTED,
    pdfium.FPDF_ERR_SECURITY: ErrorCode.DOCUMENT_ENCRYPTED,
}
