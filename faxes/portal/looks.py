"""How somebody likes their lists: close or wide rows, keys or none. Their browser remembers it."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.auth.portal import AccountRequest
from faxes.portal.page import account_page
from faxes.portal.places import back_to

_YEAR: Final = 365 * 24 * 3600
_CHOICES: Final = {"density": ("comfortable", "compact"), "keys": ("on", "off")}


@dataclass(frozen=True, slots=True)
class Look:
    """What was chosen, or what most like."""

    compact: bool
    keys: bool


def look_of(request: AccountRequest) -> Look:
    """How the one who asks likes their lists."""
    return Look(
        compact=request.COOKIES.get("density") == "compact",
        keys=request.COOKIES.get("keys") != "off",
    )


@account_page
@require_POST
def look_set(request: AccountRequest) -> HttpResponse:
    """Remember what was chosen; words that mean nothing change nothing."""
    answer = back_to(request)
    for name, choices in _CHOICES.items():
        if (chosen := request.POST.get(name)) in choices:
            answer.set_cookie(
                name,
                chosen,
                max_age=_YEAR,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
    return answer
