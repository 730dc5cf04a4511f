"""What a request brings: the properties of the fax in the part ``request``, and files in all else.

Clients put whatever name on the part of a file, and often no type; some put no name on either.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import ParseError

from faxes.api.common.bodies import require_text
from faxes.api.common.multipart import Malformed, Part, TooManyParts, parts_of
from faxes.api.voipnow.errors import Told, VoipNowError
from faxes.documents.detect import DocumentType
from faxes.services.intake import IncomingFile, document_name
from faxes.wire.voipnow import REQUEST

_MOST_JSON: Final = 1024 * 1024
_EMPTY_PARTS: Final = 30  # that may come along beside files and request
_JSON: Final = frozenset({"application/json", "text/json"})
_ENDING: Final = re.compile(r"\.([A-Za-z][A-Za-z0-9]{1,4})$")
_PAGES: Final = frozenset({DocumentType.JPEG, DocumentType.TIFF, DocumentType.PDF})
# Text is faxed as text, also such as looks like a mail or a page of the web.
_TEXTS: Final = frozenset({DocumentType.TEXT, DocumentType.MAIL, DocumentType.HTML})
_KINDS: Final = {
    "": _PAGES | {DocumentType.TEXT},
    "txt": _PAGES | _TEXTS,
    **dict.fromkeys(("jpg", "jpeg", "tif", "tiff", "pdf"), _PAGES | {DocumentType.TEXT}),
}


@dataclass(frozen=True, slots=True)
class Body:
    """The recipients as they were sent, and the files that are not empty, in their order."""

    recipients: Any = None
    files: list[IncomingFile] = field(default_factory=list)


@contextmanager
def read_body(request: HttpRequest) -> Iterator[Body]:
    """What a request brings, until it is done with.

    What cannot be read has no recipients, as where the vendor's server finds none.

    Raises:
        VoipNowError: there are more files than may be.

    """
    parts: list[Part] = []
    try:
        told, parts = _sent(request)
        files = [part for part in parts if part.file.seek(0, 2)]
        if len(files) > settings.UAPI_FILES:
            raise VoipNowError(Told.MAX_FILES)
        yield Body(_recipients(told), [_incoming(part) for part in files])
    finally:
        for part in parts:
            part.file.close()


def _sent(request: HttpRequest) -> tuple[bytes, list[Part]]:
    """What says the properties of the fax, and the other parts."""
    kind = Message()
    kind["Content-Type"] = request.META.get("CONTENT_TYPE", "")
    if kind.get_content_maintype() != "multipart":
        return request.read(_MOST_JSON + 1), []
    boundary = str(kind.get_param("boundary", "") or "")
    try:
        parts = parts_of(request, boundary=boundary, most=settings.UAPI_FILES + _EMPTY_PARTS)
    except TooManyParts:
        raise VoipNowError(Told.MAX_FILES) from None
    except Malformed:
        return b"", []
    try:
        said = next(filter(_is_request, parts), None) or next(filter(_may_be_request, parts), None)
        text = said.file.read(_MOST_JSON + 1) if said else b""
    except BaseException:
        for part in parts:
            part.file.close()
        raise
    if said is not None:
        said.file.close()
    return text, [part for part in parts if part is not said]


def _is_request(part: Part) -> bool:
    return part.name.strip() == REQUEST


def _may_be_request(part: Part) -> bool:
    """Whether a part without that name is the request all the same: JSON that has recipients."""
    if part.name and part.media_type not in _JSON:
        return False
    start = part.file.read(_MOST_JSON + 1)
    part.file.seek(0)
    return _recipients(start) is not None


def _recipients(written: bytes) -> Any:
    """The recipients of a request; None if there are none, or it cannot be read."""
    if len(written) > _MOST_JSON:
        return None
    try:
        found = json.loads(written.decode("utf-8-sig"), parse_constant=_no_number)
        require_text(found)
    except (ValueError, RecursionError, ParseError):
        return None
    return found.get("recipients") if isinstance(found, dict) else None


def _no_number(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _incoming(part: Part) -> IncomingFile:
    """A part as a file.

    Raises:
        VoipNowError: its name says that it is of a kind that is not sent.

    """
    name = document_name(part.filename or part.name)
    found = _ENDING.search(name)
    kinds = _KINDS.get(found[1].lower() if found else "")
    if kinds is None:
        raise VoipNowError(Told.FILE)
    size = part.file.seek(0, 2)
    part.file.seek(0)
    return IncomingFile(name, size, part.file, kinds)
