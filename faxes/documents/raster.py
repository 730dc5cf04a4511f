"""Where a page comes to lie on the fax sheet: scaled, turned, placed on 1728 columns."""

import math
from dataclasses import dataclass

from faxes.documents.tiff import COLUMNS, X_DPI, Y_DPI
from faxes.documents.tiles import TILE
from faxes.enums import Paper, Quality

_SIZE_INCHES = {
    Paper.A4: (210 / 25.4, 297 / 25.4),
    Paper.LETTER: (8.5, 11.0),
    Paper.LEGAL: (8.5, 14.0),
}
# T.30 engines and HylaFAX's check take 296 mm for the length of A4.
_MOST_FINE_ROWS = {Paper.A4: 2279, Paper.LETTER: 2156, Paper.LEGAL: 2744}
# A sheet that is too long by less than this is squeezed in height alone: nobody sees it, and its
# columns stay where they were.
_SQUEEZE = 0.01
# A page is cut into several sheets when on one it would be this small, and is so much longer than
# the sheet for its width, as till receipts are.
_LEAST_SCALE = 0.6
_STRIP = 3.0
_OVERLAP_INCHES = 0.25  # a line of type that is cut stands whole on one of two sheets
_MOST_PARTS = 50  # nobody means a longer strip


@dataclass(frozen=True, slots=True)
class Sheet:
    """The fax page to fill: ``columns`` by ``rows`` pixels of ``x_dpi`` by ``y_dpi`` an inch."""

    quality: Quality
    paper: Paper

    @property
    def columns(self) -> int:
        """Width in pixels: always that of T.4."""
        return COLUMNS

    @property
    def rows(self) -> int:
        """Height in pixels at this quality."""
        fine = _MOST_FINE_ROWS[self.paper]
        return {Quality.STANDARD: fine // 2, Quality.FINE: fine, Quality.SUPERFINE: fine * 2}[
            self.quality
        ]

    @property
    def canvas_rows(self) -> int:
        """Height of a grey page: ``rows`` made up to whole tiles."""
        return -(-self.rows // TILE) * TILE

    @property
    def dot_rows(self) -> int:
        """How many rows are about as high as two columns are wide."""
        return {Quality.STANDARD: 1, Quality.FINE: 2, Quality.SUPERFINE: 4}[self.quality]

    @property
    def x_dpi(self) -> float:
        """Dots an inch across."""
        return X_DPI

    @property
    def y_dpi(self) -> float:
        """Lines an inch down."""
        return Y_DPI[self.quality]

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height of the paper."""
        return _SIZE_INCHES[self.paper]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies on its sheet, in pixels, after so many quarter turns clockwise.

    Of a part of a page that is cut into several, all of the page: ``y`` is above the sheet.
    """

    x: int
    y: int
    columns: int
    rows: int
    turns: int

    @property
    def turned(self) -> bool:
        """Whether its height came to lie across."""
        return self.turns % 2 == 1


def place(width: float, height: float, sheet: Sheet, turns: int = 0) -> Place:
    """Lay a page of ``width`` by ``height`` inches on the sheet.

    In its own size where it fits, else shrunk in proportion; centred across, at the top. A page
    wider than high that does not fit upright is turned; ``turns`` come on top of that.
    """
    lies_across = width > height and width * sheet.x_dpi > sheet.columns * (1 + _SQUEEZE)
    turns = (int(lies_across) + turns) % 4
    if turns % 2:
        width, height = height, width
    columns, rows = width * sheet.x_dpi, height * sheet.y_dpi
    across, down = sheet.columns / columns, sheet.rows / rows
    if down > 1 - _SQUEEZE and across >= 1:
        rows = min(rows, sheet.rows)
    else:
        scale = min(1.0, across, down)
        columns, rows = columns * scale, rows * scale
    wide = min(sheet.columns, max(1, round(columns)))
    high = min(sheet.rows, max(1, round(rows)))
    return Place((sheet.columns - wide) // 2, 0, wide, high, turns)


def parts(width: float, height: float, sheet: Sheet) -> tuple[Place, ...]:
    """Lay a page of ``width`` by ``height`` inches on as many sheets as it needs: mostly one.

    A long strip would be too small to read on one sheet: it keeps the width it can have, and goes
    on over sheets that overlap a little.
    """
    whole = place(width, height, sheet)
    if whole.turned:
        width, height = height, width
    columns, rows = width * sheet.x_dpi, height * sheet.y_dpi
    across, down = min(1.0, sheet.columns / columns), sheet.rows / rows
    strip = rows * sheet.columns >= _STRIP * columns * sheet.rows
    if not strip or down >= _LEAST_SCALE:
        return (whole,)
    wide, high = max(1, round(columns * across)), round(rows * across)
    overlap = round(_OVERLAP_INCHES * sheet.y_dpi)
    step = sheet.rows - overlap
    count = math.ceil((high - overlap) / step)
    if count > _MOST_PARTS:
        return (whole,)
    x = (sheet.columns - wide) // 2
    return tuple(Place(x, -part * step, wide, high, whole.turns) for part in range(count))
