"""Bodies of requests in all the shapes that clients send: an envelope, and perhaps a file."""

import base64
import binascii
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, BinaryIO, Final
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import ParseError

from faxes.api.common.bodies import require_text
from faxes.api.common.multipart import Malformed, Part, parts_of
from faxes.api.kazoo.errors import Invalid, KazooError, plain, too_large

_JSON: Final = frozenset({"application/json", "application/x-json", "text/json"})
_RAW: Final = {
    "application/pdf": "fax.pdf",
    "application/x-pdf": "fax.pdf",
    "image/tiff": "fax.tiff",
    "application/base64": "fax",
}
_FORM: Final = "application/x-www-form-urlencoded"
_IN_ENVELOPE: Final = frozenset({"action", "auth_token", "verb", "accept_charges"})
# What the address says of the request itself, and not of a fax.
_OF_REQUESTS: Final = _IN_ENVELOPE | {"_", "accept", "jsonp", "pretty_print"}
_CHUNK: Final = 64 * 1024
_MOST_JSON: Final = 1024 * 1024  # an envelope; documents come as files
_MOST_FIELDS: Final = 200
_DATA_URL: Final = re.compile(rb"\s*data:([^;,\s]{0,100})[^,]{0,200};base64,", re.IGNORECASE)
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=_-]")
_IN_MEMORY: Final = 256 * 1024
_NUMBERS: Final = frozenset({"to_number", "from_number"})
_NO_PLUS: Final = re.compile("^ (?=[0-9])")  # what a plus in an address is read as


@dataclass(frozen=True, slots=True)
class Upload:
    """The file that came along; ``name`` is what it is called, or something fitting."""

    name: str
    media_type: str
    size: int
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent: the whole ``envelope``, what of it is ``data``, and the file if there is one.

    ``has_data`` is whether the envelope had any, or there was no envelope to have it.
    """

    envelope: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    upload: Upload | None = None
    has_data: bool = False

    def text(self, name: str) -> str:
        """A member of the envelope that is a text; empty if it is not there."""
        told = self.envelope.get(name)
        return told if isinstance(told, str) else ""

    def close(self) -> None:
        """Let go of the file."""
        if self.upload is not None:
            self.upload.file.close()


def length_of(request: HttpRequest) -> int:
    """How many bytes a body has, as the request says."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def read_body(request: HttpRequest, *, with_files: bool) -> Body:
    """What a request carries; files only ``with_files``.

    Raises:
        Invalid: it is not JSON, or none that can be taken.
        KazooError: it is of a kind that is not taken, or more than may be.

    """
    if not length_of(request):
        return Body()
    if length_of(request) > _most(with_files=with_files):
        raise KazooError(413, "validation error", too_large().data)
    kind = Message()
    kind["Content-Type"] = request.META.get("CONTENT_TYPE", "") or "application/json"
    media_type = kind.get_content_type()
    if media_type.startswith("multipart/"):
        return _of_parts(request, str(kind.get_param("boundary", "") or ""))
    if with_files and media_type in _RAW:
        return _raw(request, media_type)
    if media_type in _JSON or media_type == _FORM or not with_files:
        return _of_text(_all_of(request), form=media_type == _FORM)
    raise KazooError(415, "invalid_content_type", plain(415).data)


def _most(*, with_files: bool) -> int:
    return settings.MAX_UPLOAD_BYTES * 4 // 3 + 2 * _MOST_JSON if with_files else _MOST_JSON


def _all_of(request: HttpRequest) -> bytes:
    if length_of(request) > _MOST_JSON:
        raise KazooError(413, "validation error", too_large().data)
    return request.read(_MOST_JSON)


def _of_text(sent: bytes, *, form: bool) -> Body:
    """JSON, also where it says to be a form, as curl does of all that it sends; or a form."""
    text = sent.strip()
    if form and not text.startswith((b"{", b"[")):
        return _of_form(text)
    return _of_json(text) if text else Body()


def _of_json(text: bytes) -> Body:
    envelope = _parsed(text)
    if not isinstance(envelope, dict):
        raise Invalid({"json": {"invalid": {"message": "the body is no object", "target": "body"}}})
    data = envelope.get("data")
    if data is not None and not isinstance(data, dict):
        told = {"message": "Value did not match type(s): object", "target": "object"}
        raise Invalid({"data": {"type": told}})
    return Body(envelope, data or {}, has_data=data is not None)


def _parsed(text: bytes) -> Any:
    try:
        parsed = json.loads(text, parse_constant=_no_number)
        require_text(parsed)
    except (ValueError, RecursionError, ParseError) as error:
        told = {"message": f"the body cannot be read as JSON: {type(error).__name__}"}
        raise Invalid({"json": {"invalid": {**told, "target": "body"}}}) from None
    return parsed


