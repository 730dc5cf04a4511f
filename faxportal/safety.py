"""What browsers are told beside Django's own: who may load what, what to use, what to forget."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound
from django.http.response import HttpResponseRedirectBase
from django.urls import reverse

from accounts import clock

_RESOURCES: Final = "Cross-Origin-Resource-Policy"
_USES: Final = "Permissions-Policy"
_NOTHING_BUT: Final = (
    "accelerometer=(), autoplay=(), browsing-topics=(), camera=(self), "
    "display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), "
    "midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()"
)
_CONTACT_HOLDS_FOR: Final = timedelta(days=180)


def tell_browsers(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Say so with every answer, unless whoever answers has said otherwise."""

    def told(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        answer.headers.setdefault(_RESOURCES, "same-origin")
        answer.headers.setdefault(_USES, _NOTHING_BUT)
        if request.path_info == reverse("account_logout") and _signed_out(request, answer):
            answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    return told


def _signed_out(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """Whether somebody's session has just ended; a form that was refused has ended none."""
    done = isinstance(answer, HttpResponseRedirectBase) and request.method == "POST"
    over = settings.SESSION_COOKIE_NAME in answer.cookies
    return done and over and not request.user.is_authenticated


def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness (RFC 9116)."""
    if not settings.SECURITY_CONTACT:
        return HttpResponseNotFound()
    expires = (clock.now() + _CONTACT_HOLDS_FOR).replace(microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires.isoformat()}",
        f"Canonical: {settings.BASE_URL}{request.path}",
        "Preferred-Languages: en",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
