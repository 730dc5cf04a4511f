"""Grey into black and white: every part of a page against its own ground.

Ink is what differs from its ground by more than half of what the strongest pixel near it does. So
pale grey type keeps its strokes beside black type, and black type does not grow. The page goes
through in bands, each in the cheapest way that does it justice: nothing on it; black on white;
anything on white; anything on grounds of any shade (``grounds``). Photographs and bare shades
become dots (``halftone``).
"""

from dataclasses import dataclass

import numpy as np

from faxes.documents import grounds, halftone, paper
from faxes.documents.readers.base import GreyPage
from faxes.documents.tiff import Bits
from faxes.documents.tiles import TILE, Flags, Grey, Tiles, measure, stretch, window

_BAND = 64  # rows: fits the processor's cache
_BANDS_AT_ONCE = 4  # of those that need their neighbourhood too
_BAND_TILES = _BAND // TILE
_PAPER = 255
_WHITE, _BLACK = 250, 40
_STRONG = 64  # type with such dark pixels is black
_BLACK_LIMIT = 137  # between black ink and white paper
_LEAST_CONTRAST = 28  # a smaller difference from the ground is no writing
_MOST_NOISE = 64
_NEAR = 3  # pixels: from the edge of a stroke to its middle
_NEAR_PAIRS = 1  # of rows
_HALO = 4  # rows: even, and no fewer than matter
_SOME = 0.02  # of the tiles of photographs


@dataclass(frozen=True, slots=True)
class Inked:
    """A page in black and white: packed rows, and how it was decided (text, mixed, photo)."""

    bits: Bits
    decided: str


def ink(page: GreyPage, rows: int, dot_rows: int) -> Inked:
    """Decide for every pixel of the first ``rows`` rows; may change the greys in doing so.

    ``dot_rows`` rows of pixels are about as high as two columns are wide: the dots of photographs.
    """
    tiles = measure(page.grey)
    if page.pictures and paper.whiten(page.grey, tiles, page.pictures):
        tiles = measure(page.grey)
    pictures = halftone.region(tiles, page.pictures)
    photo = halftone.find(page.grey, tiles, pictures) if pictures.any() else pictures
    least = _least_contrast(tiles, pictures & ~photo)
    work = _Work(page.grey, tiles, photo, least, dot_rows)
    coloured = _coloured_bands(work)
    _ink_white(work, ~coloured)
    decided = "text"
    if coloured.any():
        shades = _Shades(page)
        if photo.any():
            written = (tiles.darkest < _WHITE - least) & ~photo
            decided = "mixed" if written.sum() > _SOME * photo.sum() else "photo"
            shades.add_photo(photo)
        _ink_coloured(work, coloured, shades)
        if shades.draw(work.black, dot_rows) and decided == "text":
            decided = "mixed"
    return Inked(np.packbits(work.black[:rows], axis=1), decided)


class _Work:
    """A page under way; ``black`` is the result, a flag a pixel."""

    def __init__(self, grey: Grey, tiles: Tiles, photo: Flags, least: int, dot_rows: int) -> None:
        self.grey = grey
        self.tiles = tiles
        self.photo = photo
        self.least = least
        self.dot_rows = dot_rows
        self.black = np.zeros(grey.shape, np.bool_)


class _Shades:
    """The parts of a page that are to become dots, and their shades; made when there are any."""

    def __init__(self, page: GreyPage) -> None:
        self._page = page
        self._where: Flags | None = None
        self._grey: Grey = page.grey

    def add_photo(self, photo: Flags) -> None:
        """Add the tiles of photographs, as far as the pictures reach."""
        where = self._start()
        inside = stretch(photo)
        for box in self._page.pictures:
            part = (slice(box.top, box.bottom), slice(box.left, box.right))
            where[part] |= inside[part]
        np.copyto(self._grey, self._page.grey, where=where)

    def add(self, rows: slice, ground: Grey, bare: Flags) -> None:
        """Add what is ``bare`` ground in some rows and not photograph."""
        if bare.any():
            where = self._start()
            bare &= ~where[rows]
            np.copyto(self._grey[rows], ground, where=bare)
            where[rows] |= bare

    def draw(self, black: Flags, dot_rows: int) -> bool:
        """Draw all of them into ``black``; tell whether there were any."""
        if self._where is None:
            return False
        down, across = (np.flatnonzero(self._where.any(axis=axis)) for axis in (1, 0))
        top, left = int(down[0]) // dot_rows * dot_rows, int(across[0]) // 2 * 2
        part = (slice(top, int(down[-1]) + 1), slice(left, int(across[-1]) + 1))
        dots = halftone.diffuse(self._grey[part], dot_rows)
        np.copyto(black[part], dots, where=self._where[part])
        return True

    def _start(self) -> Flags:
        if self._where is None:
            self._where = np.zeros(self._page.grey.shape, np.bool_)
            self._grey = np.full(self._page.grey.shape, _PAPER, np.uint8)
        return self._where


