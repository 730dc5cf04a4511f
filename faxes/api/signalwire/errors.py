"""The one table from what can go wrong to status, code and sentence, as clients know them."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions as rest

from accounts import errors as accounts
from accounts import wording as account_words
from faxes import errors as faxes
from faxes import parts
from faxes.api.common import causes, content
from faxes.api.common.doors import in_dialect
from faxes.api.common.links import root_of
from faxes.enums import ErrorCode as E
from faxes.wording import sentence

log = logging.getLogger(__name__)
ARGUMENT: Final = 10000  # what most arguments have in common
CHALLENGE: Final = 'Basic realm="fax portal"'
_SOON: Final = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a failure is told."""

    status: int
    code: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


class LamlError(Exception):
    """What a request cannot have, told as it stands."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.refusal = Refusal(status, code, message)


class Invalid(LamlError):
    """An argument that is not right, or that is not there; ``ARGUMENT`` unless it has its own."""

    def __init__(self, message: str, code: int = ARGUMENT) -> None:
        super().__init__(400, code, message)


# What is told of a status that comes without more, such as from what guards all requests.
PLAIN: Final[Mapping[int, tuple[int, str]]] = {
    400: (20001, "The request cannot be read"),
    401: (20003, "Authenticate"),
    402: (30002, "The balance is too low"),
    403: (20005, "The account is not active"),
    404: (20404, "The requested resource was not found"),
    405: (20004, "Method not allowed"),
    406: (20406, "This cannot be had in the form asked for"),
    411: (20411, "Send the request with a Content-Length"),
    412: (20412, "The resource has changed"),
    413: (20413, "The request is too large"),
    416: (20416, "There is no such part of the file"),
    429: (20429, "Too many requests"),
    500: (20500, "Something went wrong on our side"),
    503: (20503, "This cannot be done at present; try again"),
}


# Status, code and sentence of the codes of ours; without a sentence the portal's own is told.
_GROUPS: Final[tuple[tuple[int, int, str, Iterable[E]], ...]] = (
    (400, 21211, "'To' is not a valid phone number", {
        E.NUMBER_INVALID, E.EXTENSION_UNKNOWN,
    }),
    (400, 21211, "A 'To' phone number is required", {E.NUMBER_MISSING}),
    (400, 21610, "", {E.DO_NOT_FAX}),  # as of who has unsubscribed
    (400, 21211, "'To' must be one phone number", {E.TOO_MANY_NUMBERS}),
    (400, 21210, "'From' is not a number of this account", {
        E.FROM_NUMBER_NOT_YOURS, E.FROM_NUMBER_GONE,
    }),
    (400, 21213, "A 'From' phone number is required", {E.FAXBOX_NOT_FOUND}),
    (400, 21601, "'From' is not a number that can fax", {E.FROM_NUMBER_MISSING}),
    (400, 21402, "A 'MediaUrl' is required", {E.DOCUMENT_MISSING}),
    (400, 21620, "'MediaUrl' is not a valid URL", {E.URL_INVALID}),
    (400, 21620, "'MediaUrl' leads where nothing may be fetched", {E.URL_NOT_ALLOWED}),
    (400, 21623, "", {E.TOO_MANY_DOCUMENTS}),
    (400, 11200, "", causes.NOT_FETCHED),
    (400, 21612, "", causes.DOCUMENT_UNFIT),
    (400, ARGUMENT, "'Quality' must be standard, fine or superfine", {E.QUALITY_INVALID}),
    (400, 21481, "The page token is not valid", {E.CURSOR_INVALID}),
    (402, 30002, "", causes.UNPAID),
    (429, 21611, "", {E.LIMIT_AT_ONCE}),
    (429, 20429, "", {E.LIMIT_PAGES_DAY, E.LIMIT_PAGES_MONTH}),
    (422, ARGUMENT, "", {E.LIMIT_PAGES_FAX, E.LIMIT_STORAGE}),
    (400, ARGUMENT, "Only a fax that is queued can be canceled", {
        E.FAX_FINISHED, E.FAX_ON_THE_LINE, E.FAX_CAME_IN,
    }),
    (409, 20009, "A fax that is under way cannot be deleted", {E.FAX_NOT_FINISHED}),
    (409, 20009, "", {E.LEGAL_HOLD, E.DOCUMENTS_GONE, E.NUMBER_UNDER_WAY, E.TIME_IS_UP}),
    (400, 21217, "", {E.NO_CARRIER_FOR_NUMBER}),
    (400, ARGUMENT, "", {E.OPTION_UNSUPPORTED}),
    (503, 20503, PLAIN[503][1], {E.FETCH_BUSY, E.CARRIERS_DOWN}),
    (500, 20500, PLAIN[500][1], {E.INTERNAL_ERROR}),
    # what nobody can ask for in this dialect; an argument that is not right all the same
    (400, ARGUMENT, "", causes.NOT_ASKED_FOR),
)  # fmt: skip
OF_CODE: Final[Mapping[E, tuple[int, int, str]]] = {
    each: (status, code, words) for status, code, words, codes in _GROUPS for each in codes
}
# The same mistakes in an address that is to be told of something.
_OF_CALLBACK: Final = {
    E.URL_INVALID: (21408, "is not a valid URL"),
    E.URL_NOT_ALLOWED: (21456, "leads where nothing may be told"),
}
_NAMES: Final = {"callback": "StatusCallback", "webhook_url": "VoiceUrl"}


def refusal_of(error: Exception) -> Refusal:
    """How an error is told; what nobody foresaw is logged, and tells nothing of itself."""
    found = _ours(error) or _of_request(error)
    if found is not None:
        return found
    log.error("a request failed", exc_info=error)
    return plain(500)


def plain(status: int, **headers: str) -> Refusal:
    """What is told of a status by itself."""
    code, message = PLAIN.get(status, PLAIN[500])
    if status == HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": CHALLENGE, **headers}
    return Refusal(status, code, message, headers)


def told(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer that tells of a failure: code, message, more_info, status."""
    body = {
        "code": refusal.code,
        "message": refusal.message,
        "more_info": f"{root_of(request)}/docs/errors/{refusal.code}",
        "status": refusal.status,
    }
    answer = JsonResponse(body, status=refusal.status, headers=dict(refusal.headers))
    return in_dialect(answer)


