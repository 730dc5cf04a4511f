"""A grey page seen in tiles of 8 by 8 pixels, and the window filters that everything here uses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

TILE = 8

Grey = npt.NDArray[np.uint8]
Levels = npt.NDArray[np.int16]  # a grey level a tile, with room for differences
Flags = npt.NDArray[np.bool_]
Sums = npt.NDArray[np.float64]

Merge = Callable[..., npt.NDArray[Any]]  # np.maximum or np.minimum


@dataclass(frozen=True, slots=True)
class Tiles:
    """The darkest and the lightest pixel of each tile of a page: (rows, columns) of tiles."""

    darkest: Levels
    lightest: Levels

    @property
    def contrast(self) -> Levels:
        """How far apart they are."""
        return self.lightest - self.darkest


def measure(grey: Grey) -> Tiles:
    """Cut a page into tiles; both its sides must be multiples of 8."""
    down = _by_rows(grey)
    return Tiles(
        _over_columns(np.minimum, down.min(axis=1)).astype(np.int16),
        _over_columns(np.maximum, down.max(axis=1)).astype(np.int16),
    )


def count(flags: Flags) -> Levels:
    """Count, for flags a pixel, how many are set in each tile."""
    down = np.add.reduce(_by_rows(flags), axis=1, dtype=np.uint8)
    return _over_columns(np.add, down).astype(np.int16)


def _by_rows(pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    rows, columns = pixels.shape
    return pixels.reshape(rows // TILE, TILE, columns)


def _over_columns(merge: np.ufunc, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Merge 8 columns into one. Turned first: merging whole rows is several times faster."""
    high, wide = rows.shape
    turned = np.ascontiguousarray(rows.reshape(high, wide // TILE, TILE).transpose(2, 0, 1))
    merged: npt.NDArray[Any] = merge.reduce(turned, axis=0, dtype=rows.dtype)
    return merged


def stretch(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Repeat what is said of each tile for all its pixels."""
    return values.repeat(TILE, axis=1).repeat(TILE, axis=0)  # whole rows last: four times as fast


def window(
    values: npt.NDArray[Any],
    merge: Merge,
    down: int,
    across: int,
) -> npt.NDArray[Any]:
    """Give every value the greatest or least (``merge``) of those around it.

    ``down`` and ``across`` say how far that reaches to each side. Works by doubling, so that a
    window of 25 costs five passes; beyond the edges there is nothing.
    """
    neutral = 0 if merge is np.maximum else 255
    for axis, reach in enumerate((down, across)):
        if not reach:
            continue
        size = 2 * reach + 1
        padding = [(0, 0), (0, 0)]
        padding[axis] = (reach, reach)
        result = np.pad(values, padding, constant_values=neutral)
        step = 1
        while step * 2 <= size:
            result = _merged(result, merge, axis, step)
            step *= 2
        values = _merged(result, merge, axis, size - step) if step < size else result
    return values


def _merged(values: npt.NDArray[Any], merge: Merge, axis: int, step: int) -> npt.NDArray[Any]:
    if axis == 0:
        return merge(values[:-step], values[step:])
    return merge(values[:, :-step], values[:, step:])


def sum_around(values: npt.NDArray[Any], reach: int) -> Sums:
    """Give every tile the sum over those up to ``reach`` away in each direction."""
    size = 2 * reach + 1
    padded = np.pad(values.astype(np.float64), ((reach + 1, reach), (reach + 1, reach)))
    total = padded.cumsum(axis=0).cumsum(axis=1)
    sums: Sums = (
        total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]
    )
    return sums
