"""Lists: a page at a time, all at once, or as CSV; narrowed by filters, at a bounded cost."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from rest_framework.request import Request

from accounts.services.sheets import harmless
from faxes import paging
from faxes.api.kazoo.envelope import Answer
from faxes.api.kazoo.errors import Invalid, KazooError
from faxes.api.kazoo.filters import Filters, read_filters
from faxes.errors import RequestError
from faxes.wire.kazoo import from_gregorian

USUAL: Final = 50
_MOST: Final = 1000  # rows of a page
_ALL: Final = 10_000  # rows of a list that is asked for in one
_PORTION: Final = 200
_LOOKED_AT: Final = 2000  # rows that one request looks through for others
_FIGURES: Final = re.compile(r"[+-]?[0-9][0-9.]*")
_LAST_ID: Final = (1 << 128) - 1
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is told; by ``key`` a list goes on, ``changed`` is when it was last."""

    key: UUID
    document: Mapping[str, Any]
    changed: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a list is asked for; ``paginate`` off means all of it."""

    size: int
    behind: UUID | None
    oldest_first: bool
    paginate: bool


# So many rows of a list behind one of them, and whether there are more.
Portion = Callable[[UUID | None, int], tuple[Sequence[Row], bool]]


def read_asked(request: Request) -> Asked:
    """Which part of a list the address asks for.

    Raises:
        KazooError: the size of a page is none.
        Invalid: a list cannot go on from there.

    """
    params = request.query_params
    written = params.get("page_size", str(USUAL))
    if not (written.isascii() and written.isdigit() and int(written[:9]) >= 1):
        raise KazooError(404, "faulty_request", {"message": "invalid page size"})
    behind: UUID | None = None
    if key := params.get("start_key", ""):
        try:
            behind = paging.decode(key)
        except RequestError:
            told = {"message": "a list cannot go on from there", "value": key[:40]}
            raise Invalid({"start_key": {"invalid": told}}) from None
    turned = params.get("ascending", "").lower() == "true"
    turned = turned or params.get("descending", "").lower() == "false"
    return Asked(
        size=min(int(written[:9]), _MOST),
        behind=behind,
        oldest_first=turned,
        paginate=params.get("paginate", "").lower() != "false",
    )


def listed(request: Request, documents: Sequence[Mapping[str, Any]]) -> Answer:
    """A list of which all rows are known, in their order; they are ``created`` when they say."""
    asked, filters = read_asked(request), read_filters(request)
    ordered = list(documents)[:: -1 if asked.oldest_first else 1]
    rows = [
        Row(UUID(int=place), document, made)
        for place, document in enumerate(ordered, start=1)
        if _is_within(made := _made(document), filters)
    ]

    def portion(behind: UUID | None, size: int) -> tuple[Sequence[Row], bool]:
        left = [row for row in rows if behind is None or row.key > behind]
        return left[:size], len(left) > size

    return listed_from(request, portion, replace(asked, oldest_first=True), filters)


def listed_from(request: Request, portion: Portion, asked: Asked, filters: Filters) -> Answer:
    """A list that is read a portion at a time, as it is asked for."""
    size = asked.size if asked.paginate else _ALL
    rows, next_key = _collected(portion, asked.behind, size, filters)
    if _wants_csv(request):
        return Answer([], sheet=_as_csv([row.document for row in rows]))
    more: dict[str, Any] = {}
    if asked.paginate or next_key:
        more = {"page_size": len(rows), "start_key": _start_key(asked, rows)}
        if next_key:
            more["next_start_key"] = next_key
    return Answer([row.document for row in rows], more=more)


def _made(document: Mapping[str, Any]) -> datetime:
    """When a row says that it was made; long ago if it does not."""
    told = document.get("created")
    return (from_gregorian(told) if isinstance(told, int) else None) or _LONG_AGO


def _is_within(made: datetime, filters: Filters) -> bool:
    after = filters.since is None or made >= filters.since
    return after and (filters.until is None or made < filters.until)


def _collected(
    portion: Portion, behind: UUID | None, size: int, filters: Filters
) -> tuple[list[Row], str]:
    """The rows that are meant, and where the list goes on: nowhere if that was all.

    One request looks at so many rows for those that are meant; the next one goes on from there.
    """
    found: list[Row] = []
    looked_at, more = 0, True
    while more and looked_at < max(_LOOKED_AT, size):
        wanted = min(_PORTION, size - len(found) + 1 if not filters.looks_at_rows else _PORTION)
        rows, more = portion(behind, wanted)
        for row in rows:
            if not filters.takes(row.document, row.changed):
                continue
            if len(found) == size:
                return found, paging.encode(found[-1].key)
            found.append(row)
        looked_at += len(rows)
        behind = rows[-1].key if rows else behind
    return found, paging.encode(behind) if more and behind is not None else ""


def _start_key(asked: Asked, rows: Sequence[Row]) -> str:
    """What leads to this very page again."""
    if asked.behind is not None:
        return paging.encode(asked.behind)
    end = 0 if asked.oldest_first else _LAST_ID
    if not rows:
        return paging.encode(UUID(int=end))
    return paging.encode(UUID(int=rows[0].key.int + (-1 if asked.oldest_first else 1)))


def _wants_csv(request: Request) -> bool:
    return "text/csv" in request.META.get("HTTP_ACCEPT", "").lower()


def _as_csv(documents: Sequence[Mapping[str, Any]]) -> str:
    """Rows with the names of all their keys, dotted, above them."""
    flat = [dict(_flat(each)) for each in documents]
    names = list(dict.fromkeys(name for each in flat for name in each))
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(harmless(name) for name in names)
    sheet.writerows([_cell(each.get(name, "")) for name in names] for each in flat)
    return written.getvalue()


def _flat(value: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    for name, each in value.items():
        path = f"{within}.{name}" if within else str(name)
        if isinstance(each, Mapping):
            yield from _flat(each, path)
        else:
            yield path, each


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if _FIGURES.fullmatch(text) else harmless(text)
