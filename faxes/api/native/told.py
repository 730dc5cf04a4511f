"""The API's own description as plain values, for a page that people read."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from drf_spectacular.generators import SchemaGenerator

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_DEEPEST: Final = 5
_LONG: Final = 5  # members: so many are told once on a page
_BOUNDS: Final = {
    "minimum": "from {}",
    "maximum": "up to {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
}


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter, or a member of a body: what it may be, and what is within it."""

    name: str
    kind: str
    required: bool
    says: str
    bounds: str = ""
    members: tuple["Member", ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """One form that a body may have; ``like`` is where on the page the same is told already."""

    media_type: str
    members: tuple[Member, ...]
    kind: str = ""
    like: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; a problem has no bodies of its own to tell."""

    status: str
    says: str
    bodies: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for."""

    id: str
    method: str
    path: str
    title: str
    says: str
    parameters: tuple[Member, ...]
    bodies: tuple[Body, ...]
    answers: tuple[Answer, ...]
    problems: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """The operations of one resource, which have a page."""

    name: str
    operations: tuple[Operation, ...]

    @property
    def slug(self) -> str:
        """Its name in the address of its page."""
        return self.name.lower().replace(" ", "-")


@cache
def description() -> dict[str, Any]:
    """The API as OpenAPI 3.1; the same for everybody, so made once."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@cache
def chapters() -> tuple[Chapter, ...]:
    """The API by resources, in the order of their names."""
    schema = description()
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method in _METHODS:
            if method in methods:
                told = methods[method]
                found.setdefault(told["tags"][0], []).append(_operation(schema, path, method, told))
    return tuple(Chapter(name, tuple(_told_once(found[name]))) for name in sorted(found))


def _told_once(operations: Sequence[Operation]) -> Iterator[Operation]:
    """The same, but that long answers which were told of on the page lead there."""
    first: dict[tuple[Member, ...], str] = {}
    for each in operations:
        answers = []
        for answer in each.answers:
            here = f"{each.id}-{answer.status}"
            bodies = tuple(
                replace(body, like=first[body.members])
                if len(body.members) >= _LONG and first.setdefault(body.members, here) != here
                else body
                for body in answer.bodies
            )
            answers.append(replace(answer, bodies=bodies))
        yield replace(each, answers=tuple(answers))


def _operation(schema: Any, path: str, method: str, told: Mapping[str, Any]) -> Operation:
    first, _, rest = told.get("description", "").partition("\n")
    answers = told["responses"]
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        title=first.rstrip("."),
        says=rest.strip(),
        parameters=tuple(
            _member(schema, each["name"], each["schema"], says=each.get("description", ""),
                    required=each.get("required", False))
            for each in told.get("parameters", ())
        ),
        bodies=tuple(_bodies(schema, told.get("requestBody", {}))),
        answers=tuple(
            Answer(status, each.get("description", ""), tuple(_bodies(schema, each)))
            for status, each in answers.items()
            if "$ref" not in each
        ),
        problems=tuple(status for status, each in answers.items() if "$ref" in each),
        example=_curl(path, method, told),
    )  # fmt: skip


def _bodies(schema: Any, told: Mapping[str, Any]) -> Iterator[Body]:
    for media_type, each in told.get("content", {}).items():
        form = each.get("schema", {})
        yield Body(media_type, _members(schema, form, 0), _kind(schema, form))


def _members(schema: Any, form: Mapping[str, Any], depth: int) -> tuple[Member, ...]:
    form = _resolved(schema, form)
    if depth > _DEEPEST:
        return ()
    if form.get("type") == "array":
        return _members(schema, form["items"], depth)
    for several in ("oneOf", "anyOf", "allOf"):
        if several in form:
            return _of_any([_members(schema, each, depth + 1) for each in form[several]])
    required = form.get("required", ())
    return tuple(
        _member(schema, name, each, required=name in required, depth=depth)
        for name, each in form.get("properties", {}).items()
    )


def _of_any(forms: Sequence[tuple[Member, ...]]) -> tuple[Member, ...]:
    """The members of several forms; one is required if it is in each of them."""
    found: dict[str, list[Member]] = {}
    for each in itertools.chain.from_iterable(forms):
        found.setdefault(each.name, []).append(each)
    return tuple(
        replace(same[0], required=len(same) == len(forms) and all(each.required for each in same))
        for same in found.values()
    )


def _member(
    schema: Any, name: str, form: Mapping[str, Any], *, required: bool, says: str = "",
    depth: int = 0,
) -> Member:  # fmt: skip
    whole = _resolved(schema, form)
    bounds = [words.format(whole[key]) for key, words in _BOUNDS.items() if key in whole]
    return Member(
        name=name,
        kind=_kind(schema, form),
        required=required,
        says=says or form.get("description", "") or whole.get("description", ""),
        bounds=", ".join(bounds),
        members=_members(schema, form, depth + 1),
    )


def _kind(schema: Any, form: Mapping[str, Any]) -> str:
    """What a value may be, in a word or a few."""
    form = _resolved(schema, form)
    for several in ("oneOf", "anyOf"):
        if several in form:
            several_kinds = dict.fromkeys(_kind(schema, each) for each in form[several])
            return " or ".join(kind for kind in several_kinds if kind)
    if "allOf" in form:
        return _kind(schema, form["allOf"][0])
    if "enum" in form:
        return " | ".join("null" if each is None else str(each) for each in form["enum"])
    written = form.get("type", "")
    kinds = written if isinstance(written, list) else [written]
    if "array" in kinds:
        return f"list of {_kind(schema, form['items'])}"
    return " or ".join(form.get("format", kind) if kind == "string" else kind for kind in kinds)


def _resolved(schema: Any, form: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = form.get("$ref", "")
    if not reference:
        return form
    found: Mapping[str, Any] = schema["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found


def _curl(path: str, method: str, told: Mapping[str, Any]) -> str:
    """A line for a shell that asks for it, with the first example of a body."""
    words = ["curl"]
    if method != "get":
        words.append(f"-X {method.upper()}")
    words += ['-H "Authorization: Bearer $TOKEN"', f'"$PORTAL{path}"']
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = next((each["value"] for each in content.get("examples", {}).values()), None)
    if example is not None:
        words += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(example, indent=2)}'"]
    return " \\\n  ".join(words)
