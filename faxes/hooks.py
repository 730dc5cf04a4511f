"""Addresses that carriers call: where they tell what happens, and fetch the pages of a try.

They hold secrets, so what is refused here is never logged with its address.
"""

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request

from faxes.api.common.content import PreconditionFailed, content_answer
from faxes.errors import CannotOpen
from faxes.parts import NoSuchRange
from faxes.services import carrier_calls
from faxes.services.carrier_calls import Call, NoSuchPlace, NotTheCarrier

log = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]


def _unlogged(*methods: str) -> Callable[[View], View]:
    """Tell of failures without the address: by its status, and to the log by what went wrong."""

    def told_by(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                answer = view(request, *args, **kwargs) if request.method in methods else None
            except Exception as error:  # noqa: BLE001 (told below, each in its way)
                answer = _refusal(error)
            if answer is None:
                answer = _plain(HTTPStatus.METHOD_NOT_ALLOWED, Allow=", ".join(methods))
            answer["Cache-Control"] = "no-store"
            answer["Referrer-Policy"] = "no-referrer"
            answer["X-Robots-Tag"] = "noindex"
            answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 (Django's own mark)
            return answer

        return told

    return told_by


def _refusal(error: Exception) -> HttpResponseBase:
    match error:
        case CannotOpen():  # the carrier may come again
            log.error("pages for a carrier cannot be opened", exc_info=error)
            return _plain(HTTPStatus.SERVICE_UNAVAILABLE, Retry_After="60")
        case NoSuchPlace():
            return _plain(HTTPStatus.NOT_FOUND)
        case NotTheCarrier():
            log.warning("somebody called in a carrier's name: %s", error)
            return _plain(HTTPStatus.FORBIDDEN)
        case PreconditionFailed():
            return _plain(HTTPStatus.PRECONDITION_FAILED)
        case NoSuchRange():
            beyond = f"bytes */{error.size}"
            return _plain(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, Content_Range=beyond)
        case _:
            log.error("a call of a carrier failed", exc_info=error)
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR)


def _plain(status: HTTPStatus, **headers: str) -> HttpResponseBase:
    answer = HttpResponse(f"{status.phrase}\n", status=status, content_type="text/plain")
    for name, value in headers.items():
        answer[name.replace("_", "-")] = value
    return answer


@_unlogged("GET", "POST")
def carrier_call(request: HttpRequest, carrier: UUID, secret: str) -> HttpResponse:
    """Let a carrier tell what happens."""
    call = Call(
        method=str(request.method),
        query=str(request.META.get("QUERY_STRING", "")),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )
    told = carrier_calls.hear(carrier, secret=secret, call=call)
    return HttpResponse(told.body, status=told.status, content_type=told.content_type)


@_unlogged("GET", "HEAD")
def pages(request: HttpRequest, token: str) -> HttpResponseBase:
    """Hand out the pages of a try that is under way."""
    return content_answer(Request(request), carrier_calls.pages_at(token))


urlpatterns: list[URLPattern] = [
    path("carriers/<uuid:carrier>/<str:secret>/", carrier_call, name="carrier-call"),
    path("pages/<str:token>.pdf", pages, name="carrier-pages"),
]
