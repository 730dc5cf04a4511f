"""Pages for what goes wrong, in the brand of whoever asked, as far as that can be found out."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (logged by Django)
    """400."""
    return _told(request, 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _told(request, 500)


def _told(request: HttpRequest, status: int) -> HttpResponse:
    page = f"{status}.html"
    try:
        return render(request, page, status=status)
    except Exception:  # whatever went wrong may go wrong again: a page without a brand is a page
        log.exception("a page about an error could not have its brand")
        return HttpResponse(render_to_string(page), status=status)
