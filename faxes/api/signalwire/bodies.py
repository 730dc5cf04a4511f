"""Bodies of requests: forms and JSON, read into arguments that may be said several times."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import ParseError

from faxes.api.common.bodies import require_text
from faxes.api.signalwire.errors import Invalid

_YES: Final = frozenset({"true", "1", "yes"})
_NO: Final = frozenset({"false", "0", "no"})
_LONGEST_NUMBER: Final = 9  # digits


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was said, by name; one that is said as null, or as nothing, was not said."""

    said: Mapping[str, Any] = field(default_factory=dict)

    def says(self, name: str) -> bool:
        """Whether it was said at all, be it as nothing."""
        return self.said.get(name) is not None

    def text(self, name: str) -> str:
        """One text; empty if it was not said.

        Raises:
            Invalid: it is a list or an object.

        """
        value = self.said.get(name)
        if isinstance(value, list) and value and not isinstance(value[-1], list | dict):
            value = value[-1]
        match value:
            case None:
                return ""
            case bool():
                return "true" if value else "false"
            case str():
                return value.strip()
            case int() | float():
                return str(value)
            case _:
                raise Invalid(f"'{name}' must be one value")

    def texts(self, name: str) -> list[str]:
        """Several texts, or one; those that are empty are left out.

        Raises:
            Invalid: something among them is no text.

        """
        value = self.said.get(name)
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(each, str) for each in values):
            raise Invalid(f"'{name}' must be a text, or several")
        return [each.strip() for each in values if each.strip()]

    def switch(self, name: str, *, otherwise: bool) -> bool:
        """Yes or no, as clients write that.

        Raises:
            Invalid: it is neither.

        """
        word = self.text(name).lower()
        if word in _YES | _NO:
            return word in _YES
        if word:
            raise Invalid(f"'{name}' must be true or false")
        return otherwise

    def number(self, name: str, *, least: int, most: int, otherwise: int) -> int:
        """A whole number within bounds.

        Raises:
            Invalid: it is none, or lies outside.

        """
        word = self.text(name)
        if not word:
            return otherwise
        plain = word.isascii() and word.isdigit() and len(word) <= _LONGEST_NUMBER
        if not plain or not least <= int(word) <= most:
            raise Invalid(f"'{name}' must be a whole number from {least} to {most}")
        return int(word)


def read_arguments(request: HttpRequest) -> Arguments:
    """The arguments in a body, whatever it says it is: what begins with a brace is JSON.

    Raises:
        ParseError: it cannot be read, or holds what cannot be stored.
        RequestDataTooBig

    """
    form: QueryDict
    try:
        if request.content_type == "multipart/form-data":
            form = request.POST
        else:
            body = request.body
            if "json" in (request.content_type or "") or body.lstrip()[:1] == b"{":
                return Arguments(_from_json(body))
            form = _form(request, body)
    except RequestDataTooBig:
        raise
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError):
        raise ParseError from None
    require_text(form)
    return Arguments({name: list(values) for name, values in form.lists()})


def _form(request: HttpRequest, body: bytes) -> QueryDict:
    """A form of words, also one that does not say so."""
    try:
        return QueryDict(body.decode("utf-8"), encoding=request.encoding)
    except UnicodeDecodeError:
        raise ParseError from None


def _from_json(body: bytes) -> Mapping[str, Any]:
    if not body.strip():
        return {}
    try:
        found = json.loads(body.decode("utf-8"))
        require_text(found)
    except (ValueError, RecursionError):
        raise ParseError from None
    if not isinstance(found, dict):
        raise ParseError
    return found
