"""Parameters of requests: those that an endpoint knows, each once unless it is a list."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from typing import Final

from django.http import HttpRequest, QueryDict

from faxes.api.fax2.errors import BadParameter
from faxes.services.intake import printable
from faxes.wire.times import read_iso

_FORMS: Final = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data"})
_NAMED: Final = 40  # characters of a name that nobody knows


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was given, by name; a list has a name that ends in ``[]``."""

    given: Mapping[str, list[str]] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """A parameter; None if it is not there."""
        values = self.given.get(name)
        return values[0] if values else None

    def require(self, name: str) -> str:
        """A parameter that must be there.

        Raises:
            BadParameter: it is not, or it is empty.

        """
        value = self.get(name)
        if value is None or not value.strip():
            raise missing(name)
        return value

    def listed(self, name: str) -> list[str]:
        """All values of a list, of which there must be some and none empty.

        Raises:
            BadParameter: there is none, or an empty one.

        """
        values = self.given.get(name, [])
        if not values or not all(value.strip() for value in values):
            raise missing(name)
        return values

    def number(self, name: str, *, least: int, most: int, usual: int) -> int:
        """A whole number.

        Raises:
            BadParameter: it is none, or out of its range.

        """
        value = self.get(name)
        if value is None:
            return usual
        fits = value.isascii() and value.isdigit() and len(value) <= len(str(most))
        if not fits or not least <= int(value) <= most:
            raise BadParameter(name, f"{name} must be a whole number from {least} to {most}.")
        return int(value)

    def moment(self, name: str) -> datetime | None:
        """A time; None if it is not there.

        Raises:
            BadParameter: it is not written in full ISO 8601.

        """
        value = self.get(name)
        if value is None:
            return None
        found = read_iso(value)
        if found is None:
            told = f"{name} must be a time in full, such as 2021-03-10T13:21:20+11:00."
            raise BadParameter(name, told)
        return found


def missing(name: str) -> BadParameter:
    """What tells that a parameter is not there."""
    return BadParameter(name, f"Missing parameter: {name}")


def unknown(name: str) -> BadParameter:
    """What tells that nothing is known of a parameter."""
    name = printable(name)[:_NAMED]
    return BadParameter(name, f"Unknown parameter: {name}")


def read_parameters(
    request: HttpRequest, known: Collection[str], *, body: bool = True
) -> Parameters:
    """The parameters of a request, in its address and, for a POST, in its ``body``.

    Raises:
        BadParameter: one is unknown, comes twice, or cannot be a text; or they are in no form.

    """
    given: dict[str, list[str]] = {}
    sources: list[QueryDict] = [request.GET]
    if body and request.method == "POST":
        sources.append(_form(request))
    for source in sources:
        for name, values in source.lists():
            given.setdefault(name, []).extend(values)
    for name, values in given.items():
        if name not in known:
            raise unknown(name)
        if len(values) > 1 and not name.endswith("[]"):
            raise BadParameter(name, f"The parameter {name} is there more than once.")
        if any("\0" in value for value in values):
            raise BadParameter(name, f"The parameter {name} holds what cannot be a text.")
    return Parameters(given)


def media_type_of(written: str) -> str:
    """A media type without what follows it, such as its charset; lower-case."""
    return written.partition(";")[0].strip().lower()


def boundary_of(written: str) -> str:
    """The boundary that a Content-Type of several parts names, or nothing."""
    header = Message()
    header["Content-Type"] = written
    return str(header.get_param("boundary", "") or "")


def _form(request: HttpRequest) -> QueryDict:
    written = request.META.get("CONTENT_TYPE", "")
    media_type = media_type_of(written)
    if media_type not in _FORMS:
        if not request.body:
            return QueryDict()
        raise BadParameter("", "Send parameters as a form, urlencoded or multipart.")
    if media_type:
        for name in request.FILES:
            raise BadParameter(printable(name)[:_NAMED], "A file cannot be a parameter here.")
        return request.POST
    return QueryDict(request.body)
