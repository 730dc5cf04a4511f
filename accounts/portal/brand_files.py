"""A brand's sheet, logo, icons and manifest; and which hosts are served, for the proxy."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.auth.hosts import brand_on
from accounts.services import brands, colours, domains

_FOR_EVER: Final = "public, max-age=31536000, immutable"  # a name says what is in it
_LONGEST: Final = 253
_SHORT: Final = 12  # characters below an icon; what is more is cut off there
_GROUND: Final = "#f6f5f2"  # of the pages, as static/app.css has it
# What a phone offers the portal for when something is shared; the portal itself takes still more.
_SHARED: Final = (
    *("application/pdf", "image/tiff", "image/png", "image/jpeg"),
    *(".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg"),
)


@require_safe
def brand_sheet(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 (anybody)
    """The style sheet of an accent colour."""
    return _kept(colours.sheet(_colour(name)), "text/css; charset=utf-8")


@require_safe
def brand_icon(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 (anybody)
    """The icon in an accent colour."""
    return _kept(colours.icon(_colour(name)), "image/svg+xml")


@require_safe
def brand_icon_full(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 (anybody)
    """The icon with colour to its edges, for a phone to cut to its own shape."""
    return _kept(colours.icon(_colour(name), full=True), "image/svg+xml")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone or a desk needs to keep the portal as an app, in the brand of who asks.

    Nothing is kept for use without a network: a fax has no business in a browser's store.
    """
    brand = brand_on(request)
    icon, full = brand.app_icon_urls
    told = {
        "id": reverse("home"),
        "name": brand.product_name,
        "short_name": brand.product_name[:_SHORT],
        "start_url": reverse("home"),
        "scope": reverse("home"),
        "display": "standalone",
        "theme_color": brand.accent or colours.DEFAULT,
        "background_color": _GROUND,
        "icons": [
            {"src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": full, "sizes": "any", "type": "image/svg+xml", "purpose": "maskable"},
        ],
        "share_target": {
            "action": reverse("share"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "documents", "accept": list(_SHARED)}]},
        },
    }
    response = JsonResponse(told, content_type="application/manifest+json")
    response["Cache-Control"] = "private, no-cache"  # another person may have another brand
    patch_vary_headers(response, ["Cookie"])
    return response


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
