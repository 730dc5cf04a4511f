"""Browsers in which somebody signed in before, known again by a signed cookie.

Tries to sign in with a wrong password are counted apart for browsers that are known and for all
that are not, so that a stranger who keeps trying locks out strangers and not the person. It also
tells when somebody signs in on a new device.
"""

import secrets
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

_SALT: Final = "known browser"
_SECONDS: Final = 400 * 24 * 3600  # browsers keep no cookie longer
_MOST: Final = 20  # people who share a browser


def mark_of(request: HttpRequest, email: str) -> str:
    """What this browser is known by for a person; empty if they never signed in here."""
    return _marks(request).get(_key(email), "")


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Let the browser be known again for this person."""
    marks, key = _marks(request), _key(email)
    mark = marks.pop(key, "") or secrets.token_hex(8)
    kept = dict([*marks.items(), (key, mark)][-_MOST:])
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        signing.dumps(kept, salt=_SALT),
        max_age=_SECONDS,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def _marks(request: HttpRequest) -> dict[str, str]:
    written = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    try:
        marks = signing.loads(written, salt=_SALT, max_age=_SECONDS)
    except signing.BadSignature:
        return {}
    return dict(marks)


def _key(email: str) -> str:
    return salted_hmac(_SALT, email.strip().lower()).hexdigest()[:16]
