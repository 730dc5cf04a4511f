"""Which rows of a list are asked for: by times, and by any key of what is told.

What a database can look up is asked of it; everything is checked once more on what is told, so that
a filter finds nothing that is not shown.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from rest_framework.request import Request

from faxes.api.kazoo.errors import Invalid
from faxes.wire.kazoo import from_gregorian

Document = Mapping[str, Any]
Check = Callable[[Document], bool]
_MOST: Final = 20  # conditions of one request
_LONGEST: Final = 4096
_NOTHING: Final = object()
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for. Times: since ≤ made < until. ``equal`` are values that a key must have.

    ``modified`` are the bounds, first and last, of when a row was changed.
    """

    since: datetime | None
    until: datetime | None
    modified: tuple[datetime | None, datetime | None]
    equal: Mapping[str, Sequence[str]]
    checks: Sequence[Check]

    @property
    def looks_at_rows(self) -> bool:
        """Whether a row must be seen to know if it is meant."""
        return bool(self.checks) or self.modified != (None, None)

    def takes(self, document: Document, changed: datetime) -> bool:
        """Whether a row, as it is told, is meant."""
        first, last = self.modified
        if (first is not None and changed < first) or (last is not None and changed >= last):
            return False
        return all(check(document) for check in self.checks)


def read_filters(request: Request) -> Filters:
    """The filters in the address.

    Raises:
        Invalid: a time is none, or a range ends before it begins.

    """
    since, until = _range(request, "created")
    equal: dict[str, Sequence[str]] = {}
    checks: list[Check] = []
    for name, value in _pairs(request):
        if name.startswith("filter_not_"):
            checks.append(_not(_is_one_of(name.removeprefix("filter_not_"), _values(value))))
        elif name.startswith("filter_"):
            key, values = name.removeprefix("filter_"), _values(value)
            equal[key] = values
            checks.append(_is_one_of(key, values))
        elif name in _BY_KEY:
            checks.append(_BY_KEY[name](value))
    if len(checks) > _MOST:
        told = {"message": f"there may be up to {_MOST} filters", "target": _MOST}
        raise Invalid({"filter": {"maxItems": told}})
    return Filters(since, until, _range(request, "modified"), equal, checks)


def value_at(document: Document, path: str) -> Any:
    """What stands at a path such as ``tx_result.success``; ``_NOTHING`` if nothing does."""
    if path in document:
        return document[path]
    found: Any = document
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return _NOTHING
        found = found[step]
    return found


def _pairs(request: Request) -> Iterator[tuple[str, str]]:
    for name, values in request.query_params.lists():
        for value in values:
            yield name[:_LONGEST], value[:_LONGEST]


def _values(written: str) -> list[str]:
    """One value, or any of a JSON list."""
    if written.lstrip().startswith("["):
        try:
            found = json.loads(written)
        except (ValueError, RecursionError):
            return [written]
        if isinstance(found, list):
            return [_as_text(each) for each in found]
    return [written]


def _as_text(value: Any) -> str:
    """A value as an address writes it."""
    return value if isinstance(value, str) else json.dumps(value)


def _is_one_of(key: str, values: Sequence[str]) -> Check:
    def check(document: Document) -> bool:
        found = value_at(document, key)
        if isinstance(found, list):
            return any(_as_text(each) in values for each in found)
        return found is not _NOTHING and _as_text(found) in values

    return check


def _has_key(key: str) -> Check:
    return lambda document: value_at(document, key) is not _NOTHING


def _has_value(key: str) -> Check:
    return lambda document: value_at(document, key) not in (_NOTHING, None, "", [], {})


def _not(check: Check) -> Check:
    return lambda document: not check(document)


_BY_KEY: Final[Mapping[str, Callable[[str], Check]]] = {
    "has_key": _has_key,
    "key_missing": lambda key: _not(_has_key(key)),
    "has_value": _has_value,
    "value_missing": lambda key: _not(_has_value(key)),
    "missing_value": lambda key: _not(_has_value(key)),
}


def _range(request: Request, what: str) -> tuple[datetime | None, datetime | None]:
    """From and to, in Gregorian seconds, both of them within; as since ≤ t < until."""
    first, last = (_seconds(request, f"{what}_{end}") for end in ("from", "to"))
    if first is not None and last is not None and last < first:
        told = f"{what}_to {last} is prior to {what}_from {first}"
        raise Invalid({f"{what}_from": {"date_range": {"message": told, "cause": first}}})
    since = None if first is None else _moment(f"{what}_from", first)
    until = None if last is None else _moment(f"{what}_to", last) + _SECOND
    return since, until


def _seconds(request: Request, name: str) -> int | None:
    written = request.query_params.get(name, "").strip()
    if not written:
        return None
    if not (written.isascii() and written.lstrip("-").isdigit() and len(written) <= len("-") + 15):
        raise _no_time(name, written)
    return int(written)


def _moment(name: str, seconds: int) -> datetime:
    found = from_gregorian(seconds)
    if found is None or not _FIRST <= found.year <= _LAST:
        raise _no_time(name, str(seconds))
    return found


_FIRST, _LAST = 1, 9998


def _no_time(name: str, written: str) -> Invalid:
    told = {"message": "Value must be a time in Gregorian seconds", "value": written[:40]}
    return Invalid({name: {"type": told}})
