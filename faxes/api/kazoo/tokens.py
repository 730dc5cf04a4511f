"""The token that a request shows, wherever this dialect's clients put it, and whose it is."""

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed

from accounts.auth.address import address_of
from accounts.auth.basic import read_basic
from accounts.auth.hosts import is_here
from accounts.errors import CredentialsWrong
from accounts.scoping import Actor
from accounts.services.program_sessions import (
    MARK,
    SignIn,
    authenticate_session,
    sign_in_by_digest,
)
from faxes.api.common.auth import actor_by
from faxes.api.kazoo.bodies import Body
from faxes.wire.kazoo import read_plain

_NONE: Final = frozenset({"", "undefined", "null"})  # as a page says that has no token yet


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown: a ``token``, or the id of an ``account`` and the ``digest`` of a password."""

    token: str = ""
    account: str = ""
    digest: str = ""

    def __bool__(self) -> bool:
        return bool(self.token or self.digest)


NOTHING: Final = Shown()
# Sessions of those who show a digest, by what they showed and from where: a slow hash for each
# request would be the end of both sides.
_SESSIONS: Final[dict[bytes, str]] = {}
_MOST_SESSIONS: Final = 1000


def shown_in(request: HttpRequest) -> Shown:
    """What headers and address of a request show."""
    authorization = request.META.get("HTTP_AUTHORIZATION", "").strip()
    scheme, _, rest = authorization.partition(" ")
    header, parameter = request.headers.get("X-Auth-Token", ""), request.GET.get("auth_token", "")
    bearer = rest if scheme.lower() == "bearer" else ""
    for token in (header, parameter, bearer):
        if token.strip() not in _NONE:
            return Shown(token=token.strip())
    return _basic(authorization)


def in_body(body: Body) -> Shown:
    """What the envelope shows."""
    token = body.text("auth_token").strip()
    return NOTHING if token in _NONE else Shown(token=token)


def actor_showing(request: HttpRequest, shown: Shown) -> Actor:
    """Whose token it is.

    Raises:
        AuthenticationFailed: it is not right.
        TooManyRequests: too many were not right lately.
        AccountSuspended: nobody uses the account at present.

    """
    if shown.digest:
        return _by_digest(request, shown)
    if shown.token.startswith(f"{MARK}_"):
        return actor_by(request, shown.token, read=partial(authenticate_session, via="api"))
    return actor_by(request, shown.token)


def _by_digest(request: HttpRequest, shown: Shown) -> Actor:
    """Whoever signs in anew with each request: one session serves all of a process for a while.

    Raises:
        AuthenticationFailed, TooManyRequests, AccountSuspended: as ``actor_showing``.

    """
    address = address_of(request)
    known = hashlib.sha256(f"{address} {shown.account} {shown.digest}".encode()).digest()
    token = _SESSIONS.get(known, "")
    actor = authenticate_session(token, address=address, via="api") if token else None
    if actor is not None and is_here(request, actor.account_id):
        return actor
    asked = SignIn(shown.digest, account_id=read_plain(shown.account))
    try:
        made = sign_in_by_digest(
            asked,
            address=address,
            owner_of_number=lambda _: None,
            is_here=partial(is_here, request),
        )
    except CredentialsWrong:
        raise AuthenticationFailed from None
    _SESSIONS[known] = made.token
    while len(_SESSIONS) > _MOST_SESSIONS:
        _SESSIONS.pop(next(iter(_SESSIONS)), None)
    return actor_by(request, made.token, read=partial(authenticate_session, via="api"))


def _basic(header: str) -> Shown:
    """Account and digest of ``Basic`` credentials; a portal's own token may be the password."""
    account, secret = read_basic(header) or ("", "")
    if secret.startswith("fx"):
        return Shown(token=secret)
    return Shown(account=account, digest=secret) if secret else NOTHING
