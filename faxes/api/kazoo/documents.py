"""Documents as clients write them: changed in part, kept with what nothing is done with here."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from faxes.wire.kazoo import plain


def place(account_id: UUID, *names: str) -> str:
    """The address of something of an account."""
    return "/".join(("/v2/accounts", plain(account_id), *names))


def merged(document: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A document with a change put over it, object by object; what is null in it goes."""
    told = dict(document)
    for name, value in change.items():
        if value is None:
            told.pop(name, None)
        elif isinstance(value, Mapping):
            within = told.get(name)
            told[name] = merged(within if isinstance(within, Mapping) else {}, value)
        else:
            told[name] = value
    return told


def at(document: Mapping[str, Any], path: str, default: Any = None) -> Any:
    """What stands at a dotted path, or else ``default``."""
    found: Any = document
    for name in path.split("."):
        if not isinstance(found, Mapping) or found.get(name) is None:
            return default
        found = found[name]
    return found


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a dotted path, unless it is empty: what is not there is not told."""
    if value is None or value in ("", [], {}):
        return
    *way, last = path.split(".")
    within = document
    for name in way:
        within = within.setdefault(name, {})
    within[last] = value


def rest_of(document: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """What a document says beside the ``known`` dotted paths."""
    first: dict[str, set[str]] = {}
    for path in known:
        name, _, rest = path.partition(".")
        first.setdefault(name, set()).add(rest)
    rest_here: dict[str, Any] = {}
    for name, value in document.items():
        inner = first.get(name)
        if inner is None:
            rest_here[name] = value
        elif "" not in inner and isinstance(value, Mapping):
            put(rest_here, name, rest_of(value, inner))
    return rest_here
