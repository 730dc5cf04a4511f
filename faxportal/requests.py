"""Each request has an id, which its answer tells and all lines of the log that come of it."""

import logging
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from accounts import at_work, tallies, tracing

log = logging.getLogger(__name__)
HEADER: Final = "X-Request-ID"
_FIT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class NameRequests:
    """Middleware: the id of each request, and if wished a line about it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with everything that is logged meanwhile under the request's id."""
        began = time.monotonic()
        known = id_of(request)
        with (
            at_work.working_on(request=known),
            tracing.traced(_method(request), "server") as traced,
        ):
            answer = self._get_response(request)
            answer.headers.setdefault(HEADER, known)
            took = time.monotonic() - began
            _trace(request, answer, traced)
            _count(request, answer, took)
            if settings.LOG_REQUESTS:
                _tell(request, answer, took)
            # what Django logs of answers like 404 comes after all middleware
            request.at_work = at_work.at_work()  # type: ignore[attr-defined]
        return answer

    def process_view(
        self, _request: HttpRequest, _view: object, _args: object, kwargs: dict[str, Any]
    ) -> None:
        """Note the fax that the address names; whether it is the asker's is found out later."""
        if isinstance(kwargs.get("fax"), UUID):
            at_work.note(fax=kwargs["fax"])


def id_of(request: HttpRequest) -> str:
    """The id that a proxy of ours gave the request, if it is fit to be told again; else a new one.

    Without proxies of ours a client would choose what it is logged by.
    """
    proxies: int = settings.TRUSTED_PROXIES
    passed = request.META.get("HTTP_X_FORWARDED_FOR", "").count(",") + 1
    given = request.headers.get(HEADER, "")
    if proxies and "HTTP_X_FORWARDED_FOR" in request.META and passed >= proxies:
        return given if _FIT.fullmatch(given) else at_work.new_request()
    return at_work.new_request()


def _tell(request: HttpRequest, answer: HttpResponseBase, seconds: float) -> None:
    """A line about the request: the pattern of its address, as the address may open something."""
    match = request.resolver_match
    place = f"/{match.route}" if match is not None else "an address of nothing"
    log.info("%s %s %s in %.0f ms", _method(request), place, answer.status_code, seconds * 1000)


def _count(request: HttpRequest, answer: HttpResponseBase, seconds: float) -> None:
    """Count the request by the name of its route, which is the code's own word."""
    match = request.resolver_match
    route = match.view_name if match is not None else "none"
    labels = (route, _method(request), f"{answer.status_code // 100}xx")
    tallies.tallies().add(tallies.REQUESTS, labels, seconds)


def _trace(request: HttpRequest, answer: HttpResponseBase, traced: tracing.Traced) -> None:
    """Name the trace by the pattern of the address (semantic conventions for HTTP spans)."""
    method, match = _method(request), request.resolver_match
    traced.tell({"http.request.method": method, "http.response.status_code": answer.status_code})
    if match is not None:
        traced.call(f"{method} /{match.route}")
        traced.tell({"http.route": f"/{match.route}"})
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        traced.fail()


def _method(request: HttpRequest) -> str:
    return request.method if request.method in _METHODS else "OTHER"


_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
