"""Frozen dataclasses to plain JSON values and back, for the process border and for storage."""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self, Union, cast, get_args, get_origin, get_type_hints


class Jsonable:
    """Gives a frozen dataclass ``to_json`` and ``from_json``.

    Fields may be plain values, enums, paths, tuples or frozensets of one type, other such
    dataclasses, or any of these or None. What is stored may be older or newer than the code:
    unknown names are passed over, and a missing name takes the field's default.
    """

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Make a dictionary of this value that ``json.dumps`` takes as it is."""
        return {name: _plain(getattr(self, name)) for name in _shape(type(self)).names}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The value that ``to_json`` made; ``ValueError`` says what is wrong with other data."""
        shape = _shape(cls)
        try:
            known = {name: read(data[name]) for name, read in shape.readers if name in data}
        except (TypeError, KeyError) as error:
            raise ValueError(f"not a {cls.__name__}: {error}") from error
        missing = shape.required - known.keys()
        if missing:
            raise ValueError(f"not a {cls.__name__}: {', '.join(sorted(missing))} missing")
        return cls(**known)


class _Shape(NamedTuple):
    """What there is to know of a class, found out once."""

    names: tuple[str, ...]
    readers: tuple[tuple[str, Callable[[Any], Any]], ...]
    required: frozenset[str]


_SHAPES: dict[Any, _Shape] = {}


def _shape(cls: Any) -> _Shape:
    shape = _SHAPES.get(cls)
    if shape is None:
        hints = get_type_hints(cls)
        known = fields(cls)
        shape = _SHAPES[cls] = _Shape(
            tuple(field.name for field in known),
            tuple((field.name, _reader(hints[field.name])) for field in known),
            frozenset(
                field.name
                for field in known
                if field.default is MISSING and field.default_factory is MISSING
            ),
        )
    return shape


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


def _reader(hint: Any) -> Callable[[Any], Any]:
    """How a field of a type is read from its JSON value."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        kinds = [_reader(kind) for kind in get_args(hint) if kind is not type(None)]
        return lambda value: None if value is None else kinds[0](value)
    if origin in (tuple, frozenset):
        item = _reader(get_args(hint)[0])
        return lambda value: origin(map(item, value))
    if issubclass(hint, Jsonable):
        hint = hint.from_json
    elif not issubclass(hint, Enum | Path):
        return _read_float if hint is float else partial(_read_plain, hint)
    return cast("Callable[[Any], Any]", hint)


def _read_float(value: Any) -> float:
    if type(value) not in (float, int):  # JSON does not keep 1.0 apart from 1
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def _read_plain(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r} is not {kind.__name__}")
    return value
