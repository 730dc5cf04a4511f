"""What a request may carry: refused by its length, before anything of it is read."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

_MIB: Final = 1024 * 1024
_ELSEWHERE: Final = _MIB  # forms of words only
_DOCUMENTS_AT_ONCE: Final = 4  # of the largest size


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
        return _plain(400, "This address cannot be meant.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.META.get("HTTP_TRANSFER_ENCODING") or not (length.isascii() and length.isdigit()):
        return _plain(411, "Say how long the request is: send it with a Content-Length.")
    inside = request.path_info.startswith("/a/")
    most = _DOCUMENTS_AT_ONCE * settings.MAX_UPLOAD_BYTES if inside else _ELSEWHERE
    if int(length) <= most:
        return None
    return _plain(413, f"This is too much at once: at most {most // _MIB} MB may be sent here.")


def _plain(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