def _ours(error: Exception) -> Refusal | None:  # noqa: PLR0911 (a table)
    match error:
        case LamlError():
            return error.refusal
        case faxes.InvalidRequest():
            return _of_fax(error.errors[0])
        case faxes.OrderRefused() if isinstance(error.reason, Exception):
            return refusal_of(error.reason)
        case faxes.FaxError():
            return _of_fax(error)
        case faxes.FaxNotFound():
            return plain(404)
        case accounts.AccountsError():
            return _of_accounts(error)
        case _:
            return None


def _of_fax(error: faxes.FaxError) -> Refusal:
    if error.field in _NAMES and error.code in _OF_CALLBACK:
        code, words = _OF_CALLBACK[error.code]
        return Refusal(400, code, f"'{_NAMES[error.field]}' {words}")
    status, code, words = OF_CODE[error.code]
    soon = _SOON if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Refusal(status, code, words or sentence(error), soon)


def _of_accounts(error: accounts.AccountsError) -> Refusal:  # noqa: PLR0911 (a table)
    match error:
        case accounts.AccountSuspended():
            return plain(403)
        case accounts.TooManyRequests():
            return plain(429, **{"Retry-After": str(error.retry_after)})
        case accounts.NotAllowed():  # so the vendor tells of a scope that is missing
            refused = plain(401)
            return Refusal(401, refused.code, "This token may not do that", refused.headers)
        case accounts.AccountNotFound() | accounts.NotThere():
            return plain(404)
        case accounts.MoneyRefused():
            return Refusal(402, 30002, account_words.sentence(error))
        case accounts.LimitReached():
            return plain(429)
        case _:
            return Refusal(400, ARGUMENT, account_words.sentence(error))


def _of_request(error: Exception) -> Refusal | None:
    """What the framework, the database or the door finds wrong with a request."""
    found: Refusal | None = None
    match error:
        case Http404():
            found = plain(404)
        case rest.AuthenticationFailed() | rest.NotAuthenticated():
            found = plain(401)
        case rest.MethodNotAllowed() | rest.NotAcceptable():
            found = plain(error.status_code)
        case RequestDataTooBig():
            found = plain(413)
        case rest.ParseError() | SuspiciousOperation():
            found = plain(400)
        case content.PreconditionFailed():
            found = plain(412)
        case parts.NoSuchRange():
            found = plain(416, **{"Content-Range": f"bytes */{error.size}"})
        case content.NotAcceptable():
            found = plain(406)
        case DatabaseError() | faxes.CannotOpen():
            log.error("the database or storage failed a request", exc_info=error)
            found = plain(503, **_SOON)
        case _:
            pass
    return found
