"""Charts as the numbers of an SVG: drawn here, so that they need no script and stand on paper too.

Each stretches to the width that it is given; words stand beside it, as text that grows with the
reader's. What a chart shows is told in a table as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 600
HEIGHT: Final = 120
_GAP: Final = 0.3  # of a column is left free between two bars
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bar: of which series, and where."""

    series: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of pieces on each other; ``top`` is what the full height stands for."""

    pieces: Sequence[Piece]
    top: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line from left to right with the ground below it, and where zero and a mark are."""

    points: str
    ground: str
    zero: str
    mark: str
    highest: int
    lowest: int


def round_top(most: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50, … that is not below the most."""
    scale = 1
    while True:
        for step in _STEPS:
            if step * scale >= most:
                return step * scale
        scale *= 10


def bars(columns: Sequence[dict[str, int]]) -> Bars:
    """Bars of some columns, each of what its series count, the first at the foot."""
    top = round_top(max((sum(column.values()) for column in columns), default=0))
    broad = WIDTH / max(len(columns), 1)
    pieces = []
    for at, column in enumerate(columns):
        foot = float(HEIGHT)
        for series, count in column.items():
            high = HEIGHT * count / top
            foot -= high
            if count:
                x, width = broad * (at + _GAP / 2), broad * (1 - _GAP)
                pieces.append(Piece(series, *map(_told, (x, foot, width, high))))
    return Bars(pieces, top)


def line(values: Sequence[int], *, mark: int = 0) -> Line:
    """A line through values, zero always in sight; ``mark`` is a height of its own, if not zero."""
    highest, lowest = max([0, *values]), min([0, *values])
    spread = max(highest - lowest, 1)

    def height(value: int) -> str:
        return _told(HEIGHT - HEIGHT * (value - lowest) / spread)

    step = WIDTH / max(len(values) - 1, 1)
    points = " ".join(f"{_told(step * at)},{height(value)}" for at, value in enumerate(values))
    zero = height(0)
    return Line(
        points=points,
        ground=f"0,{zero} {points} {WIDTH},{zero}",
        zero=zero,
        mark=height(mark) if 0 < mark < highest else "",
        highest=highest,
        lowest=lowest,
    )


def _told(number: float) -> str:
    return f"{number:.1f}"
