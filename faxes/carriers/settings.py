"""What an operator fills in for a carrier: a frozen dataclass a kind, its form made from that."""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class OptionKind(StrEnum):
    """How a setting is written down and asked for."""

    TEXT = "text"
    URL = "url"
    HOST = "host"
    NUMBER = "number"
    SWITCH = "switch"
    SECRET = "secret"  # noqa: S105 (what it is, not one)


@dataclass(frozen=True, slots=True)
class Option:
    """How one setting is asked for; a secret is kept sealed and never shown again."""

    label: str
    help: str = ""
    kind: OptionKind = OptionKind.TEXT
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierSettings:
    """The settings of one carrier; a carrier's own add to these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSettings(CarrierSettings):
    """Nothing to fill in."""


def gettext_noop(text: str) -> str:
    """Words for translators to see; whoever shows them has them translated."""
    return text


def option(
    label: str,
    *,
    help: str = "",  # noqa: A002 (as forms call it)
    kind: OptionKind = OptionKind.TEXT,
    default: Any = dataclasses.MISSING,
) -> Any:
    """A field of a carrier's settings; without a default it must be filled in."""
    required = default is dataclasses.MISSING
    asked = Option(label, help, kind, required)
    if required:
        return dataclasses.field(metadata={"option": asked}, repr=kind != OptionKind.SECRET)
    return dataclasses.field(
        default=default, metadata={"option": asked}, repr=kind != OptionKind.SECRET
    )


def options_of(settings_class: type[CarrierSettings]) -> dict[str, Option]:
    """The settings of a kind by name, in the order in which they are asked for."""
    return {each.name: each.metadata["option"] for each in dataclasses.fields(settings_class)}
