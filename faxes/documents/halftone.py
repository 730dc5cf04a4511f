"""Photographs: found by their middle greys, drawn as diffused dots.

Dots are two columns wide and as high as that is wide, about 100 an inch: a fax machine prints them
cleanly, and they cost a third of the coded bytes of single pixels.
"""

import numpy as np
from PIL import Image

from faxes.documents.readers.base import Box
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

_LEAST_TILES = 6  # a picture less wide or high is an icon
_NEAR, _WIDE = 2, 5  # tiles
_LEAST_CONTRAST = 40
_MIDDLE_SHARE = 0.30  # of the pixels; type, even small and blurred, has less
_PAPER = 232  # flat and as light as this is paper, photograph or not
_MOST_STEPS = 300  # tiles; more than any sheet has
_MOSTLY = 0.7
_SOFT = 3
_SLOPE_REACH, _LEAST_SLOPE = 5, 14
_SHARP = 80  # contrast of a tile in which writing over a picture has an edge
_CROWD = 11  # sharp tiles, of the 25 around: more than an edge has
_WORDS = 8  # such tiles, of the 25 around, that are in the middle of nothing but a photograph
_UNEVEN = 30
_DOT_COLUMNS = 2
_NEARLY_BLACK, _NEARLY_WHITE = 12, 243  # single dots in what should be plain only cost bytes
_TONES = [
    0 if level <= _NEARLY_BLACK else 255 if level >= _NEARLY_WHITE else level
    for level in range(256)
]


