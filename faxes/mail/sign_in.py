"""Programs that show an API token to the mail gateway, as a password (RFC 4616, AUTH LOGIN)."""

import base64
import binascii

from accounts.errors import AccountSuspended, TooManyRequests
from accounts.scoping import Actor
from accounts.services.rate_limits import IN_THIS_PROCESS as limits  # noqa: N811 (a value here)
from accounts.services.tokens import authenticate_token
from faxes.mail.line import Line


async def ask(line: Line, arguments: list[str]) -> str | None:
    """The password that is shown; None if it cannot be read, which was said then."""
    mechanism, *given = arguments
    match mechanism.upper():
        case "PLAIN":
            shown = _decoded(given[0]) if given else await line.challenge_auth("")
            return _text(shown.split(b"\0")[-1]) if isinstance(shown, bytes) else None
        case "LOGIN":
            name = given or await line.challenge_auth("User Name\x00")
            if not isinstance(name, bytes | list):
                return None
            shown = await line.challenge_auth("Password\x00")
            return _text(shown) if isinstance(shown, bytes) else None
        case _:
            await line.push("504 5.5.4 Unrecognized authentication type")
            return None


def actor_of(token: str, *, address: str) -> Actor | None:
    """Who shows this token; None if it is not right, or nobody may try at present."""
    try:
        limits.guard(token, address=address)
        actor = authenticate_token(token, address=address, via="email")
    except (TooManyRequests, AccountSuspended):
        return None
    if actor is None:
        limits.was_wrong(token, address=address)
        return None
    limits.was_right(token)
    return actor


def _decoded(given: str) -> bytes:
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _text(shown: bytes) -> str:
    return shown.decode("utf-8", "replace").strip()
