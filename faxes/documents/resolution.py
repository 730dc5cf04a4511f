"""Fax pages at other resolutions than their own: fewer lines an inch without losing the writing.

Works on packed rows, many pixels at a time.
"""

from pathlib import Path

import numpy as np

from faxes.documents import tiff as fax_tiff
from faxes.documents.tiff import COLUMNS, ROW_BYTES, Bits, FaxTiffWriter
from faxes.enums import ErrorCode, Quality
from faxes.errors import DocumentError

_FROM_COARSE = (Quality.STANDARD, Quality.FINE, Quality.SUPERFINE)  # each twice the one before


def lower_resolution(source: Path, out: Path, quality: Quality) -> None:
    """Write the pages of a fax TIFF at ``quality``, for far ends that can take no better.

    Pages that are no finer are carried over as they are. Raises DocumentError: DOCUMENT_UNREADABLE
    for what is not a TIFF of pages at most 1728 pixels wide, DOCUMENT_NO_PAGES.
    """
    pages = fax_tiff.read_fax_tiff(source)
    with FaxTiffWriter(out) as writer:
        for page in pages:
            bits = _full_width(fax_tiff.page_bits(source, page.number), page.width)
            lower = min(page.quality, quality, key=_FROM_COARSE.index)
            writer.add(at_quality(bits, page.quality, lower), lower)


def _full_width(bits: Bits, width: int) -> Bits:
    if width > COLUMNS:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, field="documents")
    padded = np.zeros((bits.shape[0], ROW_BYTES), np.uint8)
    padded[:, : bits.shape[1]] = bits
    return padded


def at_quality(bits: Bits, have: Quality, want: Quality) -> Bits:
    """Return packed rows with as many lines an inch as ``want`` has."""
    steps = _FROM_COARSE.index(want) - _FROM_COARSE.index(have)
    for _ in range(steps):
        bits = bits.repeat(2, axis=0)
    for _ in range(-steps):
        bits = halved(bits)
    return bits


def halved(bits: Bits) -> Bits:
    """Make one row of two: no stroke is lost, and a gap between two thick strokes stays open.

    Where just one row of a pair is black, it is
    a stroke one row thick, or the lower edge of a thicker one: black, unless the gap below it is
    one row thick and the stroke survives in the pair above;
    the upper edge of a thicker stroke, which the next pair keeps: white.
    """
    if bits.shape[0] % 2:
        bits = np.vstack([bits, np.zeros_like(bits[:1])])
    upper, lower = bits[::2], bits[1::2]
    nothing = np.zeros_like(upper[:1])
    next_upper = np.vstack([upper[1:], nothing])
    both = upper & lower
    full_above = np.vstack([nothing, both[:-1]])
    thin_gap = full_above & ~lower & next_upper
    halves: Bits = both | (upper & ~lower & ~thin_gap) | (lower & ~upper & ~next_upper)
    return halves
