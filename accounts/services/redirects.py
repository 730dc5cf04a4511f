"""Where OAuth clients let people come back to: what may be registered, and what then matches."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from oauthlib.uri_validate import is_absolute_uri

from accounts.errors import RedirectInvalid

_MOST: Final = 10
_LONGEST: Final = 2000
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_WORD: Final = re.compile(r"[!-~]+")  # what an address is written with


def read_redirects(written: str) -> list[str]:
    """The addresses that were typed, one a line; each once.

    They are of https, or of this computer by plain http (RFC 8252, 7.3), whole and without a
    fragment (RFC 6749, 3.1.2).

    Raises:
        RedirectInvalid: one cannot be, or they are too many.

    """
    found = list(dict.fromkeys(written.split()))
    if len(found) > _MOST or not all(_can_be(each) for each in found):
        raise RedirectInvalid
    return found


def is_registered(address: str, registered: Sequence[str]) -> bool:
    """Whether an address is one of a client's, to the letter.

    On this computer any port will do: such a program takes whichever is free (RFC 8252, 7.3).
    """
    if address in registered:
        return True
    bare = _without_port(address)
    return bare is not None and any(bare == _without_port(each) for each in registered)


def origin_of(address: str) -> str:
    """Scheme, host and port of a registered address, as rules for browsers name them."""
    parts = urlsplit(address)
    if ":" in (parts.hostname or ""):
        return f"{parts.scheme}:"  # such rules know no IPv6
    return f"{parts.scheme}://{parts.netloc}"


def _can_be(address: str) -> bool:
    if len(address) > _LONGEST or not _WORD.fullmatch(address) or not is_absolute_uri(address):
        return False
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def _without_port(address: str) -> tuple[str, str | None, str, str] | None:
    """What must be the same but for the port; None for what is not on this computer."""
    if not _can_be(address):
        return None
    parts = urlsplit(address)
    if parts.scheme != "http":
        return None
    return parts.scheme, parts.hostname, parts.path, parts.query
