"""Bodies against schemas that are plain data; what is wrong is told by the vendor's codes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from faxes.api.kazoo.errors import REQUIRED, Invalid

Schema = Mapping[str, Any]
Faults = dict[str, dict[str, Any]]
_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": Mapping,
    "array": list,
}


def faults_in(data: Any, schema: Schema) -> Faults:
    """Everything in ``data`` that is not as the schema says, by dotted field and code.

    A schema knows ``type`` (one or several), ``enum``, ``minimum``, ``maximum``, ``minLength``,
    ``maxLength``, ``pattern``, ``maxItems``, ``items``, ``properties``, ``required`` and
    ``closed`` (no other members).
    """
    found: Faults = {}
    for name, code, told in _faults(data, schema, ""):
        found.setdefault(name, {})[code] = told
    return found


def require_valid(data: Any, schema: Schema) -> None:
    """Let pass data that is as the schema says.

    Raises:
        Invalid: with everything that is wrong.

    """
    if found := faults_in(data, schema):
        raise Invalid(found)


_Found = tuple[str, str, dict[str, Any]]


def _faults(value: Any, schema: Schema, at: str) -> Iterator[_Found]:
    wanted = schema.get("type")
    types = [wanted] if isinstance(wanted, str) else list(wanted or ())
    if types and not any(_is(value, each) for each in types):
        told = f"Value did not match type(s): {', '.join(types)}"
        yield at or "data", "type", {"message": told, "target": wanted, "value": _shown(value)}
        return
    yield from _of_value(value, schema, at)
    if isinstance(value, str):
        yield from _of_text(value, schema, at)
    elif isinstance(value, list):
        yield from _of_list(value, schema, at)
    elif isinstance(value, Mapping):
        yield from _of_object(value, schema, at)


def _is(value: Any, of: str) -> bool:
    if isinstance(value, bool):
        return of == "boolean"
    if of == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[of])


def _of_value(value: Any, schema: Schema, at: str) -> Iterator[_Found]:
    if "enum" in schema and value not in schema["enum"]:
        told = "Value not found in enumerated list of values"
        yield at, "enum", {"message": told, "target": list(schema["enum"]), "value": _shown(value)}
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if "minimum" in schema and value < schema["minimum"]:
        told = f"Value must be at least {schema['minimum']}"
        yield at, "minimum", {"message": told, "target": schema["minimum"], "value": value}
    if "maximum" in schema and value > schema["maximum"]:
        told = f"Value must be at most {schema['maximum']}"
        yield at, "maximum", {"message": told, "target": schema["maximum"], "value": value}


def _of_text(value: str, schema: Schema, at: str) -> Iterator[_Found]:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if len(value) < least:
        told = f"String must be at least {least} characters"
        yield at, "minLength", {"message": told, "target": least, "value": _shown(value)}
    if most is not None and len(value) > most:
        told = f"String must not be more than {most} characters"
        yield at, "maxLength", {"message": told, "target": most, "value": _shown(value)}
    pattern = schema.get("pattern")
    if pattern is not None and not re.search(pattern, value):
        told = f"Failed to match pattern '{pattern}'"
        yield at, "pattern", {"message": told, "target": pattern, "value": _shown(value)}


def _of_list(value: Sequence[Any], schema: Schema, at: str) -> Iterator[_Found]:
    most = schema.get("maxItems")
    if most is not None and len(value) > most:
        told = f"Array must not be more than {most} items"
        yield at, "maxItems", {"message": told, "target": most, "value": len(value)}
        return
    for position, each in enumerate(value):
        yield from _faults(each, schema.get("items", {}), f"{at}.{position}" if at else "data")


def _of_object(value: Mapping[str, Any], schema: Schema, at: str) -> Iterator[_Found]:
    known: Mapping[str, Schema] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if value.get(name) is None:
            yield _within(at, name), "required", dict(REQUIRED["required"])
    for name, inner in known.items():
        if value.get(name) is not None:
            yield from _faults(value[name], inner, _within(at, name))
    if schema.get("closed"):
        for name in value:
            if name not in known:
                told = "Strict checking of additional properties"
                yield _within(at, str(name)), "additionalProperties", {"message": told}


def _within(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _shown(value: Any) -> Any:
    """A value as it is told again: not at any length."""
    if isinstance(value, str):
        return value[:128]
    return value if isinstance(value, int | float | bool | None) else None
