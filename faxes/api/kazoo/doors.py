"""What stands before all addresses of this dialect: browsers of other origins are let in.

It stands outermost, so that whatever is refused within is told as this dialect tells it, too.
"""

import re
from collections.abc import Callable
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, resolve

from faxes.api.common.doors import must_be_told
from faxes.api.kazoo import envelope
from faxes.api.kazoo.base import verbs_of
from faxes.api.kazoo.errors import plain

PREFIX: Final = "/v2/"
_OLD: Final = re.compile("/v1/(accounts|user_auth|api_auth)(/.*)?")
_ALLOWED: Final = (
    "content-type, depth, user-agent, x-http-method-override, x-file-size, x-requested-with, "
    "if-modified-since, x-file-name, cache-control, x-auth-token, x-kazoo-cluster-id, if-match, "
    "authorization, x-request-id, range, if-none-match"
)
_EXPOSED: Final = (
    "content-type, x-auth-token, x-request-id, x-kazoo-cluster-id, location, etag, "
    "content-range, content-disposition, retry-after"
)
_ALL: Final = "GET, PUT, POST, PATCH, DELETE, HEAD, OPTIONS"


def is_ours(path: str) -> bool:
    """Whether an address is of this dialect."""
    return path.startswith(PREFIX) or path == PREFIX[:-1] or _OLD.fullmatch(path) is not None


def let_in(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer those who ask before they ask, and see to what every answer has."""

    def served(request: HttpRequest) -> HttpResponseBase:
        if not is_ours(request.path_info):
            return get_response(request)
        if len(request.path_info) > len(PREFIX):
            request.path_info = request.path_info.rstrip("/")
        if request.method == "OPTIONS":
            answer: HttpResponseBase = HttpResponse(content_type="application/json")
        else:
            answer = get_response(request)
            if must_be_told(answer):
                answer = _told(request, answer)
        answer["Access-Control-Allow-Origin"] = "*"
        answer["Access-Control-Allow-Methods"] = _verbs(request)
        answer["Access-Control-Allow-Headers"] = _ALLOWED
        answer["Access-Control-Expose-Headers"] = _EXPOSED
        answer["Access-Control-Max-Age"] = "86400"
        answer[envelope.REQUEST_ID] = envelope.request_id_of(request)
        # Another origin may use what it is given, and pages of the portal may not be framed by it.
        answer["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    return served


def _told(request: HttpRequest, answer: HttpResponseBase) -> HttpResponse:
    """What was refused before it came to a view, or failed on the way back."""
    answer.close()
    found = plain(answer.status_code)
    return envelope.failure(
        request, status=found.status, message=found.message, data=found.data, headers=found.headers
    )


def _verbs(request: HttpRequest) -> str:
    found: ResolverMatch | None = request.resolver_match
    if found is None:
        try:
            found = resolve(request.path_info)
        except Http404:
            return _ALL
    view = getattr(found.func, "cls", None)
    verbs = verbs_of(view) if view is not None else []
    return ", ".join(verbs) if len(verbs) > 1 else _ALL
