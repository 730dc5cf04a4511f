"""Grey into black and white: every part of a page against its own ground.

Ink is what differs from its ground by more than half of what the strongest pixel near it does. So
pale grey type keeps its strokes beside black type, and black type does not grow. Where all is on
white, that is all there is to it; bands of the page with grounds of other shades go through
``grounds``. Photographs and bare shades become dots (``halftone``), scans are cleaned (``paper``).

All of it is whole-array arithmetic: a plain page takes about a millisecond.
"""

from dataclasses import dataclass

import numpy as np

from faxes.documents import grounds, halftone, paper
from faxes.documents.readers.base import GreyPage
from faxes.documents.tiff import Bits
from faxes.documents.tiles import TILE, Flags, Grey, Tiles, measure, stretch, window

_BAND = 128  # rows: fits the processor's cache
_BANDS_AT_ONCE = 2  # of those that need their neighbourhood too
_BAND_TILES = _BAND // TILE
_PAPER = 255
_ALL_BLACK = 255  # eight pixels of a packed row
_WHITE, _BLACK = 250, 40
_STRONG = 64  # type with such dark pixels is black
_BLACK_LIMIT = 132  # between black ink and white paper
_LEAST_CONTRAST = 28  # a smaller difference from the ground is no writing
_MOST_NOISE = 64
_NEAR = 3  # pixels: from the edge of a stroke to its middle
_SOME = 0.02  # of the tiles of photographs
_PUSH = 3  # pictures beneath writing keep so little of their contrast


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
    soft = halftone.soft(tiles)
    pictures = halftone.region(tiles, page.pictures) | soft
    photo = halftone.find(page.grey, tiles, pictures) if pictures.any() else pictures
    least = _least_contrast(tiles, pictures & ~photo)
    over, photo = halftone.written_over(page.grey, tiles, pictures, photo)
    work = _Work(page.grey, tiles, photo, over, ~pictures, least, dot_rows)
    shades = _Shades(page, soft)
    if photo.any():
        shades.add_photo(photo)
    coloured = _coloured_bands(work)
    _ink_white(work, ~coloured)
    if coloured.any():
        _ink_coloured(work, coloured, shades)
    dotted = shades.draw(work.bits, dot_rows)
    written = (tiles.darkest < _WHITE - least) & ~photo
    only_dots = dotted and written.sum() <= _SOME * photo.sum()
    decided = "photo" if only_dots else "mixed" if dotted else "text"
    return Inked(work.bits[:rows], decided)