def region(tiles: Tiles, pictures: tuple[Box, ...]) -> Flags:
    """Return the tiles that pictures touch, small ones left out."""
    touched = np.zeros(tiles.darkest.shape, np.bool_)
    for box in pictures:
        down = slice(box.top // TILE, -(-box.bottom // TILE))
        part = touched[down, box.left // TILE : -(-box.right // TILE)]
        if min(part.shape) >= _LEAST_TILES:
            part[:] = True
    return touched


def find(grey: Grey, tiles: Tiles, pictures: Flags) -> Flags:
    """Return the tiles, of those of pictures, to be drawn as dots."""
    darkest = window(tiles.darkest.astype(np.uint8), np.minimum, _NEAR, _NEAR).astype(np.int16)
    lightest = window(tiles.lightest.astype(np.uint8), np.maximum, _NEAR, _NEAR).astype(np.int16)
    busy = (lightest - darkest >= _LEAST_CONTRAST) & pictures
    # Where a picture ends is an edge too, but says nothing of what it shows.
    reach = _NEAR + 1
    inner = window(pictures.view(np.uint8), np.minimum, reach, reach).view(np.bool_)
    seeds = busy & inner & (_middle_share(grey, darkest, lightest, busy, _WIDE) >= _MIDDLE_SHARE)
    text = busy & inner & ~seeds
    free = pictures & ~(busy & inner) & (tiles.lightest < _PAPER)
    photo = _fill(seeds | _sloping(tiles, pictures), text, free)
    coloured = pictures & (tiles.darkest < _PAPER)
    if photo.sum() <= _MOSTLY * coloured.sum():
        return photo
    words = text & (sum_around(text & (tiles.contrast >= _SHARP), _NEAR) >= _WORDS)
    return pictures & ~words


def _sloping(tiles: Tiles, pictures: Flags) -> Flags:
    """Return the tiles where shades change so gently that nothing there is busy: a sky, a wall.

    Neighbours must differ by much less than the ends of the slope, or it is grain, or a step from
    one flat ground to another.
    """
    calm = pictures & (tiles.contrast < _LEAST_CONTRAST)
    calm = window(calm.view(np.uint8), np.minimum, _SLOPE_REACH, _SLOPE_REACH).astype(np.bool_)
    if not calm.any():
        return calm
    darkest, lightest = tiles.darkest.astype(np.uint8), tiles.lightest.astype(np.uint8)
    step = window(lightest, np.maximum, 1, 1) - window(darkest, np.minimum, 1, 1)
    reach = _SLOPE_REACH - 1
    steepest = window(step, np.maximum, reach, reach)
    lightest = window(lightest, np.maximum, _SLOPE_REACH, _SLOPE_REACH)
    height = lightest - window(darkest, np.minimum, _SLOPE_REACH, _SLOPE_REACH)
    sloping: Flags = calm & (height >= _LEAST_SLOPE) & (steepest <= height // 2)
    return sloping


def soft(tiles: Tiles) -> Flags:
    """Return the tiles where shades change all over and little by little: pictures in disguise.

    PDF can fill shapes with pictures and gradients, and does not say so.
    """
    changing = (tiles.contrast >= _SOFT) & (tiles.contrast < _LEAST_CONTRAST)
    changing &= tiles.lightest < _PAPER
    found = np.zeros(changing.shape, np.bool_)
    if changing.sum() >= _LEAST_TILES**2:
        seeds = sum_around(changing, _NEAR) >= _MOSTLY * (2 * _NEAR + 1) ** 2
        reach = _WIDE + 1  # writing may stand there
        closed = window(seeds.view(np.uint8), np.maximum, reach, reach)
        found = window(closed, np.minimum, reach - _NEAR, reach - _NEAR).view(np.bool_)
    return found


def written_over(grey: Grey, tiles: Tiles, pictures: Flags, photo: Flags) -> tuple[Flags, Flags]:
    """Return the tiles of pictures with writing on a ground that is not flat, and of photographs.

    Writing is sharp, and leaves few pixels between its own shade and that of its ground. What lies
    around it, and was taken for its ground, is photograph.
    """
    sharp = pictures & (tiles.contrast >= _SHARP)
    crowd = sum_around(sharp, _NEAR) >= _CROWD
    if not (photo.any() and crowd.any()):
        return np.zeros(pictures.shape, np.bool_), photo
    darkest = window(tiles.darkest.astype(np.uint8), np.minimum, 1, 1).astype(np.int16)
    lightest = window(tiles.lightest.astype(np.uint8), np.maximum, 1, 1).astype(np.int16)
    clear = sharp & crowd & (_middle_share(grey, darkest, lightest, crowd, 1) < _MIDDLE_SHARE)
    middle = ((tiles.darkest + tiles.lightest) // 2).astype(np.uint8)
    flat = pictures & (tiles.contrast < _LEAST_CONTRAST)
    high = window(np.where(flat, middle, 0), np.maximum, _WIDE, _WIDE)
    low = window(np.where(flat, middle, 255), np.minimum, _WIDE, _WIDE)
    uneven = (high > low) & (high - low >= _UNEVEN)
    words = clear & uneven & (sum_around(clear, _NEAR) >= _CROWD)
    over = window(words.view(np.uint8), np.maximum, _NEAR, _NEAR).view(np.bool_) & pictures
    beside = window(over.view(np.uint8), np.maximum, _WIDE, _WIDE).view(np.bool_)
    return over, (photo | (beside & uneven & pictures)) & ~over


def _middle_share(grey: Grey, darkest: Levels, lightest: Levels, busy: Flags, reach: int) -> Sums:
    """Return the share of pixels, around a tile, in the middle half between dark and light."""
    quarter = (lightest - darkest) // 4
    low, high = (
        stretch(level.astype(np.uint8)) for level in (darkest + quarter, lightest - quarter)
    )
    middle = count((grey > low) & (grey < high)) * busy
    share: Sums = sum_around(middle, reach) / np.maximum(sum_around(busy, reach), 1)
    return share / (TILE * TILE)


def _fill(photo: Flags, text: Flags, free: Flags) -> Flags:
    """Give free tiles to whatever is nearest; grey that nothing touches is photograph."""
    for _ in range(_MOST_STEPS):
        photo = photo | (free & _touching(photo))
        text = text | (free & ~photo & _touching(text))
        left = free & ~photo & ~text
        if (left == free).all():
            break
        free = left
    return photo | free


def _touching(flags: Flags) -> Flags:
    return window(flags.view(np.uint8), np.maximum, 1, 1).view(np.bool_)


def diffuse(grey: Grey, dot_rows: int) -> Flags:
    """Draw shades as black dots, passing the error of each on to its neighbours (Floyd, Steinberg).

    ``dot_rows`` is how many rows are as high as two columns are wide.
    """
    rows, columns = grey.shape
    small = Image.fromarray(grey).reduce((_DOT_COLUMNS, dot_rows)).point(_TONES)
    dots = ~np.asarray(small.convert("1"), np.bool_)
    large: Flags = dots.repeat(_DOT_COLUMNS, axis=1).repeat(dot_rows, axis=0)
    return large[:rows, :columns]
