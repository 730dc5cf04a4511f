"""OAuth 2 as oauthlib speaks it: the endpoints, put together for one request.

RFC 6749, with 7636 (a code is of use only to whom it was asked by), 7009 (revocation) and 8414
(metadata).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    ClientCredentialsGrant,
    MetadataEndpoint,
    RefreshTokenGrant,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749 import errors

from accounts.auth.oauth_validator import Validator
from accounts.models import Credential
from accounts.roles import Scope
from accounts.scoping import Actor
from accounts.services import oauth_tokens
from accounts.services.oauth_tokens import KINDS

_SECONDS: Final = int(oauth_tokens.ACCESS_LIFE.total_seconds())
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # of a SHA-256 (RFC 7636, 4.2)
S256: Final = "S256"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program asks somebody to say yes to."""

    client: Credential
    scopes: tuple[str, ...]
    redirect_uri: str


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    """Codes of our own form, which only a SHA-256 of a secret binds to whoever asked."""

    _code_challenge_methods: Final = {
        S256: AuthorizationCodeGrant._code_challenge_methods[S256]  # noqa: SLF001 (no other way)
    }

    def __init__(self, validator: Validator) -> None:
        super().__init__(
            validator,
            pre_auth=[_require_state, _require_query],
            post_auth=[_require_challenge],
        )

    def create_authorization_code(self, request: Any) -> dict[str, str]:
        """A code, and the state that the client asked with."""
        return {"code": oauth_tokens.new_secret(KINDS.CODE), "state": request.state}


class Server(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):  # type: ignore[misc]
    """The endpoints, for one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.validator = Validator(request)
        code = CodeGrant(self.validator)
        bearer = BearerToken(
            self.validator,
            token_generator=lambda _: oauth_tokens.new_secret(KINDS.ACCESS),
            expires_in=_SECONDS,
            refresh_token_generator=lambda _: oauth_tokens.new_secret(KINDS.REFRESH),
        )
        AuthorizationEndpoint.__init__(
            self,
            default_response_type="code",
            response_types={"code": code},
            default_token_type=bearer,
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="client_credentials",
            grant_types={
                "client_credentials": ClientCredentialsGrant(self.validator),
                "authorization_code": code,
                "refresh_token": RefreshTokenGrant(self.validator),
            },
            default_token_type=bearer,
        )
        RevocationEndpoint.__init__(self, self.validator)

    def asked(self, query: Iterable[tuple[str, str]]) -> Asked:
        """What a program asks of somebody.

        Raises:
            FatalClientError: it is not known who asks, or where people would come back to.
            OAuth2Error: anything else is wrong, which is told over there.

        """
        scopes, told = self.validate_authorization_request(_uri(query))
        return Asked(told["request"].client.credential, tuple(scopes), told["redirect_uri"])

    def allowed(
        self, query: Iterable[tuple[str, str]], *, actor: Actor, scopes: Iterable[str]
    ) -> str:
        """Where to send somebody who said yes, with a code.

        Raises:
            NotAllowed: they may not.

        """
        self.validator.yes_of(actor)
        headers, _, _ = self.create_authorization_response(_uri(query), scopes=list(scopes))
        return str(headers["Location"])

    def metadata(self, root: str, where: dict[str, str]) -> dict[str, Any]:
        """What programs are told of it (RFC 8414); ``where`` has the address of each endpoint."""
        claims = {
            "issuer": root,
            **where,
            "scopes_supported": [each.value for each in Scope],
            "response_modes_supported": ["query"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
        endpoint = MetadataEndpoint([self], claims, raise_errors=False)  # http is for trying out
        return dict(endpoint.claims)


def denied(asked: Asked, *, state: str) -> str:
    """Where to send somebody who said no (RFC 6749, 4.1.2.1)."""
    refused = errors.AccessDeniedError("The person said no.", state=state)
    return str(refused.in_uri(asked.redirect_uri))


def _uri(query: Iterable[tuple[str, str]]) -> str:
    """The request as oauthlib reads it; what has no value was not sent (RFC 6749, 3.1)."""
    return "/oauth/authorize?" + urlencode([pair for pair in query if pair[1]])


def _require_state(request: Any) -> dict[str, str]:
    """Let pass who can tell their own request from one that somebody else made (RFC 6749, 10.12).

    Raises:
        InvalidRequestError: there is no ``state``.

    """
    if not request.state:
        raise errors.InvalidRequestError("Missing state parameter.", request=request)
    return {}


def _require_query(request: Any) -> dict[str, str]:
    """Let pass who wants the answer where all answers go: in the query, as the metadata says.

    Raises:
        InvalidRequestError: it is wanted elsewhere.

    """
    if request.response_mode not in (None, "query"):
        request.response_mode = "query"  # where this is told, too
        raise errors.InvalidRequestError("response_mode must be query.", request=request)
    return {}


def _require_challenge(request: Any) -> dict[str, str]:
    """Let pass what can be the digest of a secret, or nothing.

    Raises:
        InvalidRequestError: it cannot.

    """
    given = request.code_challenge
    if given is not None and not _CHALLENGE.fullmatch(given):
        raise errors.InvalidRequestError("code_challenge is no SHA-256.", request=request)
    if given is None and request.code_challenge_method is not None:
        raise errors.MissingCodeChallengeError(request=request)
    return {}
