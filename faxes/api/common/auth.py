"""A program's request becomes an actor: by the token that it shows."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.auth.address import address_of
from accounts.auth.basic import read_basic
from accounts.auth.hosts import is_here
from accounts.scoping import Actor
from accounts.services.rate_limits import IN_THIS_PROCESS as limits  # noqa: N811 (a value here)
from accounts.services.tokens import authenticate_token


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``, or Basic with any name and the token as password.

    ``request.auth`` is the actor. No cookie counts, so no other site can make a browser ask.
    """

    def authenticate(self, request: Request) -> tuple[None, Actor] | None:
        """The actor of a right token; None if none is shown.

        Raises:
            AuthenticationFailed: the token is not right.
            TooManyRequests: too many were not right lately.
            AccountSuspended: nobody uses the account at present.

        """
        header = request.META.get("HTTP_AUTHORIZATION", "").strip()
        scheme, _, shown = header.partition(" ")
        match scheme.lower():
            case "":
                return None
            case "bearer":
                token = shown.strip()
            case "basic":
                _, token = read_basic(header) or ("", "")
            case _:
                token = ""
        return None, actor_by(request, token)

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """What a 401 tells to show."""
        return 'Bearer realm="fax portal", Basic realm="fax portal"'


def actor_by(
    request: HttpRequest | Request,
    token: str,
    *,
    read: Callable[..., Actor | None] = authenticate_token,
) -> Actor:
    """Who shows a token; ``read`` says so, given it and the ``address`` that it comes from.

    Raises:
        AuthenticationFailed: the token is not right.
        TooManyRequests: too many were not right lately.
        AccountSuspended: nobody uses the account at present.

    """
    address = address_of(request)
    limits.guard(token, address=address)
    actor = read(token, address=address)
    if actor is None or not is_here(request, actor.account_id):
        limits.was_wrong(token, address=address)
        raise AuthenticationFailed
    limits.was_right(token)
    return actor


def actor_of(request: Request) -> Actor:
    """Who asks."""
    actor: Any = request.auth
    if not isinstance(actor, Actor):
        raise TypeError("nobody was asked who they are")
    return actor
