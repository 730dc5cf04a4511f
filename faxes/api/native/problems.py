"""What goes wrong, as problem details (RFC 9457): a status, a code, the parameter at fault."""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions as rest
from rest_framework.response import Response

from accounts import errors as accounts
from accounts import wording as account_words
from accounts.services.paper_keys import CannotSign
from faxes import errors as faxes
from faxes import parts
from faxes.api.common import content
from faxes.enums import ErrorCode
from faxes.wording import sentence

log = logging.getLogger(__name__)
MEDIA_TYPE: Final = "application/problem+json"
DOCUMENTATION: Final = "/api/docs/errors/"

# What a code means for the request. All others are by the family of the error.
_STATUS: Final[Mapping[ErrorCode, int]] = {
    ErrorCode.CURSOR_INVALID: 400,
    ErrorCode.DATE_INVALID: 400,
    ErrorCode.STATUS_INVALID: 400,
    ErrorCode.RATE_MISSING: 422,
    ErrorCode.DO_NOT_FAX: 422,
    ErrorCode.LIMIT_PAGES_FAX: 422,
    ErrorCode.LIMIT_PAGES_DAY: 429,
    ErrorCode.LIMIT_PAGES_MONTH: 429,
    ErrorCode.LIMIT_AT_ONCE: 429,
    ErrorCode.LIMIT_STORAGE: 409,
    ErrorCode.DOCUMENT_TOO_LARGE: 413,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.FETCH_BUSY: 503,
}
_MOVES: Final = frozenset(
    {
        ErrorCode.FAX_ON_THE_LINE,
        ErrorCode.FAX_FINISHED,
        ErrorCode.FAX_NOT_FINISHED,
        ErrorCode.FAX_CAME_IN,
        ErrorCode.FAX_NOT_WAITING,
        ErrorCode.DOCUMENTS_GONE,
        ErrorCode.LEGAL_HOLD,
        ErrorCode.BROADCAST_FINISHED,
        ErrorCode.BROADCAST_NOT_FINISHED,
    }
)
_MONEY: Final = frozenset(
    {ErrorCode.INSUFFICIENT_CREDIT, ErrorCode.PLAN_USED_UP, ErrorCode.PROVIDER_CANNOT_PAY}
)
_OF_FAMILY: Final[tuple[tuple[type[Exception], int], ...]] = (
    (faxes.FaxNotFound, 404),
    (faxes.MoveNotAllowed, 409),
    (faxes.NotAffordable, 402),
    (faxes.FaxError, 422),
    (accounts.AccountNotFound, 404),
    (accounts.NotThere, 404),
    (accounts.NotAllowed, 403),
    (accounts.AccountSuspended, 403),
    (accounts.KeyUnderWay, 409),
    (accounts.CredentialGone, 409),
    (accounts.LastAdmin, 409),
    (accounts.AlreadyMember, 409),
    (accounts.InvitationGone, 409),
    (accounts.NameTaken, 409),
    (accounts.RealmTaken, 409),
    (accounts.StillUsed, 409),
    (accounts.WebhookOff, 409),
    (accounts.TooManyWebhooks, 409),
    (accounts.TenantsBelow, 409),
    (accounts.TenantClosed, 409),
    (accounts.ShutFromAbove, 409),
    (accounts.TenantErased, 409),
    (accounts.InsufficientCredit, 402),
    (accounts.PlanUsedUp, 402),
    (accounts.LimitReached, 429),
    (accounts.AccountsError, 422),
)
_SOON: Final = {"Retry-After": "5"}
# The portal's words for fields, where the API has others.
_PARAMETERS: Final = {
    "from_number": "from",
    "keep_documents": "store_documents",
    "logo": "logo_base64",
}
CODES: Final = {
    400: "request_malformed",
    401: "unauthenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    412: "precondition_failed",
    413: "request_too_large",
    415: "media_type_unsupported",
    416: "range_not_satisfiable",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; ``param`` is the parameter at fault, or empty."""

    code: str
    detail: str
    param: str = ""


class Problem(Exception):
    """What a request cannot have, told as it stands."""

    def __init__(
        self,
        status: int,
        faults: Iterable[Fault],
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        self.status = status
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.more = more
        super().__init__(", ".join(fault.code for fault in self.faults))


@dataclass(frozen=True, slots=True)
class _Found:
    status: int
    faults: tuple[Fault, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


def answer(error: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to a request that failed; what nobody foresaw is logged, and told as a 500."""
    found = _found(error)
    if found.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, faxes.FaxError):
        log.error("a request to the API failed", exc_info=error)
    request = context.get("request")
    request_id = getattr(request, "id", "") if request is not None else ""
    return Response(
        body(found.status, found.faults, request_id=request_id, **found.more),
        status=found.status,
        headers=dict(found.headers),
        content_type=MEDIA_TYPE,
    )


def status_of(error: Exception) -> int:
    """The status that an error is told with."""
    return _found(error).status


def body(status: int, faults: Iterable[Fault], *, request_id: str = "", **more: Any) -> Any:
    """Problem details of one or several faults; the first one stands for the whole."""
    faults = tuple(faults)
    first = faults[0]
    link = f"{DOCUMENTATION}#{first.code}"
    return {
        "type": link,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": first.detail,
        "code": first.code,
        "param": first.param or None,
        "errors": [
            {"code": each.code, "detail": each.detail, "param": each.param or None}
            for each in faults
        ],
        "documentation_url": f"{settings.BASE_URL}{link}",
        "request_id": request_id,
        **more,
    }


