"""What a client said and is told again just as it was, though nothing is done with it here."""

import json
from collections.abc import Mapping
from typing import Any, Final

from faxes.enums import ErrorCode
from faxes.errors import RequestError

_LENGTH: Final = 16_000  # characters, as JSON


def read_echo(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a client said: JSON that every database can keep.

    Raises:
        RequestError: it is too much, or holds what is no number.

    """
    try:
        kept: dict[str, Any] = _storable(given)
        long = len(json.dumps(kept, allow_nan=False)) > _LENGTH
    except (TypeError, ValueError, RecursionError):
        long = True
    if long:
        raise RequestError(ErrorCode.ECHO_TOO_LARGE, field="echo", limit=_LENGTH)
    return kept


def without_document(echo: Mapping[str, Any]) -> dict[str, Any]:
    """What is told again of a fax whose pages go, or go elsewhere: not where they came from."""
    return {name: value for name, value in echo.items() if name != "document"}


def _storable(given: Any) -> Any:
    """The same without what a database refuses in a text: NUL, and halves of characters."""
    if isinstance(given, str):
        return given.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(given, Mapping):
        return {_storable(str(key)): _storable(value) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [_storable(each) for each in given]
    return given
