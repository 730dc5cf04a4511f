"""The one table from what can go wrong to status, slug and details, as clients test for them."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, OperationalError
from django.http import Http404
from rest_framework import exceptions as rest

from accounts import errors as accounts
from accounts import wording as account_words
from faxes import errors as faxes
from faxes import parts
from faxes.api.common import content
from faxes.enums import ErrorCode
from faxes.wording import sentence

log = logging.getLogger(__name__)
REQUIRED: Final = {"required": {"message": "Field is required but missing"}}
# What a field is called here, where the portal calls it otherwise.
_FIELDS: Final = {
    "to": "document.to_number",
    "from": "from_number",
    "documents": "document.url",
    "faxbox": "faxbox_id",
    "notify": "notifications.email.send_to",
    "notify_sms": "notifications.sms.send_to",
    "station_id": "fax_identity_number",
    "header": "fax_identity_name",
    "time_zone": "fax_timezone",
}
_TOO_MANY: Final = frozenset(
    {ErrorCode.LIMIT_PAGES_DAY, ErrorCode.LIMIT_PAGES_MONTH, ErrorCode.LIMIT_AT_ONCE}
)
_ADD_DOCUMENT: Final = "add document url or upload a document"
_ADD_NUMBER: Final = "add a valid number to send the fax to"


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a failure is told."""

    status: int
    message: str
    data: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class KazooError(Exception):
    """What a request cannot have, told as it stands; ``data`` is the message unless given."""

    def __init__(self, status: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        told = {"message": message.replace("_", " ")} if data is None else data
        self.refusal = Refusal(status, message, told)


class Invalid(KazooError):
    """Fields that are not right: ``{"dotted.field": {"code": {"message": …, …}}}``."""

    def __init__(self, fields: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(400, "validation error", {key: dict(of) for key, of in fields.items()})
        self.fields = fields


class BadIdentifier(KazooError):
    """There is nothing of this id, or nothing of the asker's: the two look alike."""

    def __init__(self, cause: str) -> None:
        super().__init__(404, "bad_identifier", {"message": "bad identifier", "cause": cause})


class BadToken(KazooError):
    """No token, or not a right one."""

    def __init__(self) -> None:
        super().__init__(401, "invalid_credentials")


class Forbidden(KazooError):
    """The token is right, but not for this."""

    def __init__(self) -> None:
        super().__init__(403, "forbidden")


class NotFound(KazooError):
    """Nothing is at this address."""

    def __init__(self) -> None:
        super().__init__(404, "not_found")


class Said(KazooError):
    """A mistake of the client's that this dialect tells as a 500 with its text."""

    def __init__(self, text: str) -> None:
        super().__init__(500, text, {"message": text})


# What is told of a status that comes without more, such as from what guards all requests.
_PLAIN: Final[Mapping[int, tuple[str, str]]] = {
    400: ("bad_request", "the request cannot be read"),
    401: ("invalid_credentials", "invalid credentials"),
    403: ("forbidden", "forbidden"),
    404: ("not_found", "not found"),
    405: ("invalid_method", "method not allowed"),
    406: ("not_acceptable", "not acceptable"),
    409: ("datastore_conflict", "the document was changed meanwhile"),
    410: ("gone", "API version 1 is no longer supported; use version 2"),
    411: ("length_required", "send the request with a Content-Length"),
    412: ("precondition_failed", "precondition failed"),
    415: ("invalid_content_type", "invalid content type"),
    416: ("range", "no such range"),
    429: ("too_many_requests", "too many requests"),
    503: ("datastore_unreachable", "the datastore is unreachable"),
}


def plain(status: int, **headers: str) -> Refusal:
    """What is told of a status by itself."""
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return too_large()
    message, text = _PLAIN.get(status, ("unspecified_fault", "something went wrong here"))
    return Refusal(status, message, {"message": text}, headers)


def too_large() -> Refusal:
    """More was sent than may be."""
    most = int(settings.MAX_UPLOAD_BYTES)
    told = {"message": f"Payload or Files must not be more than {most} bytes", "target": most}
    return Refusal(413, "validation error", {"file": {"maxSize": told}})


def refusal_of(error: Exception) -> Refusal:
    """How an error is told; what nobody foresaw is logged, and tells nothing of itself."""
    found = _ours(error) or _of_request(error)
    if found is not None:
        return found
    log.error("a request failed", exc_info=error)
    return plain(500)


def _ours(error: Exception) -> Refusal | None:
    match error:
        case KazooError():
            return error.refusal
        case faxes.InvalidRequest():
            return _of_faxes(error.errors)
        case faxes.OrderRefused() if isinstance(error.reason, Exception):
            return refusal_of(error.reason)
        case faxes.FaxError():
            return _of_faxes((error,))
        case accounts.AccountsError():
            return _of_accounts(error)
        case _:
            return None


def _of_faxes(errors: tuple[faxes.FaxError, ...]) -> Refusal:
    first = errors[0]
    if any(each.code == ErrorCode.DOCUMENT_TOO_LARGE for each in errors):
        return too_large()
    unpaid = isinstance(first, faxes.NotAffordable) and first.code != ErrorCode.DO_NOT_FAX
    if unpaid or first.code in _TOO_MANY:
        status, slug = (429, "too_many_requests") if first.code in _TOO_MANY else (402, "no_credit")
        return Refusal(status, slug, {"message": sentence(first), "cause": first.code.value})
    if first.code == ErrorCode.FETCH_BUSY:
        return plain(503, **{"Retry-After": "5"})
    if isinstance(first, faxes.MoveNotAllowed):
        told = {"message": sentence(first), "cause": first.code.value}
        return Refusal(409, "datastore_conflict", told)
    if first.code == ErrorCode.INTERNAL_ERROR:
        return plain(500)
    fields: dict[str, dict[str, Any]] = {}
    for each in errors:
        name, code, told = _told(each)
        fields.setdefault(name, {})[code] = told
    return Invalid(fields).refusal


def _told(error: faxes.FaxError) -> tuple[str, str, dict[str, Any]]:
    """Field, code and words of one thing that is wrong with a fax."""
    name = _FIELDS.get(error.field, error.field) or "fax"
    if isinstance(error, faxes.DocumentError):
        name = "file"
    match error.code:
        case ErrorCode.DOCUMENT_MISSING:
            return "document.url", "required", {"message": _ADD_DOCUMENT}
        case (
            ErrorCode.NUMBER_MISSING
            | ErrorCode.NUMBER_INVALID
            | ErrorCode.TOO_MANY_NUMBERS
            | ErrorCode.EXTENSION_UNKNOWN
        ):
            return "document.to_number", "required", {"message": _ADD_NUMBER}
        case _:
            return name, "invalid", {"message": sentence(error), "cause": error.code.value}


def _of_accounts(error: accounts.AccountsError) -> Refusal:  # noqa: PLR0911 (a table)
    match error:
        case accounts.AccountSuspended():
            told = {"message": "account expired or disabled"}
            return Refusal(423, "locked", {"account": {"expired": told}})
        case accounts.TooManyRequests():
            return plain(429, **{"Retry-After": str(error.retry_after)})
        case accounts.AccountNotFound() | accounts.NotAllowed():
            return plain(403)
        case accounts.NotThere():
            return Refusal(404, "bad_identifier", {"message": "bad identifier"})
        case accounts.MoneyRefused():
            return Refusal(402, "no_credit", {"message": account_words.sentence(error)})
        case accounts.LimitReached():
            return plain(429)
        case _:
            told = {"message": account_words.sentence(error)}
            return Invalid({getattr(error, "field", "") or "data": {"invalid": told}}).refusal


def _of_request(error: Exception) -> Refusal | None:  # noqa: PLR0911 (a table)
    """What the framework, the database or the door finds wrong with a request."""
    match error:
        case Http404() | faxes.FaxNotFound():
            return Refusal(404, "bad_identifier", {"message": "bad identifier"})
        case rest.AuthenticationFailed() | rest.NotAuthenticated():
            return plain(401)
        case rest.MethodNotAllowed() | rest.UnsupportedMediaType() | rest.NotAcceptable():
            return plain(error.status_code)
        case rest.ParseError() | SuspiciousOperation() if not isinstance(error, RequestDataTooBig):
            return plain(400)
        case RequestDataTooBig():
            return plain(413)
        case content.PreconditionFailed():
            return plain(412)
        case parts.NoSuchRange():
            return plain(416, **{"Content-Range": f"bytes */{error.size}"})
        case content.NotAcceptable():
            return plain(406)
        case OperationalError() | DatabaseError() | faxes.CannotOpen():
            log.error("the database or storage failed a request", exc_info=error)
            return plain(503)
        case _:
            return None
