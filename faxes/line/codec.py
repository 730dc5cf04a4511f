"""Frozen dataclasses to plain JSON values and back, for the process border and for storage."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Self, Union, get_args, get_origin, get_type_hints


class Jsonable:
    """Gives a frozen dataclass ``to_json`` and ``from_json``.

    Fields may be plain values, enums, paths, tuples or frozensets of one type, other such
    dataclasses, or any of these or None. What is stored may be older or newer than the code:
    unknown names are passed over, and a missing name takes the field's default.
    """

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Make a dictionary of this value that ``json.dumps`` takes as it is."""
        return {name: _plain(getattr(self, name)) for name in _hints(type(self))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The value that ``to_json`` made; ``ValueError`` says what is wrong with other data."""
        hints = _hints(cls)
        try:
            known = {name: _typed(hints[name], data[name]) for name in hints if name in data}
        except (TypeError, KeyError) as error:
            raise ValueError(f"not a {cls.__name__}: {error}") from error
        missing = _required(cls) - known.keys()
        if missing:
            raise ValueError(f"not a {cls.__name__}: {', '.join(sorted(missing))} missing")
        return cls(**known)


_HINTS: dict[Any, dict[str, Any]] = {}


def _hints(cls: Any) -> dict[str, Any]:
    """Each field's name and type, with the names of types resolved once a class."""
    if cls not in _HINTS:
        hints = get_type_hints(cls)
        _HINTS[cls] = {field.name: hints[field.name] for field in _fields(cls)}
    return _HINTS[cls]


def _required(cls: Any) -> frozenset[str]:
    return frozenset(
        field.name
        for field in _fields(cls)
        if field.default is MISSING and field.default_factory is MISSING
    )


def _fields(cls: Any) -> tuple[Any, ...]:
    if not is_dataclass(cls):
        raise TypeError(f"{cls.__name__} is not a dataclass")
    return fields(cls)


def _plain(value: Any) -> Any:
    if isinstance(value, Jsonable):
        return value.to_json()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    return value


def _typed(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        return None if value is None else _typed(kinds[0], value)
    if origin in (tuple, frozenset):
        return origin(_typed(get_args(hint)[0], item) for item in value)
    if issubclass(hint, Jsonable):
        return hint.from_json(value)
    if issubclass(hint, Enum | Path):
        return hint(value)
    return _checked(hint, value)


def _checked(hint: Any, value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if hint is float and number:
        return float(value)  # JSON does not keep 1.0 apart from 1
    if type(value) is not hint:
        raise TypeError(f"{value!r} is not {hint.__name__}")
    return value
