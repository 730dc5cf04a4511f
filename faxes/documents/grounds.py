"""What is ground and what is written on it, on pages that are not white all over.

Grounds are found by closing and opening (Serra): filling in all that is dark and thinner than a
stroke of large type leaves the ground beneath dark writing, and likewise the other way round for
light writing; wide panels keep their edges to the pixel. Which way round it is, is voted on by
tiles, and then each shade of ground becomes white under darker writing, black under lighter
writing; a middling shade that carries no writing stays a shade and is drawn as dots. Where one
shade carries both sorts, as bars of a chart do, writing keeps its own ground close around it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from faxes.documents.tiles import (
    TILE,
    Flags,
    Grey,
    Levels,
    Sums,
    Tiles,
    count,
    stretch,
    sum_around,
    window,
)

HALO = 24  # rows around a part of the page that its grounds depend on, times ``dot_rows`` / 2

_REACH = 12  # columns: what is thinner than twice this can be writing
_HALF_A_TILE = TILE * TILE // 2
_FLAT = 12
_ALIKE = 20  # levels this near are the same ground
_NEAR, _WIDE = 2, 4  # tiles
_SHADES_TOGETHER = 15
_LEAST_VOTES = 12  # tiles
_SURE = 3  # votes around a tile
_LEAST_STEP = 24  # between two grounds, for a line to keep them apart
_LIGHTEST_TONE, _DARKEST_TONE = 200, 60
_WHITE = 255


@dataclass(frozen=True, slots=True)
class Plan:
    """What a page's grounds become.

    ``dark_on_light``: for each tile, whether its writing is darker than its ground. ``shades``: for
    each shade of ground what it becomes: 0, 255, or itself. ``own``: the tiles whose ground becomes
    what their writing needs instead.
    """

    dark_on_light: Flags
    shades: Grey
    own: Flags


def survey(grey: Grey, tiles: Tiles, least: int, photo: Flags, over: Flags) -> Plan:
    """Look the page over; ``least`` is the contrast below which there is no writing.

    ``over`` are tiles with writing over pictures: what is flat there says nothing.
    """
    writing = tiles.contrast >= least
    middle = (tiles.darkest + tiles.lightest + 1) // 2
    flat = tiles.contrast < _FLAT
    lightest = _grown(np.where(flat, middle, 0), np.maximum, _NEAR)
    darkest = _grown(np.where(flat, middle, _WHITE), np.minimum, _NEAR)
    on_light = np.abs(_grown(tiles.lightest, np.maximum, 1) - lightest) < _ALIKE
    on_dark = np.abs(_grown(tiles.darkest, np.minimum, 1) - darkest) < _ALIKE
    # A flat neighbour as light as the lightest pixel: the ground is the light side. Where both
    # sides have flat neighbours, as at the edge of a panel, the tile has no vote.
    votes = np.where(writing & on_light & ~on_dark, 1, 0)
    votes -= np.where(writing & on_dark & ~on_light, 1, 0)
    votes[photo | over] = 0
    near = sum_around(votes, _NEAR)
    near[over] = 0
    wide = np.zeros_like(near)
    if (writing & (near == 0)).any():  # then the ground is what most pixels are near to
        mostly = (count(grey >= stretch(middle.astype(np.uint8))) - _HALF_A_TILE) * tiles.contrast
        wide = sum_around(np.where(writing, mostly, 0), _WIDE)
    shades = _shades(lightest[votes > 0], darkest[votes < 0])
    wanted = np.where(near > 0, shades[lightest], _WHITE - shades[darkest])
    own = (np.abs(near) >= _SURE) & (wanted != _WHITE)
    return Plan(np.where(near != 0, near > 0, wide >= 0), shades, own)


def _grown(levels: npt.NDArray[np.integer], merge: np.ufunc, reach: int) -> Levels:
    return window(levels.astype(np.uint8), merge, reach, reach).astype(np.int16)


def _shades(light_grounds: Levels, dark_grounds: Levels) -> Grey:
    """Decide for each shade, by how many tiles have writing of either sort on it."""
    darker, lighter = _tally(light_grounds), _tally(dark_grounds)
    shades = np.arange(256)
    unheard = np.where(shades >= _LIGHTEST_TONE, 255, np.where(shades < _DARKEST_TONE, 0, shades))
    heard = darker + lighter >= _LEAST_VOTES
    return np.where(heard, np.where(lighter > darker, 0, 255), unheard).astype(np.uint8)


def _tally(grounds: Levels) -> Sums:
    """Count the tiles of each shade, together with those of nearly the same."""
    counts = np.bincount(grounds, minlength=256).astype(np.float64)
    return np.convolve(counts, np.ones(_SHADES_TOGETHER), mode="same")


def part(grey: Grey, dark_on_light: Flags, dot_rows: int) -> tuple[Grey, Grey]:
    """Return, for some rows of a page, the ground of each pixel and how far it differs from it.

    ``dark_on_light`` is by tile. Rows nearer than ``HALO`` to a cut edge are not yet right.
    """
    reach = _REACH * dot_rows // 2
    light = window(window(grey, np.maximum, reach, _REACH), np.minimum, reach, _REACH)
    if dark_on_light.all():
        return light, light - grey
    dark = window(window(grey, np.minimum, reach, _REACH), np.maximum, reach, _REACH)
    on_light = stretch(dark_on_light)
    return np.where(on_light, light, dark), np.where(on_light, light - grey, grey - dark)


def differ(least: int, most: int) -> bool:
    """Tell whether two shades of ground are worth a line between them."""
    return most - least >= _LEAST_STEP


def borders(ground: Grey) -> Flags:
    """Return the pixels where grounds meet that differ: a line is drawn if both become white.

    Without it the bars of a chart would be gone.
    """
    found = np.zeros(ground.shape, np.bool_)
    for axis in (0, 1):
        this, other = _cut(ground, axis, _FIRST), _cut(ground, axis, _LAST)
        step = np.maximum(this, other) - np.minimum(this, other)
        _cut(found, axis, _FIRST)[...] |= step >= _LEAST_STEP
    return found


_FIRST, _LAST = slice(None, -1), slice(1, None)


def _cut(pixels: npt.NDArray[Any], axis: int, part: slice) -> npt.NDArray[Any]:
    return pixels[part] if axis == 0 else pixels[:, part]
