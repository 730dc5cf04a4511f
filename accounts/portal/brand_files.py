"""A brand's sheet, logo and icon, for everybody; and which hosts are served, for the proxy."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.services import brands, colours, domains

_FOR_EVER: Final = "public, max-age=31536000, immutable"  # a name says what is in it
_LONGEST: Final = 253


@require_safe
def brand_sheet(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 (anybody)
    """The style sheet of an accent colour."""
    return _kept(colours.sheet(_colour(name)), "text/css; charset=utf-8")


@require_safe
def brand_icon(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 (anybody)
    """The icon in an accent colour."""
    return _kept(colours.icon(_colour(name)), "image/svg+xml")


@require_safe
def brand_logo(request: HttpRequest, digest: str) -> HttpResponse:  # noqa: ARG001 (anybody)
    """A logo."""
    data = brands.logo_data(digest)
    if data is None:
        raise Http404
    return _kept(data, "image/png")


@require_safe
def brand_domain(request: HttpRequest) -> HttpResponse:
    """Whether a host is served: 200 or 404, for a proxy that is about to get a certificate."""
    if not domains.is_served(request.GET.get("domain", "")[:_LONGEST]):
        return HttpResponse("no\n", status=404, content_type="text/plain")
    return HttpResponse("yes\n", content_type="text/plain")


def _colour(name: str) -> str:
    colour = colours.named(name)
    if colour is None:
        raise Http404
    return colour


def _kept(content: str | bytes, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Cache-Control"] = _FOR_EVER
    return response
