"""Reads the environment: each variable by its kind, within its bounds, or it says what is wrong."""

import os
import re
import sys
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

from faxportal.variable import NO, YES, Variable
from faxportal.variables import VARIABLES

_FILE: Final = "_FILE"
_BY_NAME: Final = {variable.name: variable for variable in VARIABLES}
# Of one that has such a name as a variable of its own, that one says how its file is read.
_IN_FILES: Final = {
    name for name, each in _BY_NAME.items() if each.secret and f"{name}{_FILE}" not in _BY_NAME
}


def text(name: str) -> str:
    """The variable as it is written, its file's words, or its default if both are empty."""
    return os.environ.get(name, "").strip() or _in_file(name) or _BY_NAME[name].default


def _in_file(name: str) -> str:
    """What the file holds that a secret was put into, lest it stand in the environment.

    Raises:
        ImproperlyConfigured: it cannot be read.

    """
    path = os.environ.get(f"{name}{_FILE}", "").strip() if name in _IN_FILES else ""
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}{_FILE}: {path} cannot be read: {error}") from None


def choice(name: str) -> str:
    """The variable as one of its choices, written as they are."""
    given = text(name)
    for each in _BY_NAME[name].choices:
        if each.lower() == given.lower():
            return each
    raise _BY_NAME[name].refusal(given)


def flag(name: str) -> bool:
    """The variable as yes or no."""
    given = text(name).lower()
    if given not in YES + NO:
        raise _BY_NAME[name].refusal(given)
    return given in YES


def number(name: str) -> int:
    """The variable as a whole number within its bounds."""
    if not re.fullmatch(r"[+-]?[0-9]+", text(name)):
        raise _BY_NAME[name].refusal(text(name))
    return int(decimal(name))


def decimal(name: str) -> float:
    """The variable as a number within its bounds."""
    variable, given = _BY_NAME[name], text(name)
    try:
        value = float(given)
    except ValueError:
        raise variable.refusal(given) from None
    # No bound holds for "nan", which is neither less nor more than anything.
    least = float("-inf") if variable.least is None else variable.least
    most = float("inf") if variable.most is None else variable.most
    if not least <= value <= most:
        raise variable.refusal(given)
    return value


def url(name: str) -> str:
    """The variable as an address of a kind that is allowed, or empty."""
    given, variable = text(name), _BY_NAME[name]
    scheme, mark, rest = given.partition("://")
    if given and not (mark and rest and scheme.lower() in variable.choices):
        raise variable.refusal(given)
    return given


def parts(name: str, read: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What ``read`` makes of the address in the variable."""
    try:
        return read(url(name))
    except (ValueError, KeyError):
        raise _BY_NAME[name].refusal(text(name)) from None


def check() -> None:
    """Read every variable once.

    Raises:
        ImproperlyConfigured: in one sentence which one is wrong, and what is allowed.

    """
    readers: dict[str, Callable[[str], object]] = {
        "int": number,
        "float": decimal,
        "bool": flag,
        "url": url,
        "networks": networks,
    }
    for each in VARIABLES:
        reader = choice if each.choices and each.kind == "str" else readers.get(each.kind, text)
        if text(each.name):
            reader(each.name)


def listed(name: str) -> list[str]:
    """The variable as a list: its parts between commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """The variable as networks."""
    try:
        return tuple(ip_network(each) for each in listed(name))
    except ValueError:
        raise _BY_NAME[name].refusal(text(name)) from None


def path(name: str) -> Path:
    """The variable as an absolute path."""
    return Path(text(name)).expanduser().resolve()


def unknown_names() -> list[str]:
    """Names that begin as ours do and mean nothing: most likely misspelt."""
    known = {*_BY_NAME, *(f"{name}{_FILE}" for name in _IN_FILES)}
    return sorted(name for name in {*os.environ} - known if name.startswith("FAXPORTAL_"))


def _bounds(variable: Variable) -> str:
    return "" if variable.least is None else f", {variable.least:.10g} to {variable.most:.10g}"


def table() -> str:
    """Every variable as docs/settings.md shows it."""
    rows = [
        f"| `{each.name}` | {each.kind}{_bounds(each)} "
        f"| {f'`{each.default}`' if each.default else ''} "
        f"| {each.meaning}{' Secret.' if each.secret else ''} |"
        for each in VARIABLES
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Every setting comes from the environment; none is needed, and an empty one means its",
            "default. A `FAXPORTAL_` name that is not listed here is an error, since it is most",
            "likely misspelt; so is a value that cannot be meant.",
            "",
            "A secret `NAME` may lie in a file instead, which `NAME_FILE` names: so it stands in",
            "no list of processes and no description of a container.",
            "",
            "| variable | kind | default | meaning |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(table())
