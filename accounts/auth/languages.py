"""A page speaks its reader's language, in their time zone; programs are answered in English."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from accounts import languages, zones
from accounts.models import Account

# Where views are that answer programs, or say nothing in words.
_SILENT: Final = (
    "faxes.api.",
    "faxes.hooks",
    "faxportal.health",
    "accounts.portal.brand_files",
    "drf_spectacular.",
)
_SPEAKING: Final = ("text/html", "application/pdf")  # kinds of answers that have words
_PROGRAMS: Final = frozenset({"oauth-token", "oauth-token-php", "oauth-revoke", "oauth-metadata"})


class SpeakTheirLanguage:
    """Speak what the person chose, or the browser asks for, while a page is made.

    Where neither is known, a page of an account is in the account's language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the language that is wished for, and let caches know."""
        request.wish = languages.wished(request)  # type: ignore[attr-defined]
        request.in_words = True  # type: ignore[attr-defined]
        translation.activate(request.wish or languages.ENGLISH)  # type: ignore[attr-defined]
        try:
            response = self._get_response(request)
            kind = response.headers.get("Content-Type", "")
            if request.in_words and kind.startswith(_SPEAKING):  # type: ignore[attr-defined]
                response.headers.setdefault("Content-Language", translation.get_language() or "")
                patch_vary_headers(response, ("Accept-Language", "Cookie"))
            return response
        finally:
            translation.deactivate()
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_: object
    ) -> HttpResponseBase | None:
        """Know what is a page, and who reads it."""
        match = request.resolver_match
        if f"{view.__module__}.".startswith(_SILENT) or (match and match.url_name in _PROGRAMS):
            request.in_words = False  # type: ignore[attr-defined]
            translation.activate(languages.ENGLISH)
            return None
        user = getattr(request, "user", None)
        if (zone := zones.chosen_by(user)) is not None:
            timezone.activate(zone)
        if user is not None and user.is_authenticated and (own := languages.known(user.language)):
            request.wish = own  # type: ignore[attr-defined]
            translation.activate(own)
        return None


def speak_of(request: HttpRequest, account: Account) -> None:
    """Speak an account's language from now on, to who asks for no other."""
    if not getattr(request, "wish", ""):
        translation.activate(languages.of_account(account))