def code_of(error: type[accounts.AccountsError]) -> str:
    """The stable code of an error about accounts: its name, as codes are written."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", error.__name__).lower()


def _found(error: Exception) -> _Found:  # noqa: PLR0911 (a table)
    match error:
        case Problem():
            return _Found(error.status, error.faults, error.headers, error.more)
        case faxes.InvalidRequest():
            faults = tuple(_of_fax(each) for each in error.errors)
            status = max(_status_of(each) for each in error.errors)
            return _Found(status, faults, _SOON if status == HTTPStatus.SERVICE_UNAVAILABLE else {})
        case faxes.OrderRefused() if isinstance(error.reason, Exception):
            inner = _found(error.reason)
            named = tuple(Fault(each.code, each.detail, error.field) for each in inner.faults)
            return _Found(inner.status, named)
        case faxes.FaxError():
            return _Found(_status_of(error), (_of_fax(error),))
        case faxes.FaxNotFound() | accounts.NotThere() | accounts.AccountNotFound() | Http404():
            return _plain(404)
        case faxes.CannotOpen() | CannotSign():
            return _plain(503)
        case accounts.NotAllowed():
            return _plain(403)
        case accounts.TooManyRequests():
            return _Found(429, _plain(429).faults, {"Retry-After": str(error.retry_after)})
        case accounts.AccountsError():
            return _of_account(error)
        case _:
            return _of_request(error)


def _of_fax(error: faxes.FaxError) -> Fault:
    return Fault(error.code.value, sentence(error), _PARAMETERS.get(error.field, error.field))


def status_of_code(code: ErrorCode) -> int:
    """The status that an error of faxes usually has."""
    return _STATUS.get(code) or (409 if code in _MOVES else 402 if code in _MONEY else 422)


def status_of_family(family: type[Exception]) -> int:
    """The status that a kind of error has."""
    return next(status for each, status in _OF_FAMILY if issubclass(family, each))


def _status_of(error: faxes.FaxError) -> int:
    return _STATUS.get(error.code) or status_of_family(type(error))


def _of_account(error: accounts.AccountsError) -> _Found:
    if isinstance(error, accounts.AccountSuspended):
        told = _("This account is suspended or closed. Ask your provider.")
        return _Found(403, (Fault("account_suspended", told),))
    headers = {"Retry-After": "1"} if isinstance(error, accounts.KeyUnderWay) else {}
    fault = Fault(code_of(type(error)), account_words.sentence(error), getattr(error, "field", ""))
    return _Found(status_of_family(type(error)), (fault,), headers)


def _of_request(error: Exception) -> _Found:  # noqa: PLR0911 (a table)
    """What the framework finds wrong with a request; anything else is our own fault."""
    match error:
        case rest.ValidationError():
            return _Found(422, tuple(_invalid(error.detail)))
        case rest.AuthenticationFailed() | rest.NotAuthenticated():
            challenge = {"WWW-Authenticate": getattr(error, "auth_header", "Bearer")}
            return _Found(401, _plain(401).faults, challenge)
        case rest.ParseError():
            return _Found(400, (Fault(CODES[400], str(error.detail)),))
        case rest.MethodNotAllowed() | rest.NotAcceptable() | rest.UnsupportedMediaType():
            return _plain(error.status_code)
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return _plain(413)
        case SuspiciousOperation():
            return _plain(400)
        case content.NotAcceptable():
            return _plain(406)
        case content.PreconditionFailed():
            return _plain(412)
        case parts.NoSuchRange():
            return _Found(416, _plain(416).faults, {"Content-Range": f"bytes */{error.size}"})
        case _:
            return _of_machine(error)


def _of_machine(error: Exception) -> _Found:
    """Our own fault, or that of what we stand on: store, disk and database come back."""
    away = isinstance(error, OSError | OperationalError | InterfaceError)
    if away and not isinstance(error, FileNotFoundError):
        return _Found(503, _plain(503).faults, _SOON)
    return _plain(500)


def _plain(status: int) -> _Found:
    return _Found(status, (Fault(CODES[status], told(status)),))


def told(status: int) -> str:
    """What a status means where nothing more is known."""
    return {
        400: _("The request cannot be read."),
        401: _("Show a token of the account: Authorization: Bearer <token>."),
        403: _("This token may not do that."),
        404: _("There is nothing here, or nothing of yours."),
        405: _("This cannot be done here."),
        406: _("This is not to be had in the form asked for."),
        412: _("This is not what the request is about: it has changed."),
        413: _("This is too much at once."),
        415: _("Send JSON, or a form with files."),
        416: _("The file has no such part."),
        429: _("These are too many requests. Ask again later."),
        500: _("Something went wrong on our side. Ask again later."),
        503: _("This cannot be done at the moment. Ask again later."),
    }[status]


def _invalid(detail: Any, at: str = "") -> Iterable[Fault]:
    """The faults that serializers find, each with its parameter as ``documents[0].url``."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            if isinstance(name, int):
                where = f"{at}[{name}]"
            elif name == "non_field_errors":
                where = at
            else:
                where = f"{at}.{name}" if at else name
            yield from _invalid(inner, where)
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _invalid(inner, f"{at}[{position}]" if nested else at)
    else:
        code = str(getattr(detail, "code", "invalid"))
        yield Fault(_NAMES.get(code, f"parameter_{code}"), str(detail), at)


_NAMES: Final = {
    "required": "parameter_missing",
    "null": "parameter_null",
    "blank": "parameter_blank",
    "unknown": "parameter_unknown",
    "parameter_unknown": "parameter_unknown",
}
