"""Pages for what goes wrong, in the brand of whoever asked, as far as that can be found out."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from accounts.services.paper_keys import CannotSign
from faxes.errors import CannotOpen

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (logged by Django)
    """400."""
    return _told(request, 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _told(request, 500)


class TellWhatCannotBeOpened:
    """Middleware: 503 for what cannot be opened or signed at present, and a line in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """As ever."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page about it; of all else others tell."""
        if not isinstance(exception, CannotOpen | CannotSign):
            return None
        log.error("%s: %s: %s", request.path, type(exception).__name__, exception)
        return _told(request, 503)


def _told(request: HttpRequest, status: int) -> HttpResponse:
    page = f"{status}.html"
    try:
        return render(request, page, status=status)
    except Exception:  # whatever went wrong may go wrong again: a page without a brand is a page
        log.exception("a page about an error could not have its brand")
        return HttpResponse(render_to_string(page), status=status)
