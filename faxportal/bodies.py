"""What a request may carry: refused by its length, before anything of it is read."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts import languages
from accounts.services.paper_signatures import MOST_BYTES
from faxes.api.native.problems import MEDIA_TYPE, Fault, body

_MIB: Final = 1024 * 1024
_ELSEWHERE: Final = _MIB  # forms of words only
_API: Final = "/api/"
_HOOKS: Final = "/hooks/"
_OF_CARRIERS: Final = 256 * 1024
_DOCUMENTS_AT_ONCE: Final = 4  # of the largest size
_WITH_DOCUMENTS: Final = ("/a/", "/share/", "/v1/upload_document", "/uapi/", "/unifiedapi/")
_CODES: Final = {400: "request_malformed", 411: "length_required", 413: "request_too_large"}


def limit_bodies(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Refuse what is too large with 413, and what does not say how large it is with 411.

    And an address with a NUL in it with 400: PostgreSQL takes none in a text. Forms see to theirs.
    """

    def limited(request: HttpRequest) -> HttpResponseBase:
        return _refusal(request) or get_response(request)

    return limited


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
        return _told(request, 400, "This address cannot be meant.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.META.get("HTTP_TRANSFER_ENCODING") or not (length.isascii() and length.isdigit()):
        return _told(request, 411, "Say how long the request is: send it with a Content-Length.")
    most = _most(request)
    if int(length) <= most:
        return None
    megabytes = f"{most // _MIB or most / _MIB:g}"
    if "text/html" in request.headers.get("Accept", "") and not request.path_info.startswith(_API):
        with translation.override(languages.wished(request) or languages.ENGLISH):
            return HttpResponse(render_to_string("413.html", {"most": megabytes}), status=413)
    told = f"This is too much at once: at most {megabytes} MB may be sent here."
    return _told(request, 413, told)


def _most(request: HttpRequest) -> int:
    """How many bytes may be sent there; JSON, which is held in memory: one of the largest size."""
    api = request.path_info.startswith(_API)
    if request.path_info.startswith("/v2/"):  # one document, perhaps in base64
        return settings.MAX_UPLOAD_BYTES * 4 // 3 + 2 * _MIB
    if api and "json" in request.META.get("CONTENT_TYPE", ""):
        return settings.MAX_UPLOAD_BYTES * 4 // 3 + 2 * _MIB
    if api or request.path_info.startswith(_WITH_DOCUMENTS):
        return _DOCUMENTS_AT_ONCE * int(settings.MAX_UPLOAD_BYTES)
    if request.path_info == reverse("check"):
        return MOST_BYTES + _MIB // 16  # and what a form needs around it
    return _OF_CARRIERS if request.path_info.startswith(_HOOKS) else _ELSEWHERE


def _told(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if request.path_info.startswith(_API):
        fault = Fault(_CODES[status], sentence)
        return JsonResponse(body(status, [fault]), status=status, content_type=MEDIA_TYPE)
    answer = HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
    # an address that holds a secret is not logged
    answer._has_been_logged = request.path_info.startswith(_HOOKS)  # type: ignore[attr-defined]  # noqa: SLF001
    return answer
