"""The one table from what can go wrong to status, code and sentence, as clients test for them."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions as rest

from accounts import errors as accounts
from faxes import errors as faxes
from faxes.api.common import causes
from faxes.enums import ErrorCode as E
from faxes.wire.voipnow import Code
from faxes.wording import sentence

log = logging.getLogger(__name__)


class Told(Enum):
    """Status, code and sentence. The first four are the vendor's document's own."""

    RECIPIENTS = (
        400,
        Code.RECIPIENTS,
        "Value supplied in the Recipients parameter is missing or invalid.",
    )
    FILE = (
        400,
        Code.FILE,
        (
            "One of the files that must be sent as fax are invalid. "
            "Allowed file types are: jpg, tif, pdf and txt."
        ),
    )
    MAX_FILES = (
        400,
        Code.MAX_FILES,
        "Failed to send the fax because the number of files that can be sent was exceeded.",
    )
    INTERNAL = (
        400,
        Code.INTERNAL,
        "Failed to send the fax due to an internal error.",
    )
    MALFORMED = (400, "bad_request", "The request cannot be read.")
    UNAUTHORIZED = (401, "unauthorized", "The access token is missing, wrong or has expired.")
    FORBIDDEN = (403, "forbidden", "This token may not send from this extension or for this user.")
    NOT_FOUND = (404, "not_found", "There is no such user or extension.")
    NOTHING_HERE = (404, "not_found", "There is nothing at this address.")
    METHOD = (405, "method_not_allowed", "Faxes are sent by POST.")
    LENGTH = (411, "length_required", "Send the request with a Content-Length.")
    TOO_LARGE = (413, "request_too_large", "The request is too large.")
    TOO_MANY = (429, "too_many_requests", "Too many requests. Try again later.")
    UNAVAILABLE = (503, "service_unavailable", "This cannot be done at present. Try again later.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a failure is told."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


class VoipNowError(Exception):
    """What a request cannot have, told as it stands."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.value[1])
        self.told = told


def refusal(told: Told, message: str = "", **headers: str) -> Refusal:
    """How it is told; ``message`` instead of the sentence of the table."""
    status, code, words = told.value
    if told == Told.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="fax portal"'
    return Refusal(status, code, message or words, headers)


def _table() -> dict[E, Told]:
    """What each code of ours is here; of those that are forbidden the portal's sentence is told."""
    groups: dict[Told, Iterable[E]] = {
        Told.RECIPIENTS: (
            E.NUMBER_MISSING, E.NUMBER_INVALID, E.TOO_MANY_NUMBERS, E.EXTENSION_UNKNOWN,
            E.NO_CARRIER_FOR_NUMBER,
        ),
        Told.FILE: (*causes.DOCUMENT_UNFIT, E.DOCUMENT_MISSING),
        Told.MAX_FILES: (E.TOO_MANY_DOCUMENTS,),
        Told.FORBIDDEN: (
            *causes.NO_SENDER, *causes.UNPAID, *causes.LIMITS, E.OPTION_UNSUPPORTED,
            E.DO_NOT_FAX,
        ),
        Told.UNAVAILABLE: (E.FETCH_BUSY, E.CARRIERS_DOWN),
        # what nobody can ask for in this dialect
        Told.INTERNAL: (
            *causes.NOT_ASKED_FOR, *causes.NOT_FETCHED, E.INTERNAL_ERROR, E.NUMBER_UNDER_WAY,
            E.QUALITY_INVALID, E.CURSOR_INVALID, E.URL_INVALID, E.URL_NOT_ALLOWED,
            E.FAX_ON_THE_LINE, E.FAX_FINISHED, E.FAX_NOT_FINISHED, E.FAX_CAME_IN,
            E.DOCUMENTS_GONE, E.TIME_IS_UP, E.LEGAL_HOLD,
        ),
    }  # fmt: skip
    return {code: told for told, codes in groups.items() for code in codes}


OF_CODE: Final[Mapping[E, Told]] = _table()
# Of several things that are wrong, the first of these is told.
_FIRST: Final = (Told.RECIPIENTS, Told.MAX_FILES, Told.FILE, Told.FORBIDDEN)
_PLAIN: Final[Mapping[int, Told]] = {
    400: Told.MALFORMED,
    401: Told.UNAUTHORIZED,
    403: Told.FORBIDDEN,
    404: Told.NOTHING_HERE,
    405: Told.METHOD,
    411: Told.LENGTH,
    413: Told.TOO_LARGE,
    429: Told.TOO_MANY,
    503: Told.UNAVAILABLE,
}


def plain(status: int) -> Refusal:
    """What is told of a status by itself, such as from what guards all requests."""
    return refusal(_PLAIN.get(status, Told.INTERNAL))


def refusal_of(error: Exception) -> Refusal:
    """How an error is told; what nobody foresaw is logged, and tells nothing of itself."""
    try:
        found = _ours(error) or _of_request(error)
    except Exception:
        log.exception("an error could not be told")  # to tell of one must not be another
        found = None
    if found is not None:
        return found
    log.error("a request failed", exc_info=error)
    return refusal(Told.INTERNAL)


def _ours(error: Exception) -> Refusal | None:
    match error:
        case VoipNowError():
            return refusal(error.told)
        case faxes.InvalidRequest():
            return _of_faxes(error.errors)
        case faxes.FaxError():
            return _of_faxes((error,))
        case accounts.AccountsError():
            return _of_accounts(error)
        case _:
            return None


def _of_faxes(errors: tuple[faxes.FaxError, ...]) -> Refusal:
    by_told: dict[Told, faxes.FaxError] = {}
    for each in errors:
        by_told.setdefault(OF_CODE.get(each.code, Told.INTERNAL), each)
    told = next((each for each in _FIRST if each in by_told), next(iter(by_told), Told.INTERNAL))
    if told == Told.FORBIDDEN:
        return refusal(told, sentence(by_told[told]))
    if told == Told.INTERNAL:
        log.error("a fax was refused for what cannot be asked for", exc_info=by_told.get(told))
    return refusal(told)


def _of_accounts(error: accounts.AccountsError) -> Refusal | None:
    match error:
        case accounts.TooManyRequests():
            return refusal(Told.TOO_MANY, **{"Retry-After": str(error.retry_after)})
        case accounts.AccountNotFound() | accounts.NotThere() | accounts.AccountClosed():
            return refusal(Told.NOT_FOUND)
        case accounts.AccountSuspended():
            return refusal(Told.FORBIDDEN, "This account is suspended.")
        case accounts.NotAllowed() | accounts.MoneyRefused() | accounts.LimitReached():
            return refusal(Told.FORBIDDEN)
        case _:
            return None


def _of_request(error: Exception) -> Refusal | None:  # noqa: PLR0911 (a table)
    """What the framework finds wrong with a request."""
    match error:
        case rest.AuthenticationFailed() | rest.NotAuthenticated():
            return refusal(Told.UNAUTHORIZED)
        case rest.APIException():
            return plain(error.status_code)
        case Http404():
            return refusal(Told.NOTHING_HERE)
        case faxes.CannotOpen():
            log.error("storage failed a request", exc_info=error)
            return refusal(Told.UNAVAILABLE)
        case RequestDataTooBig():
            return refusal(Told.TOO_LARGE)
        case SuspiciousOperation():
            return refusal(Told.MALFORMED)
        case _:
            return None
