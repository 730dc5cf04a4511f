"""The tables of dialects: a line for each thing that can be asked of an address, read as such."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Line:
    """One line of a table: who is answered what, and what a right request ``sends``."""

    route: str
    method: str
    answers: dict[str, str]
    sends: str

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


def lines_of(text: str, *, instead: tuple[str, str] = ("", "")) -> list[Line]:
    """The lines of a table; with ``instead`` one word in the names of its routes is another.

    What a request sends stands last, and may have blanks in it.
    """
    head, *rest = (line.replace("|", " ") for line in text.strip().splitlines())
    names = head.split()
    if names[-1] != "sends":
        raise ValueError("what is sent stands last")
    found = []
    for line in rest:
        cells = dict(zip(names, line.split(maxsplit=len(names) - 1), strict=True))
        route = cells.pop("route").replace(*instead, 1)
        found.append(
            Line(route, cells.pop("method"), sends=cells.pop("sends").strip(), answers=cells)
        )
    return found


def of_each(lines: Sequence[Line]) -> pytest.MarkDecorator:
    """A test for each of these lines."""
    return pytest.mark.parametrize("line", lines, ids=str)
