"""Pictures of fax pages for browsers: small, grey, with square pixels."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from faxes.documents import tiff as fax_tiff

_LEVELS = 16


def page_png(tiff: Path, page: int, *, width: int) -> bytes:
    """Return a PNG of a page, numbered from 1, ``width`` pixels wide and in its true proportions.

    Every pixel is the mean of the fax pixels it covers, in 16 shades of grey.
    Raises DocumentError DOCUMENT_UNREADABLE, IndexError for a page that is not there.
    """
    bits = fax_tiff.page_bits(tiff, page)
    facts = fax_tiff.read_fax_tiff(tiff)[page - 1]
    black = np.unpackbits(bits, axis=1, count=facts.width)
    square = (facts.x_dpi or 1.0) / (facts.y_dpi or facts.x_dpi or 1.0)
    height = max(1, round(facts.rows * square * width / facts.width))
    whole = Image.fromarray((1 - black) * np.uint8(255))
    small = whole.resize((width, height), Image.Resampling.BOX)
    shades = np.asarray(small, np.uint16)
    image = Image.fromarray(((shades * (_LEVELS - 1) + 127) // 255).astype(np.uint8), "P")
    image.putpalette([shade * 17 for shade in range(_LEVELS) for _ in range(3)])
    out = io.BytesIO()
    image.save(out, "PNG", bits=4, optimize=True)
    return out.getvalue()
