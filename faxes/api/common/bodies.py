"""Bodies of requests: JSON and forms, without what no row could hold."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request

_CHUNK: Final = 1024 * 1024


class StrictJSON(JSONParser):
    """JSON whose texts can be stored: no NUL, no half of a character, not nested without end."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """The parsed body.

        Raises:
            ParseError: it is not JSON, or none that can be taken.

        """
        try:
            parsed = super().parse(*args, **kwargs)
            require_text(parsed)
        except RecursionError:
            raise ParseError("This is nested too deeply.") from None
        return parsed


class StrictMultiPart(MultiPartParser):
    """A form with files whose texts can be stored."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """The parsed body."""
        parsed = super().parse(*args, **kwargs)
        require_text(parsed.data)
        return parsed


def digest_of(request: Request) -> str:
    """SHA-256 of all that a request asks for, however its parts are separated on the wire."""
    whole = hashlib.sha256()
    for part in (request.method or "", request.path, request.META.get("QUERY_STRING", "")):
        whole.update(f"{len(part)}:{part}".encode())
    data = request.data
    if not isinstance(data, QueryDict):
        whole.update(json.dumps(data, sort_keys=True).encode())
        return whole.hexdigest()
    for name in sorted(data):
        for value in data.getlist(name):
            if isinstance(value, UploadedFile):
                whole.update(f"{len(name)}:{name}={value.name}:{_digest_of_file(value)}".encode())
            else:
                whole.update(f"{len(name)}:{name}:{len(value)}:{value}".encode())
    return whole.hexdigest()


def _digest_of_file(uploaded: "UploadedFile[bytes]") -> str:
    digest = hashlib.sha256()
    for chunk in uploaded.chunks(_CHUNK):
        digest.update(chunk)
    uploaded.seek(0)
    return digest.hexdigest()


def require_text(value: Any) -> None:
    """Let pass what rows can hold.

    Raises:
        ParseError: a text in it has a NUL, or half of a character.

    """
    for text in _texts(value):
        if "\0" in text or not _encodes(text):
            raise ParseError("A text holds characters that cannot be stored.")


def _encodes(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, QueryDict):
        for name, values in value.lists():
            yield name
            yield from values  # files are not among them
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield str(name)
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
