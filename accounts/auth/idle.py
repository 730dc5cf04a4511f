"""A log-in ends when its person has done nothing for a while, and after a working day anyway."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from accounts import clock

_BEGAN: Final = "began"
_ACTED: Final = "acted"
_NOTED_EVERY: Final = 60  # seconds; each note is a row written


def end_idle(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Sign out whoever has done nothing for too long, or signed in too long ago."""

    def guarded(request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            _look(request)
        return get_response(request)

    return guarded


def _look(request: HttpRequest) -> None:
    now = int(clock.now().timestamp())
    session = request.session
    began = session.setdefault(_BEGAN, now)
    acted = session.setdefault(_ACTED, now)
    if now - began >= settings.SESSION_COOKIE_AGE or now - acted >= settings.SESSION_IDLE_SECONDS:
        logout(request)
        messages.info(request, _("You were signed out, as nothing was done here for a while."))
    elif now - acted >= _NOTED_EVERY and _is_somebody(request):
        session[_ACTED] = now


def _is_somebody(request: HttpRequest) -> bool:
    """Whether a person did something: pages look for news and load pictures by themselves."""
    by_itself = "X-Fragment" in request.headers
    return not by_itself and request.headers.get("Sec-Fetch-Dest") not in {"image", "style", "font"}
