"""A job as clients hand it in, read into a request for a fax."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from faxes.api.kazoo.bodies import Upload
from faxes.api.kazoo.documents import at, rest_of
from faxes.api.kazoo.errors import REQUIRED, Invalid
from faxes.api.kazoo.validation import Faults, faults_in
from faxes.services.intake import IncomingFile, document_name
from faxes.services.order import FaxRequest
from faxes.services.remote_documents import DocumentUrl
from faxes.wire.kazoo import e164_of

if TYPE_CHECKING:
    from faxes.models import Faxbox

_TEXT: Final = {"type": "string", "maxLength": 512}
_TRIES: Final = {"type": "integer", "minimum": 0, "maximum": 4}
_SEND_TO: Final = {
    "type": "object",
    "properties": {"send_to": {"type": ["string", "array"], "items": {"type": "string"}}},
}
SCHEMA: Final = {
    "type": "object",
    "properties": {
        "to_number": _TEXT,
        "from_number": {"type": "string", "maxLength": 64},
        "to_name": {"type": "string", "maxLength": 128},
        "from_name": {"type": "string", "maxLength": 128},
        "retries": _TRIES,
        "document": {
            "type": "object",
            "properties": {
                "url": {"type": "string", "pattern": "^https?://", "maxLength": 2000},
                "method": {"type": "string", "enum": ["get", "post"]},
                "content": {"type": "string", "maxLength": 256},
                "content_type": {"type": "string", "maxLength": 256},
                "host": {"type": "string", "maxLength": 256},
                "referer": {"type": "string", "maxLength": 500},
            },
        },
        "notifications": {"type": "object", "properties": {"email": _SEND_TO, "sms": _SEND_TO}},
        "fax_timezone": _TEXT,
        "timezone": _TEXT,
        "fax_identity_number": _TEXT,
        "fax_identity_name": _TEXT,
        "faxbox_id": {"type": "string", "maxLength": 36},
        "flags": {"type": "array", "items": _TEXT},
    },
}
# What rows have columns for, or what is the portal's to say; all else is told again as it was.
_NOT_KEPT: Final = (
    "to_number", "to_name", "from_name", "retries", "attempts", "tx_result", "rx_result",
    "fax_timezone", "faxbox_id", "fax_identity_number", "fax_identity_name", "ui_metadata",
    "id", "_id", "_read_only", "created", "status", "to", "from", "folder", "owner_id", "delivered",
    "auth_token",
)  # fmt: skip
_RETRIES: Final = 1
_RETRIES_OF_BOX: Final = 3  # where the box says nothing
NO_NUMBER: Final = {"required": {"message": "add a valid number to send the fax to"}}
NO_DOCUMENT: Final = {"required": {"message": "add document url or upload a document"}}


def read_job(data: Mapping[str, Any], upload: Upload | None, box: "Faxbox | None") -> FaxRequest:
    """The request for a fax; what it leaves open is as the box has it.

    Raises:
        Invalid: with everything that is wrong.

    """
    faults = faults_in(data, SCHEMA)
    url = _text(data, "document.url")
    sender = _text(data, "from_number") or (box.caller_number if box else "")
    to = _text(data, "to_number")
    if not to:
        faults.setdefault("to_number", dict(REQUIRED))
    if not sender and box is None:
        faults.setdefault("from_number", dict(REQUIRED))
    if upload is None and not url:
        faults.setdefault("document.url", dict(NO_DOCUMENT))
    _raise(faults, to)
    documents = [_document(upload)] if upload else [_lying_at(data, url)]
    return FaxRequest(
        to=e164_of(to),
        documents=documents,
        from_number=sender,
        retries=_tries(at(data, "retries", _retries_of(box))),
        **_marks(data, box),
        **_told_by(data),
        echo=echo_of(data, with_document=upload is None),
        fetch_later=True,
        check_sender_later=True,
    )


def read_changes(data: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be other than it was where a fax is sent once more, by fields of a request.

    Raises:
        Invalid: with everything that is wrong.

    """
    faults = faults_in(data, SCHEMA)
    to = _text(data, "to_number")
    _raise(faults, to)
    changes: dict[str, Any] = {"echo": echo_of(data, with_document=False)}
    said = {"to": e164_of(to) if to else "", "from_number": _text(data, "from_number")}
    said |= {name: value for name, value in _marks(data, None).items() if name != "faxbox"}
    if data.get("retries") is not None:
        said["retries"] = _tries(data["retries"])
    told = _told_by(data)
    return changes | {name: value for name, value in (said | told).items() if value}


def box_id_of(data: Mapping[str, Any]) -> str:
    """The faxbox that a job names, or nothing."""
    written = data.get("faxbox_id")
    return written if isinstance(written, str) else ""


def echo_of(data: Mapping[str, Any], *, with_document: bool) -> dict[str, Any]:
    """What is told again just as it was said."""
    kept = rest_of(data, _NOT_KEPT)
    if not with_document:
        kept.pop("document", None)
    return kept


def _raise(faults: Faults, to: str) -> None:
    if to and "to_number" not in faults and not e164_of(to):
        faults["document.to_number"] = dict(NO_NUMBER)
    if faults:
        raise Invalid(faults)


def _document(upload: Upload) -> IncomingFile:
    return IncomingFile(document_name(upload.name), upload.size, upload.file)


def _lying_at(data: Mapping[str, Any], url: str) -> DocumentUrl:
    return DocumentUrl(
        url,
        method=_text(data, "document.method") or "get",
        body=_text(data, "document.content"),
        referer=_text(data, "document.referer"),
        content_type=_text(data, "document.content_type"),
    )


def _marks(data: Mapping[str, Any], box: "Faxbox | None") -> dict[str, Any]:
    """What the fax says of both ends; the rest is the machine's anyway."""
    return {
        "faxbox": str(box.pk) if box else "",
        "from_name": _text(data, "from_name") or (box.caller_name if box else ""),
        "to_name": _text(data, "to_name"),
        "station_id": _text(data, "fax_identity_number"),
        "header": _text(data, "fax_identity_name"),
        "time_zone": _text(data, "fax_timezone") or _text(data, "timezone"),
    }


def _told_by(data: Mapping[str, Any]) -> dict[str, Any]:
    """Whom to tell how it ended."""
    return {
        "notify": _several(at(data, "notifications.email.send_to")),
        "notify_sms": _several(at(data, "notifications.sms.send_to")),
    }


def _several(told: Any) -> list[str]:
    """One address, several with commas between, or a list of them."""
    if isinstance(told, str):
        return [each.strip() for each in told.split(",") if each.strip()]
    return [str(each) for each in told] if isinstance(told, list) else []


def _retries_of(box: "Faxbox | None") -> int:
    if box is None:
        return _RETRIES
    return _RETRIES_OF_BOX if box.retries is None else box.retries


def _tries(told: float) -> str:
    """A whole number as a request has it, which JSON may write as 2.0."""
    return str(int(told))


def _text(data: Mapping[str, Any], path: str) -> str:
    """A text at a path; empty if there is none, or one that says so."""
    found = at(data, path, "")
    return found.strip() if isinstance(found, str) and found != "undefined" else ""
