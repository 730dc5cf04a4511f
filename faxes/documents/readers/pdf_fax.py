"""Pages of PDF that only wrap a fax page, as fax services hand them out: taken over pixel by pixel.

Drawing such a page would move its columns by fractions, and type would thin out.
"""

import ctypes
from typing import Any, Final

import numpy as np
import pypdfium2.raw as pdfium

from faxes.documents.raster import Sheet
from faxes.documents.readers.canvas import POINTS_PER_INCH
from faxes.documents.resolution import at_quality
from faxes.documents.tiff import COLUMNS, X_DPI, Y_DPI, Bits

_TOLERANCE: Final = 0.04  # of a resolution: 200 dots an inch are meant as a fax's 204
_MOST_LENGTH: Final = 1.06  # of the sheet: received pages carry a header line above A4
_EDGE: Final = 2.0  # points that a picture may stay away from the edge of its page
_HALF: Final = 128


def fax_bits(page: Any, sheet: Sheet) -> Bits | None:
    """The rows of an open page at the sheet's resolution; None if it is no mere fax page."""
    image = _only_image(page)
    if image is None:
        return None
    facts = pdfium.FPDF_IMAGEOBJ_METADATA()
    if not pdfium.FPDFImageObj_GetImageMetadata(image, page, ctypes.byref(facts)):
        return None
    if facts.bits_per_pixel != 1 or facts.width != COLUMNS or facts.height < 1:
        return None
    width = pdfium.FPDF_GetPageWidthF(page)
    height = pdfium.FPDF_GetPageHeightF(page)
    if not (width > 0 and height > 0 and _fills(image, width, height)):
        return None
    y_dpi = facts.height * POINTS_PER_INCH / height
    quality = min(Y_DPI, key=lambda each: abs(Y_DPI[each] - y_dpi))
    rows = facts.height * Y_DPI[sheet.quality] / Y_DPI[quality]
    if (
        not _near(COLUMNS * POINTS_PER_INCH / width, X_DPI)
        or not _near(y_dpi, Y_DPI[quality])
        or rows > sheet.rows * _MOST_LENGTH
    ):
        return None
    bits = _pixels(image, facts.height)
    return None if bits is None else at_quality(bits, quality, sheet.quality)


def _only_image(page: Any) -> Any:
    """The one thing on a page, if it is a picture; annotations lie upon pages and count too."""
    if pdfium.FPDFPage_GetRotation(page) or pdfium.FPDFPage_GetAnnotCount(page):
        return None
    if pdfium.FPDFPage_CountObjects(page) != 1:
        return None
    thing = pdfium.FPDFPage_GetObject(page, 0)
    is_image = pdfium.FPDFPageObj_GetType(thing) == pdfium.FPDF_PAGEOBJ_IMAGE
    return thing if is_image and not _is_cut(thing) else None


def _is_cut(thing: Any) -> bool:
    """Whether not all of a thing is seen as it is."""
    if pdfium.FPDFPageObj_HasTransparency(thing):
        return True
    clip = pdfium.FPDFPageObj_GetClipPath(thing)
    return bool(clip) and pdfium.FPDFClipPath_CountPaths(clip) > 0


def _fills(image: Any, width: float, height: float) -> bool:
    """Whether a picture stands upright and covers its page."""
    at = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(image, ctypes.byref(at)):
        return False
    upright = at.a > 0 and at.d > 0 and at.b == 0 and at.c == 0
    edges = (at.e, at.f, at.a - width + at.e, at.d - height + at.f)
    return upright and all(abs(edge) <= _EDGE for edge in edges)


def _pixels(image: Any, rows: int) -> Bits | None:
    """The picture's own pixels, black as 1; None if it cannot be decoded."""
    bitmap = pdfium.FPDFImageObj_GetBitmap(image)
    if not bitmap:
        return None
    try:
        if pdfium.FPDFBitmap_GetFormat(bitmap) != pdfium.FPDFBitmap_Gray:
            return None
        if (pdfium.FPDFBitmap_GetWidth(bitmap), pdfium.FPDFBitmap_GetHeight(bitmap)) != (
            COLUMNS,
            rows,
        ):
            return None
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        buffer = pdfium.FPDFBitmap_GetBuffer(bitmap)
        data = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_uint8 * (stride * rows))).contents
        grey = np.frombuffer(data, np.uint8).reshape(rows, stride)[:, :COLUMNS]
        return np.packbits(grey < _HALF, axis=1)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)


def _near(dpi: float, wanted: float) -> bool:
    return abs(dpi - wanted) <= wanted * _TOLERANCE
