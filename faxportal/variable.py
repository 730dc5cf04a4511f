"""What is said of one environment variable of the portal."""

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ImproperlyConfigured

YES: Final = ("1", "true", "yes", "on")
NO: Final = ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting from the environment; an empty one means the default.

    ``choices`` are the words allowed, or for a ``url`` what may stand before ``://``.
    """

    name: str
    kind: str
    default: str
    meaning: str
    secret: bool = False
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()

    def allowed(self) -> str:
        """What may be given, in words."""
        if self.kind == "bool":
            return f"{', '.join(YES)} or {', '.join(NO)}"
        if self.kind == "url":
            return f"an address that begins with {_either([f'{each}://' for each in self.choices])}"
        if self.choices:
            return _either(self.choices)
        if self.kind == "networks":
            return "networks as 192.0.2.0/24 or 2001:db8::/32, with commas between them"
        sort = "a whole number" if self.kind == "int" else "a number"
        return sort if self.least is None else f"{sort} from {self.least:.10g} to {self.most:.10g}"

    def refusal(self, given: str) -> ImproperlyConfigured:
        """The error that says what is wrong, without telling a secret."""
        what = "what is set" if self.secret else repr(given)
        return ImproperlyConfigured(f"{self.name} must be {self.allowed()}, not {what}.")


def _either(words: tuple[str, ...] | list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
