"""Scans made clean: uneven light, grain and tint of the paper go before ink is looked for."""

import numpy as np

from faxes.documents.readers.base import Box
from faxes.documents.tiles import TILE, Flags, Grey, Levels, Tiles, stretch, sum_around

_DARKEST_PAPER = 140
_MOST_GRAIN = 64  # contrast within a tile of bare paper
_MOST_UNEVENNESS = 56
_LEAST_SHARE = 0.3  # of the picture's tiles that must be bare paper, for it to be one on paper
_LEAST_SHARE_OF_EDGE = 0.6
_LEAST_TILES = 12
_NEAR, _FAR = 8, 40  # tiles
_NEARLY_ALL, _HARDLY_ANY = 97, 1  # per cent
_LIGHTEST_BLACK = 80  # that a scanner makes of black
_BIN = 8
_MARGIN = 4
_LEAST_RANGE = 40
_WHITE = 255
_FIXED = 8  # bits behind the point


def whiten(grey: Grey, tiles: Tiles, pictures: tuple[Box, ...]) -> bool:
    """Lift the paper of scanned pages among the pictures to white, in place; tell if any was."""
    done = False
    for box in pictures:
        inner = (
            slice(-(-box.top // TILE), box.bottom // TILE),
            slice(-(-box.left // TILE), box.right // TILE),
        )
        part = Tiles(tiles.darkest[inner], tiles.lightest[inner])
        if min(part.darkest.shape) < _LEAST_TILES:
            continue
        paper = _bare_paper(part)
        if paper is not None:
            black = int(min(np.percentile(part.darkest, _HARDLY_ANY), _LIGHTEST_BLACK))
            _stretch(grey, box, inner, black, _floor(part, paper))
            done = True
    return done


def _bare_paper(tiles: Tiles) -> Flags | None:
    """Return the tiles of bare paper, or None where there is none, or it is white."""
    level = (tiles.darkest + tiles.lightest) // 2
    quiet = (tiles.contrast < _MOST_GRAIN) & (level >= _DARKEST_PAPER)
    if not quiet.any():
        return None
    usual = int(np.bincount(level[quiet] // _BIN).argmax()) * _BIN
    if np.percentile(level, _NEARLY_ALL) > usual + _MOST_UNEVENNESS:
        return None  # paper is the lightest thing on a page
    paper: Flags = quiet & (level >= usual - _MOST_UNEVENNESS)
    edge = np.concatenate([paper[1], paper[-2], paper[:, 1], paper[:, -2]])
    white = tiles.darkest[paper].min() >= _WHITE - 1
    if white or paper.mean() < _LEAST_SHARE or edge.mean() < _LEAST_SHARE_OF_EDGE:
        return None
    return paper


def _floor(tiles: Tiles, paper: Flags) -> Levels:
    """Return for each tile the level from which on its paper is white: below its own grain."""
    level = (tiles.darkest + tiles.lightest) / 2
    grain = float(np.median(tiles.contrast[paper])) / 2
    floor = np.full(level.shape, float(level[paper].mean()))
    for reach in (_FAR, _NEAR):
        number = sum_around(paper, reach)
        mean = sum_around(level * paper, reach) / np.maximum(number, 1)
        floor = np.where(number > reach, mean, floor)
    return np.clip(floor - grain - _MARGIN, 1, _WHITE).astype(np.int16)


def _stretch(grey: Grey, box: Box, inner: tuple[slice, slice], black: int, floor: Levels) -> None:
    """Stretch the shades between ``black`` and ``floor``, by tile, over all from black to white."""
    gain = (_WHITE << _FIXED) // np.maximum(floor - black, _LEAST_RANGE).astype(np.uint32)
    ragged = [
        (inner[0].start * TILE - box.top, box.bottom - inner[0].stop * TILE),
        (inner[1].start * TILE - box.left, box.right - inner[1].stop * TILE),
    ]
    gains = np.pad(stretch(gain), ragged, mode="edge")
    pixels = grey[box.top : box.bottom, box.left : box.right]
    lifted = (np.maximum(pixels, black) - black) * gains >> _FIXED
    np.minimum(lifted, _WHITE, out=lifted)
    pixels[:] = lifted
