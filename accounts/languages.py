"""Languages: which the portal speaks, and in which of them it speaks to somebody.

A person's own choice counts first, then what their browser says, then their account's; else it is
English. Programs are always told in English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

ENGLISH: Final = "en"  # what programs are told in
# The first letter of a noun is large wherever it stands.
_LARGE_NOUNS: Final = frozenset({"de"})


def choices() -> list[tuple[str, str]]:
    """All languages, each by its own name."""
    return list(settings.LANGUAGES)


def known(code: str | None) -> str:
    """The language of this code, or of the part of it that the portal speaks; empty if none."""
    try:
        return translation.get_supported_language_variant(code) if code else ""
    except LookupError:
        return ""


def wished(request: HttpRequest) -> str:
    """What was chosen in this browser, or its settings ask for; empty if neither is known here."""
    if chosen := known(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)):
        return chosen
    asked = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return next((found for code, _ in asked if (found := known(code))), "")


def of_reader(person: Any, account: Any) -> str:
    """What somebody reads whose browser is not at hand: a person, or None, of an account."""
    chosen = known(person.language) if person is not None else ""
    return chosen or of_account(account)


def of_account(account: Any) -> str:
    """What an account's own papers are in, and whatever it says to nobody in particular."""
    return known(account.language) or str(settings.LANGUAGE_CODE)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language for a while."""
    with translation.override(code):
        yield


def inside(text: str) -> str:
    """Words that begin a sentence elsewhere, as they stand inside of one."""
    if (translation.get_language() or "").partition("-")[0] in _LARGE_NOUNS:
        return text
    return text[:1].lower() + text[1:]
