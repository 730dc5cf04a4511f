"""Pictures of fax pages for browsers: small, grey, with square pixels."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from faxes.documents import tiff as fax_tiff

_WHITE = 255
_WIDE = 400  # pixels: here four shades do, where each covers but a few fax pixels
_MANY_SHADES, _FEW_SHADES = (16, 4), (4, 2)  # how many, and their bits in PNG
_COMPRESSION = 6  # the last per cent of bytes would cost ten times the time


def page_png(tiff: Path, page: int, *, width: int) -> bytes:
    """Return a PNG of a page, numbered from 1, ``width`` pixels wide and in its true proportions.

    Every pixel is the mean of the fax pixels it covers, in 16 shades of grey, or 4 in a picture
    wide enough to be read. Decodes with libtiff: for files the portal wrote itself, or within the
    sandbox. Raises DocumentError DOCUMENT_UNREADABLE, IndexError for a page that is not there.
    """
    bits = fax_tiff.page_bits(tiff, page)
    facts = fax_tiff.read_fax_tiff(tiff)[page - 1]
    white = np.unpackbits(~bits, axis=1, count=facts.width) * np.uint8(_WHITE)
    proportion = (facts.x_dpi / facts.y_dpi) if facts.x_dpi and facts.y_dpi else 1.0
    height = max(1, round(facts.rows * proportion * width / facts.width))
    small = Image.fromarray(white).resize((width, height), Image.Resampling.BOX)
    return _png(np.asarray(small, np.uint16), *(_FEW_SHADES if width >= _WIDE else _MANY_SHADES))


def _png(grey: "np.typing.NDArray[np.uint16]", shades: int, bits: int) -> bytes:
    steps = shades - 1
    image = Image.fromarray(((grey * steps + _WHITE // 2) // _WHITE).astype(np.uint8))
    image.putpalette([step * _WHITE // steps for step in range(shades) for _ in range(3)])
    out = io.BytesIO()
    image.save(out, "PNG", bits=bits, compress_level=_COMPRESSION)
    return out.getvalue()
