"""The one table from what can go wrong to this dialect's codes and their statuses.

The vendor's document has the codes and what each means; it leaves the statuses open.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as rest

from accounts import errors as accounts
from accounts import wording as account_words
from faxes import errors as faxes
from faxes import parts
from faxes.api.common import causes, content
from faxes.enums import ErrorCode
from faxes.wire.fax2 import Code
from faxes.wording import sentence

log = logging.getLogger(__name__)
_C = ErrorCode


STATUSES: Final[Mapping[Code, int]] = {
    Code.INVALID_REQUEST: 400,
    Code.UNSUPPORTED_GRANT_TYPE: 400,
    Code.INVALID_CLIENT: 401,
    Code.FORBIDDEN: 403,
    Code.UNAUTHORIZED: 401,
    Code.INVALID_ENDPOINT: 404,
    Code.NOT_FOUND: 404,
    Code.BAD_PARAMETER: 400,
    Code.INSUFFICIENT_CREDIT: 402,
    Code.UNSUPPORTED_DOCUMENT_TYPE: 415,
    Code.EMPTY_DOCUMENT: 422,
    Code.CONVERSION_ERROR: 422,
    Code.TOO_MANY_REQUESTS: 429,
    Code.UNKNOWN_ERROR: 500,
}
MEANINGS: Final[Mapping[Code, str]] = {
    Code.INVALID_REQUEST: "Something is missing or invalid in the request.",
    Code.UNSUPPORTED_GRANT_TYPE: "The grant_type must be client_credentials.",
    Code.INVALID_CLIENT: "The username or the password is incorrect.",
    Code.FORBIDDEN: "The account being used is not permitted to access the given resource.",
    Code.UNAUTHORIZED: "The access token is missing, invalid or expired.",
    Code.INVALID_ENDPOINT: "There is no such endpoint, or not for this method.",
    Code.NOT_FOUND: "The resource requested does not exist.",
    Code.BAD_PARAMETER: "A parameter is invalid, missing or unknown.",
    Code.INSUFFICIENT_CREDIT: "The account has insufficient credit to send the fax.",
    Code.UNSUPPORTED_DOCUMENT_TYPE: "Documents of this type cannot be faxed.",
    Code.EMPTY_DOCUMENT: "The document contains no pages to fax.",
    Code.CONVERSION_ERROR: "The document could not be converted to fax format.",
    Code.TOO_MANY_REQUESTS: "There were too many requests. Ask again later.",
    Code.UNKNOWN_ERROR: "An unexpected error occurred.",
}
_EMPTY: Final = frozenset({_C.DOCUMENT_EMPTY, _C.DOCUMENT_NO_PAGES})
# What a document was declared as is looked at first, so its type is wrong by its content here.
_UNCONVERTED: Final = causes.DOCUMENT_UNFIT - _EMPTY
# The account may not, whatever is asked.
_BARRED: Final = causes.NO_SENDER | causes.LIMITS | {_C.DO_NOT_FAX}
_ASKED_WRONG: Final = frozenset(
    {
        _C.DOCUMENT_MISSING,
        _C.TOO_MANY_DOCUMENTS,
        _C.UPLOAD_NOT_FOUND,
        _C.NUMBER_MISSING,
        _C.NUMBER_INVALID,
        _C.EXTENSION_UNKNOWN,
        _C.TOO_MANY_NUMBERS,
    }
)
# What belongs to none of these is about something that this dialect has no word for.
HANDLED: Final = (
    _EMPTY
    | _UNCONVERTED
    | causes.UNPAID
    | _BARRED
    | _ASKED_WRONG
    | causes.ON_THE_WAY
    | {_C.INTERNAL_ERROR}
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a failure is told; ``parameter`` is the one at fault, if one is."""

    code: Code
    description: str = ""
    parameter: str = ""
    status: int = 0  # if not that of the code
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def http_status(self) -> int:
        """The status of the answer."""
        return self.status or STATUSES[self.code]


class Fax2Error(Exception):
    """What a request cannot have, told as it stands."""

    def __init__(
        self, code: Code, description: str = "", *, parameter: str = "", status: int = 0
    ) -> None:
        super().__init__(code.value)
        self.refusal = Refusal(code, description, parameter, status)


class BadParameter(Fax2Error):
    """A parameter is invalid, missing or unknown."""

    def __init__(self, parameter: str, description: str) -> None:
        super().__init__(Code.BAD_PARAMETER, description, parameter=parameter)


def refusal_of(error: Exception, names: Mapping[str, str]) -> Refusal:
    """How an error is told; ``names`` are the endpoint's own for fields of ours.

    What nobody foresaw is logged, and tells nothing of itself.
    """
    found = _ours(error, names) or _of_request(error)
    if found is not None:
        return found
    log.error("a request failed", exc_info=error)
    return Refusal(Code.UNKNOWN_ERROR)