def _least_contrast(tiles: Tiles, scanned: Flags) -> int:
    """Return what differs from its ground by more than the grain of a scan."""
    contrast = tiles.contrast[scanned]
    quiet = contrast[contrast < _MOST_NOISE]
    noise = int(np.median(quiet)) if quiet.size else 0
    return min(max(_LEAST_CONTRAST, 2 * noise), _MOST_NOISE)


def _coloured_bands(work: _Work) -> Flags:
    """Return the bands in which some tile is all of one shade, neither white nor black."""
    lightest = work.tiles.lightest
    flat = work.tiles.contrast < _LEAST_CONTRAST
    coloured = (flat & (lightest < _WHITE) & (lightest > _BLACK)) | work.photo
    starts = np.arange(0, lightest.shape[0], _BAND_TILES)
    bands: Flags = np.logical_or.reduceat(coloured.any(axis=1), starts)
    return bands


def _ink_white(work: _Work, bands: Flags) -> None:
    """Ink the bands in which all is written on white."""
    darkest = work.tiles.darkest
    writing = darkest < _PAPER - work.least
    near = window(darkest.astype(np.uint8), np.minimum, 1, 1)
    pale = writing & (near > _STRONG)
    found: list[int] = np.flatnonzero(bands).tolist()
    for band in found:
        rows = slice(band * _BAND_TILES, (band + 1) * _BAND_TILES)
        top, bottom = band * _BAND, (band + 1) * _BAND
        pixels = slice(top, bottom)
        if pale[rows].any():
            start = max(0, top - _HALO)
            strong = _strong(~work.grey[start : bottom + _HALO], work.least)
            work.black[pixels] = strong[top - start : bottom - start]
        elif writing[rows].any():
            np.less(work.grey[pixels], _BLACK_LIMIT, out=work.black[pixels])


def _strong(difference: Grey, least: int) -> Flags:
    """Tell for each pixel whether it stands out half as much as the strongest near it.

    Pairs of rows share their limit: that halves the work, and nobody sees it.
    """
    pairs = difference.reshape(-1, 2, difference.shape[1])
    limit = window(pairs.max(axis=1), np.maximum, _NEAR_PAIRS, _NEAR)
    limit >>= 1
    np.maximum(limit, least, out=limit)
    return (pairs > limit[:, np.newaxis]).reshape(difference.shape)


def _ink_coloured(work: _Work, bands: Flags, shades: _Shades) -> None:
    """Ink the bands that have grounds of other shades than white."""
    todo: list[int] = np.flatnonzero(bands).tolist()
    plan = grounds.survey(work.grey, work.tiles, work.least, work.photo)
    while todo:
        some = [band for band in todo if band < todo[0] + _BANDS_AT_ONCE]
        todo = todo[len(some) :]
        _ink_on_grounds(work, plan, shades, some[0] * _BAND, (some[-1] + 1) * _BAND)


def _ink_on_grounds(
    work: _Work, plan: grounds.Plan, shades: _Shades, top: int, bottom: int
) -> None:
    halo = grounds.HALO * max(1, work.dot_rows // 2)
    start = max(0, top - halo)
    around = slice(start, min(work.grey.shape[0], bottom + halo))
    on_light = plan.dark_on_light[around.start // TILE : around.stop // TILE]
    ground, difference = grounds.part(work.grey[around], on_light, work.dot_rows)
    own = slice(top - start, bottom - start)
    found = _strong(difference, work.least)[own]
    ground = ground[own]
    pixels = slice(top, top + ground.shape[0])
    becomes = plan.shades[ground]
    work.black[pixels] = np.where(found, stretch(on_light)[own], becomes == 0)
    shades.add(pixels, ground, (becomes > 0) & (becomes < _PAPER) & ~found)
