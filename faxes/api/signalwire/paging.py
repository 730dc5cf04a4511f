"""Lists, a page at a time, from one row on to the next, forwards and back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from rest_framework.request import Request

from faxes.api.signalwire.bodies import Arguments
from faxes.api.signalwire.errors import Invalid

USUAL: Final = 50
MOST: Final = 1000
_FURTHEST: Final = 10_000  # rows that are passed over where a page is asked for by number alone
_PAGES: Final = 999_999_999
_TOKEN: Final = re.compile(r"P([AB])([0-9a-fA-F+-]{1,40})")
_OURS: Final = ("Page", "PageSize", "PageToken")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a list is asked for: behind a row, before one, or so many rows on."""

    page: int
    size: int
    behind: str = ""
    before: str = ""

    @property
    def skip(self) -> int:
        """How many rows are passed over."""
        return 0 if self.behind or self.before else self.page * self.size


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list as it is told; ``first`` and ``last`` are the keys of rows at its ends."""

    rows: Sequence[Mapping[str, Any]]
    first: str = ""
    last: str = ""
    more: bool = False  # beyond it, in the direction that was asked for


def query_of(request: Request) -> Arguments:
    """The arguments in the address."""
    return Arguments(dict(request.query_params.lists()))


def read_asked(request: Request) -> Asked:
    """Which part of a list the address asks for.

    Raises:
        Invalid: there can be no such part.

    """
    said = query_of(request)
    page = said.number("Page", least=0, most=_PAGES, otherwise=0)
    size = said.number("PageSize", least=1, most=MOST, otherwise=USUAL)
    token = said.text("PageToken").replace(" ", "+")  # a plus that was not escaped
    if not token:
        if page * size > _FURTHEST:
            raise Invalid(f"Go on with the page token beyond {_FURTHEST} rows", 21481)
        return Asked(page, size)
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise Invalid("The page token is not valid", 21481)
    forwards = found[1] == "A"
    return Asked(page, size, *((found[2], "") if forwards else ("", found[2])))


def envelope(
    request: Request, key: str, asked: Asked, part: Part, *, twilio: bool
) -> dict[str, Any]:
    """A page with the ways to others: paths, and for Twilio's clients whole addresses."""
    back = bool(asked.before)
    goes_on = bool(part.last) and (back or part.more)
    goes_back = bool(part.first) and (part.more if back else bool(asked.behind or asked.page))

    def way(page: int, token: str = "") -> str:
        return _way(request, page, asked.size, token, whole=twilio)

    here = f"PA{asked.behind}" if asked.behind else f"PB{asked.before}" if back else ""
    ways = {
        "": way(asked.page, here),
        "first_page_": way(0),
        "next_page_": way(asked.page + 1, f"PA{part.last}") if goes_on else None,
        "previous_page_": way(max(asked.page - 1, 0), f"PB{part.first}") if goes_back else None,
    }
    if twilio:
        urls = {f"{name}url": value for name, value in ways.items()}
        meta = {**urls, "key": key, "page": asked.page, "page_size": asked.size}
        return {key: list(part.rows), "meta": meta}
    uris = {f"{name}uri": value for name, value in ways.items()}
    return {**uris, "page": asked.page, "page_size": asked.size, key: list(part.rows)}


def _way(request: Request, page: int, size: int, token: str, *, whole: bool) -> str:
    """The address of a page: as this one was asked for, with the same filters."""
    kept = [
        (name, value)
        for name, values in request.query_params.lists()
        if name not in _OURS
        for value in values
    ]
    ours = [("Page", str(page)), ("PageSize", str(size))]
    if token:
        ours.append(("PageToken", token))
    path = f"{request.path.rstrip('/')}?{urlencode(ours + kept)}"
    return request.build_absolute_uri(path) if whole else path