# What the portal's own sentences say to people who look at its pages.
_IN_OTHER_WORDS: Final = {
    _C.DOCUMENT_TYPE_UNSUPPORTED: (
        "The content of the document is not of the type that it is declared as."
    ),
    _C.UPLOAD_NOT_FOUND: "There is no document of this id, or it has expired. Upload it again.",
    _C.FROM_NUMBER_MISSING: "The account has no fax service to send from.",
    _C.FAXBOX_UNCLEAR: "The account has no fax service to send from.",
    _C.FAXBOX_NOT_FOUND: "The account has no fax service to send from.",
}


def code_of(code: ErrorCode) -> Code:
    """The code of one thing that is wrong with a document or a fax."""
    if code in _EMPTY:
        return Code.EMPTY_DOCUMENT
    if code in _UNCONVERTED:
        return Code.CONVERSION_ERROR
    if code in causes.UNPAID:
        return Code.INSUFFICIENT_CREDIT
    if code in _BARRED:
        return Code.FORBIDDEN
    ours = {_C.INTERNAL_ERROR, _C.CARRIERS_DOWN}
    return Code.UNKNOWN_ERROR if code in ours else Code.BAD_PARAMETER


def _ours(error: Exception, names: Mapping[str, str]) -> Refusal | None:  # noqa: PLR0911 (a table)
    match error:
        case Fax2Error():
            return error.refusal
        case faxes.InvalidRequest():
            return _of_fax(error.errors[0], names)
        case faxes.FaxError():
            return _of_fax(error, names)
        case faxes.FaxNotFound() | accounts.NotThere() | accounts.AccountNotFound() | Http404():
            return Refusal(Code.NOT_FOUND)
        case accounts.NotAllowed() | accounts.AccountSuspended():
            return Refusal(Code.FORBIDDEN)
        case accounts.CredentialsWrong():
            return Refusal(Code.INVALID_CLIENT, headers={"WWW-Authenticate": "Basic"})
        case accounts.TooManyRequests():
            again = {"Retry-After": str(error.retry_after)}
            return Refusal(Code.TOO_MANY_REQUESTS, headers=again)
        case accounts.MoneyRefused():
            return Refusal(Code.INSUFFICIENT_CREDIT, account_words.sentence(error))
        case accounts.AccountsError():
            return Refusal(Code.FORBIDDEN, account_words.sentence(error))
        case _:
            return None


def _of_fax(error: faxes.FaxError, names: Mapping[str, str]) -> Refusal:
    code, parameter = code_of(error.code), names.get(error.field, "")
    if code in {Code.EMPTY_DOCUMENT, Code.CONVERSION_ERROR} and "to" in names:
        code = Code.BAD_PARAMETER  # each by itself was converted; so many cannot go together
    if code == Code.UNKNOWN_ERROR:
        return Refusal(code)
    return Refusal(code, _IN_OTHER_WORDS.get(error.code) or sentence(error), parameter)


def _of_request(error: Exception) -> Refusal | None:  # noqa: PLR0911 (a table)
    """What the framework or the database finds wrong with a request."""
    match error:
        case rest.AuthenticationFailed() | rest.NotAuthenticated():
            return Refusal(Code.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
        case rest.MethodNotAllowed():
            return Refusal(Code.INVALID_ENDPOINT, status=HTTPStatus.METHOD_NOT_ALLOWED)
        case RequestDataTooBig():
            return plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        case SuspiciousOperation() | BadRequest() | MultiPartParserError() | UnreadablePostError():
            return plain(HTTPStatus.BAD_REQUEST)
        case rest.ParseError():
            return plain(HTTPStatus.BAD_REQUEST)
        case content.PreconditionFailed():
            return plain(HTTPStatus.PRECONDITION_FAILED)
        case parts.NoSuchRange():
            beyond = {"Content-Range": f"bytes */{error.size}"}
            return Refusal(
                Code.BAD_PARAMETER, "There is no such range.", status=416, headers=beyond
            )
        case DatabaseError() | faxes.CannotOpen():
            log.error("the database or storage failed a request", exc_info=error)
            return plain(HTTPStatus.SERVICE_UNAVAILABLE)
        case _:
            return None


_PLAIN: Final[Mapping[int, tuple[Code, str]]] = {
    400: (Code.BAD_PARAMETER, "The request cannot be read."),
    404: (Code.INVALID_ENDPOINT, ""),
    405: (Code.INVALID_ENDPOINT, ""),
    411: (Code.INVALID_REQUEST, "Send the request with a Content-Length."),
    412: (Code.BAD_PARAMETER, "The precondition failed."),
    413: (Code.BAD_PARAMETER, "The request is too large."),
}


def plain(status: int) -> Refusal:
    """What is told of a status by itself, such as by what guards all requests."""
    code, description = _PLAIN.get(status, (Code.UNKNOWN_ERROR, ""))
    return Refusal(code, description, status=int(status))