class _Work:
    """A page under way; ``bits`` is the result, packed."""

    def __init__(
        self,
        grey: Grey,
        tiles: Tiles,
        photo: Flags,
        over: Flags,
        drawn: Flags,
        least: int,
        dot_rows: int,
    ) -> None:
        self.grey = grey
        self.tiles = tiles
        self.photo = photo
        self.over = over  # writing over pictures
        self.drawn = drawn  # neither photograph nor scan: every edge is meant
        self.least = least
        self.dot_rows = dot_rows
        self.bits = np.zeros((grey.shape[0], grey.shape[1] // 8), np.uint8)


class _Shades:
    """The parts of a page that are to become dots, and their shades; made when there are any."""

    def __init__(self, page: GreyPage, soft: Flags) -> None:
        self._page = page
        self._soft = soft
        self._where: Flags | None = None
        self._grey: Grey = page.grey

    def add_photo(self, photo: Flags) -> None:
        """Add the tiles of photographs, as far as the pictures reach."""
        where = self._start()
        inside = stretch(photo)
        for box in self._page.pictures:
            part = (slice(box.top, box.bottom), slice(box.left, box.right))
            where[part] |= inside[part]
        if self._soft.any():
            where |= stretch(photo & self._soft)
        np.copyto(self._grey, self._page.grey, where=where)

    def add(self, rows: slice, ground: Grey, bare: Flags) -> None:
        """Add what is ``bare`` ground in some rows and not photograph."""
        if bare.any():
            where = self._start()
            bare &= ~where[rows]
            np.copyto(self._grey[rows], ground, where=bare)
            where[rows] |= bare

    def draw(self, bits: Bits, dot_rows: int) -> bool:
        """Draw all of them into packed rows; tell whether there were any."""
        if self._where is None:
            return False
        down, across = (np.flatnonzero(self._where.any(axis=axis)) for axis in (1, 0))
        top, left = int(down[0]) // dot_rows * dot_rows, int(across[0]) // 2 * 2
        rows, columns = slice(top, int(down[-1]) + 1), slice(left, int(across[-1]) + 1)
        dots = halftone.diffuse(self._grey[rows, columns], dot_rows)
        black = np.unpackbits(bits[rows], axis=1)
        np.copyto(black[:, columns], dots, where=self._where[rows, columns])
        bits[rows] = np.packbits(black, axis=1)
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
    """Return the bands in which some tile is all of one shade, neither white nor black.

    Photographs do not count: whatever is made of them, dots are put over it.
    """
    lightest = work.tiles.lightest
    flat = work.tiles.contrast < _LEAST_CONTRAST
    coloured = flat & (lightest < _WHITE) & (lightest > _BLACK) & ~work.photo
    coloured |= work.over
    return _by_bands(coloured, np.logical_or)


def _ink_white(work: _Work, bands: Flags) -> None:
    """Ink the bands in which all is written on white."""
    darkest = work.tiles.darkest
    writing = darkest < _PAPER - work.least
    near = window(darkest.astype(np.uint8), np.minimum, 1, 1)
    pale = _by_bands(writing & (near > _STRONG), np.logical_or)
    todo: list[int] = np.flatnonzero(bands & _by_bands(writing, np.logical_or)).tolist()
    for band in todo:
        top, bottom = band * _BAND, (band + 1) * _BAND
        if pale[band]:
            start = max(0, top - TILE)
            strong = _strong(~work.grey[start : bottom + TILE], work.least)
            found = strong[top - start : bottom - start]
        else:  # where all of it is black, one limit does for all
            found = work.grey[top:bottom] < _BLACK_LIMIT
        bits = np.packbits(found, axis=1)
        if work.dot_rows == 1:
            bits |= _thin_rules(work.grey[top:bottom] < _PAPER - work.least, bits)
        work.bits[top:bottom] = bits


def _thin_rules(dark: Flags, bits: Bits) -> Bits:
    """Return packed rules across, so thin that they colour no row of pixels by half.

    Rows of standard resolution are that high. A rule is two bytes of pixels or longer, all darker
    than paper; where it falls on two rows it is drawn on the upper, and at the edge of black not.
    """
    rule = np.packbits(dark, axis=1) == _ALL_BLACK
    beside = np.zeros_like(rule)
    beside[:, 1:] |= rule[:, :-1]
    beside[:, :-1] |= rule[:, 1:]
    rule &= beside
    black = bits == _ALL_BLACK
    rule[1:] &= ~(rule[:-1] | black[:-1])
    rule[:-1] &= ~black[1:]
    rules: Bits = rule * np.uint8(_ALL_BLACK)
    return rules


def _by_bands(flags: Flags, merge: np.ufunc) -> Flags:
    """Merge flags by tile into flags by band."""
    starts = np.arange(0, flags.shape[0], _BAND_TILES)
    bands: Flags = merge.reduceat(merge.reduce(flags, axis=1), starts)
    return bands


def _strong(difference: Grey, least: int) -> Flags:
    """Tell for each pixel whether it stands out half as much as the strongest near it.

    The eight rows of a tile share their limits, which look ``_NEAR`` rows beyond them: that is an
    eighth of the work, and nobody sees it.
    """
    rows, columns = difference.shape
    pixels = difference.reshape(rows // TILE, TILE, columns)
    limit = pixels.max(axis=1)
    np.maximum(limit[1:], pixels[:-1, -_NEAR:].max(axis=1), out=limit[1:])
    np.maximum(limit[:-1], pixels[1:, :_NEAR].max(axis=1), out=limit[:-1])
    limit = window(limit, np.maximum, 0, _NEAR) >> 1
    np.maximum(limit, least, out=limit)
    return (pixels > limit[:, np.newaxis]).reshape(rows, columns)


def _ink_coloured(work: _Work, bands: Flags, shades: _Shades) -> None:
    """Ink the bands that have grounds of other shades than white."""
    todo: list[int] = np.flatnonzero(bands).tolist()
    plan = grounds.survey(work.grey, work.tiles, work.least, work.photo, work.over)
    while todo:
        some = [band for band in todo if band < todo[0] + _BANDS_AT_ONCE]
        todo = todo[len(some) :]
        rows = slice(some[0] * _BAND, min((some[-1] + 1) * _BAND, work.grey.shape[0]))
        _ink_on_grounds(work, plan, shades, rows)


def _ink_on_grounds(work: _Work, plan: grounds.Plan, shades: _Shades, rows: slice) -> None:
    halo = grounds.HALO * max(1, work.dot_rows // 2)
    around = slice(max(0, rows.start - halo), min(work.grey.shape[0], rows.stop + halo))
    on_light = plan.dark_on_light[around.start // TILE : around.stop // TILE]
    ground, difference = grounds.part(work.grey[around], on_light, work.dot_rows)
    inner = slice(rows.start - around.start, rows.stop - around.start)
    found = _strong(difference, work.least)[inner]
    ground, on_light = ground[inner], on_light[inner.start // TILE : inner.stop // TILE]
    down = slice(rows.start // TILE, rows.stop // TILE)
    least, most = int(ground.min()), int(ground.max())
    if on_light.all() and (plan.shades[least : most + 1] == _PAPER).all():
        if grounds.differ(least, most):  # dark writing on what becomes white
            found |= grounds.borders(ground) & stretch(work.drawn[down])
        work.bits[rows] = np.packbits(found, axis=1)
        if not work.over[down].any():
            return
    becomes = plan.shades[ground]
    own = plan.own[down] & work.drawn[down]
    if own.any():
        np.copyto(becomes, stretch(_extremes(on_light)), where=stretch(own))
    black = np.where(found, stretch(on_light), becomes == 0)
    if grounds.differ(least, most):
        white = stretch(work.drawn[down]) & (becomes == _PAPER)
        black |= grounds.borders(ground) & white
    work.bits[rows] = np.packbits(black, axis=1)
    over = work.over[down]
    if over.any():
        shades.add(rows, _pushed(ground, on_light), stretch(over) & ~found)
    shades.add(rows, ground, (becomes > 0) & (becomes < _PAPER) & ~found)


def _extremes(on_light: Flags) -> Grey:
    return np.where(on_light, _PAPER, 0).astype(np.uint8)


def _pushed(ground: Grey, on_light: Flags) -> Grey:
    """Return the ground of writing over a picture, away from the writing's own shade."""
    light = _PAPER - (_PAPER - ground) // _PUSH
    pushed: Grey = np.where(stretch(on_light), light, ground // _PUSH)
    return pushed