def _no_number(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _of_form(text: bytes) -> Body:
    try:
        pairs = parse_qsl(
            text.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
        require_text(dict(pairs))
    except (ValueError, ParseError):
        told = {"message": "the body cannot be read as a form", "target": "body"}
        raise Invalid({"json": {"invalid": told}}) from None
    return _of_pairs(dict(pairs))


def _of_pairs(fields: Mapping[str, str]) -> Body:
    """Fields of a form: ``data`` may hold JSON, otherwise the fields are the data."""
    if fields.get("data", "").lstrip().startswith("{"):
        data = _parsed(fields["data"].encode())
        return Body({**fields, "data": data}, data, has_data=True)
    envelope: dict[str, Any] = {key: fields[key] for key in _IN_ENVELOPE & set(fields)}
    data = nested({key: value for key, value in fields.items() if key not in _IN_ENVELOPE})
    return Body({**envelope, "data": data}, data, has_data=bool(data))


def nested(fields: Mapping[str, str]) -> dict[str, Any]:
    """Fields with dotted names as objects within each other; whole numbers as such.

    Only ``retries`` and ``attempts`` are numbers here: a fax number is a text of digits.
    """
    found: dict[str, Any] = {}
    for name, value in fields.items():
        *way, last = name.split(".")
        at = found
        for step in way:
            inner = at.setdefault(step, {})
            if not isinstance(inner, dict):
                break
            at = inner
        else:
            whole = last in {"retries", "attempts"} and value.isascii() and value.isdigit()
            at[last] = int(value[:9]) if whole else value
    return found


def _of_parts(request: HttpRequest, boundary: str) -> Body:
    """The first part that is an envelope, and the first that is a file."""
    try:
        parts = parts_of(request, boundary=boundary)
    except Malformed as error:
        told = {"message": f"the parts of the body cannot be read: {error}", "target": "body"}
        raise Invalid({"json": {"invalid": told}}) from None
    envelope, upload, fields = Body(), None, dict[str, str]()
    kept: BinaryIO | None = None
    done = False
    try:
        for part in parts:
            found = None if envelope.envelope else _envelope_in(part)
            if found is not None:
                envelope = found
            elif part.name and not part.filename and not part.media_type:
                fields[part.name] = part.file.read(_CHUNK).decode(errors="replace")
            elif upload is None and (upload := _file_in(part)) is not None:
                kept = upload.file
        done = True
    finally:
        for file in [part.file for part in parts] + ([kept] if kept else []):
            if file is not kept or not done:
                file.close()
    if not envelope.envelope and fields:
        envelope = _of_pairs(fields)
    return Body(envelope.envelope, envelope.data, upload, envelope.has_data)


def _envelope_in(part: Part) -> Body | None:
    """The envelope of a part that says to be JSON, or that does not say what it is and is."""
    if part.media_type not in _JSON | {""}:
        return None
    start = part.file.read(_MOST_JSON + 1)
    part.file.seek(0)
    text = base64.b64decode(start) if part.encoding == "base64" else start
    text = text.strip()
    if not part.media_type and not text.startswith(b"{"):
        return None
    if len(start) > _MOST_JSON:
        raise KazooError(413, "validation error", too_large().data)
    parsed = _parsed(text)
    if isinstance(parsed, dict) and "data" not in parsed:
        return Body({"data": parsed}, parsed, has_data=True)
    return _of_json(text)


def _file_in(part: Part) -> Upload | None:
    named = part.filename or _RAW.get(part.media_type, "")
    return _decoded(part.file, named or "fax", part.media_type, in_base64=part.encoding == "base64")


def _raw(request: HttpRequest, media_type: str) -> Body:
    """A body that is the file; what else there is to say stands in the address."""
    # closed with the body that it is in, or below
    file: BinaryIO = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # type: ignore[assignment]  # noqa: SIM115
    upload: Upload | None = None
    try:
        while chunk := request.read(_CHUNK):
            file.write(chunk)
        file.seek(0)
        in_base64 = media_type == "application/base64"
        upload = _decoded(file, _RAW[media_type], media_type, in_base64=in_base64)
    finally:
        if upload is None or upload.file is not file:
            file.close()
    said = {key: str(value) for key, value in request.GET.items() if key not in _OF_REQUESTS}
    for name in _NUMBERS & said.keys():
        said[name] = _NO_PLUS.sub("+", said[name])
    data = nested(said)
    return Body({"data": data}, data, upload, has_data=True)


def _decoded(file: BinaryIO, name: str, media_type: str, *, in_base64: bool) -> Upload | None:
    """A file without its ``data:`` URL or base64 around it; None if it is empty."""
    url = _DATA_URL.match(file.read(_CHUNK))
    file.seek(url.end() if url else 0)
    if url:
        media_type = url[1].decode("ascii", "replace") or media_type
    if in_base64 or url:
        plain_file = _from_base64(file)
        size = plain_file.seek(0, 2)
        plain_file.seek(0)
        return Upload(name, media_type, size, plain_file)
    size = file.seek(0, 2)
    file.seek(0)
    return Upload(name, media_type, size, file) if size else None


def _from_base64(file: BinaryIO) -> BinaryIO:
    """What is written in base64, plain or for URLs, with or without line ends."""
    decoded: BinaryIO = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # type: ignore[assignment]  # noqa: SIM115
    left = b""
    try:
        while chunk := file.read(_CHUNK):
            left += _NOT_BASE64.sub(b"", chunk).replace(b"-", b"+").replace(b"_", b"/")
            whole = len(left) // 4 * 4
            decoded.write(base64.b64decode(left[:whole]))
            left = left[whole:]
        decoded.write(base64.b64decode(left + b"=" * (-len(left) % 4)))
    except (binascii.Error, ValueError):
        decoded.close()
        told = {"message": "the file cannot be read as base64", "target": "body"}
        raise Invalid({"file": {"invalid": told}}) from None
    except BaseException:
        decoded.close()
        raise
    return decoded
