"""What oauthlib asks about clients, codes and tokens (RFC 6749), answered by the services.

Clients have a secret, all of them; codes and what renews tokens are of use once.
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_plus

from django.http import HttpRequest
from oauthlib.oauth2 import RequestValidator
from oauthlib.oauth2.rfc6749 import errors

from accounts.auth.address import address_of
from accounts.auth.basic import read_basic
from accounts.auth.hosts import is_here
from accounts.errors import AccountSuspended, CredentialsWrong
from accounts.models import Credential, OAuthToken
from accounts.scoping import Actor
from accounts.services import oauth_sign_in, oauth_tokens
from accounts.services.connections import client_asking, connect
from accounts.services.oauth_tokens import KINDS, CodeTerms
from accounts.services.redirects import is_registered

# What clients of telephone systems send as scope and mean everything.
_EVERYTHING: Final = frozenset({"unifiedapi", "null"})


@dataclass(frozen=True, slots=True)
class Client:
    """A client as oauthlib wants it: something with a ``client_id``."""

    client_id: str
    credential: Credential


class Validator(RequestValidator):  # type: ignore[misc]  # oauthlib has no types
    """What one request asks about; what it says of clients it has from the services."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__()
        self._request = request
        self._address = address_of(request)
        self._shown: OAuthToken | None = None  # the code or refresh token at hand
        self._actor: Actor | None = None  # who says yes

    def yes_of(self, actor: Actor) -> None:
        """Who says yes to what is asked."""
        self._actor = actor

    # --- Clients -------------------------------------------------------------------------
    def client_authentication_required(self, request: Any, *_: Any, **__: Any) -> bool:
        """Always: there are no clients without a secret."""
        del request
        return True

    def authenticate_client(self, request: Any, *_: Any, **__: Any) -> bool:
        """Whether a client showed its secret, by Basic or in the body (RFC 6749, 2.3.1)."""
        shown = self._request.META.get("HTTP_AUTHORIZATION", "").strip()
        name, secret = basic(shown) if shown else (request.client_id, request.client_secret)
        if not name or not secret or request.client_id not in (None, name):
            return False
        try:
            found = oauth_sign_in.client_of(
                name,
                secret,
                address=self._address,
                is_here=lambda account: is_here(self._request, account),
            )
        except CredentialsWrong:
            return False
        request.client = Client(name, found)
        return True

    def authenticate_client_id(self, client_id: str, request: Any, *_: Any, **__: Any) -> bool:
        """No client is known by its id alone."""
        del client_id, request
        return False

    def validate_client_id(self, client_id: str, request: Any, *_: Any, **__: Any) -> bool:
        """Whether there is such a client, for somebody to say yes to."""
        found = client_asking(client_id)
        if found is not None:
            request.client = Client(client_id, found)
        return found is not None

    def validate_grant_type(self, *_: Any, **__: Any) -> bool:
        """Every client may use every way."""
        return True

    def validate_response_type(
        self, client_id: str, response_type: str, *_: Any, **__: Any
    ) -> bool:
        """Codes are the only answer there is."""
        del client_id
        return response_type == "code"

    # --- Where people come back to -------------------------------------------------------
    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Any, *_: Any, **__: Any
    ) -> bool:
        """Whether the client has registered it."""
        del client_id
        return is_registered(redirect_uri, request.client.credential.redirect_uris)

    def get_default_redirect_uri(
        self, client_id: str, request: Any, *_: Any, **__: Any
    ) -> str | None:
        """The one that a client has registered, if it is one."""
        del client_id
        registered = request.client.credential.redirect_uris
        return registered[0] if len(registered) == 1 else None

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, *_: Any, **__: Any
    ) -> bool:
        """Whether the code was sent there.

        Raises:
            InvalidGrantError: it was not (RFC 6749, 5.2).

        """
        del client_id, code
        if self._shown is None or self._shown.redirect_uri != redirect_uri:
            raise errors.InvalidGrantError("The code was sent to another redirect_uri.")
        return True

    # --- Scopes --------------------------------------------------------------------------
    def get_default_scopes(self, client_id: str, request: Any, *_: Any, **__: Any) -> list[str]:
        """All that the client has."""
        del client_id
        return list(request.client.credential.scopes)

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Client, request: Any, *_: Any, **__: Any
    ) -> bool:
        """Whether the client has them."""
        del client_id
        if _EVERYTHING.issuperset(scopes):
            request.scopes = scopes = list(client.credential.scopes)
        return set(scopes) <= set(client.credential.scopes)

    # --- Codes, and what renews tokens -----------------------------------------------------
    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Any, *_: Any, **__: Any
    ) -> None:
        """Write what somebody said yes to.

        Raises:
            NotAllowed: they may not.

        """
        del client_id
        if self._actor is None:
            raise TypeError("nobody was asked")
        terms = CodeTerms(
            request.redirect_uri, request.code_challenge or "", request.code_challenge_method or ""
        )
        connect(
            self._actor,
            client=request.client.credential,
            scopes=request.scopes,
            code=code["code"],
            terms=terms,
        )

    def validate_code(self, client_id: str, code: str, client: Client, request: Any) -> bool:
        """Whether the code is this client's, was not used, and whoever said yes still may."""
        del client_id
        row = self._held(code, KINDS.CODE, client)
        if row is None:
            return False
        request.user, request.scopes = row.user, list(row.scopes)
        return True

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        """What the code was asked with, if with anything.

        Raises:
            InvalidGrantError: with nothing, though whoever brings it shows a verifier: somebody put
                another code in the place of theirs (RFC 9700, 4.8.2).

        """
        del code
        found = (self._shown and self._shown.challenge) or None
        if found is None and request.code_verifier:
            raise errors.InvalidGrantError("The code was asked for without a code_challenge.")
        return found

    def get_code_challenge_method(self, code: str, request: Any) -> str | None:
        """How that was made."""
        del code, request
        return (self._shown and self._shown.challenge_method) or None

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """Not of clients that have a secret."""
        del client_id, request
        return False

    def invalidate_authorization_code(self, *_: Any, **__: Any) -> None:
        """Nothing: it was used up in the transaction that wrote the tokens."""

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Any, *_: Any, **__: Any
    ) -> bool:
        """Whether it is this client's, was not used, and whoever said yes still may."""
        row = self._held(refresh_token, KINDS.REFRESH, client)
        if row is None:
            return False
        request.user = row.user
        return True

    def get_original_scopes(
        self, refresh_token: str, request: Any, *_: Any, **__: Any
    ) -> list[str]:
        """What somebody said yes to, as far as the client still has it."""
        del refresh_token
        kept = request.client.credential.scopes
        return [each for each in (self._shown.scopes if self._shown else ()) if each in kept]

    # --- Tokens --------------------------------------------------------------------------
    def save_bearer_token(self, token: dict[str, Any], request: Any, *_: Any, **__: Any) -> None:
        """Write the tokens that a client is about to get.

        Raises:
            InvalidGrantError: somebody used the code or refresh token a moment ago.

        """
        if self._shown is None:
            oauth_sign_in.give_client(
                request.client.credential,
                token=token["access_token"],
                scopes=tuple(request.scopes),
                address=self._address,
            )
        elif not oauth_tokens.change(
            self._shown,
            access=token["access_token"],
            refresh=token["refresh_token"],
            scopes=request.scopes,
        ):
            oauth_tokens.end_replayed(self._shown, address=self._address)
            raise errors.InvalidGrantError

    def revoke_token(
        self, token: str, token_type_hint: str | None, request: Any, *_: Any, **__: Any
    ) -> None:
        """End a token; which kind it is, it tells itself."""
        del token_type_hint
        oauth_tokens.revoke(token, client=request.client.credential, address=self._address)

    def _held(self, shown: str, kind: KINDS, client: Client) -> OAuthToken | None:
        """A code or refresh token of this client that is good. One that was used ends all.

        Raises:
            InvalidGrantError: the account is suspended.

        """
        row = oauth_tokens.found(shown, kind)
        if row is None or row.credential_id != client.credential.pk:
            return None
        if row.used_at is not None:
            oauth_tokens.end_replayed(row, address=self._address)
            return None
        try:
            actor = oauth_tokens.holder(row, address=self._address, via="api")
        except AccountSuspended:
            raise errors.InvalidGrantError("The account is suspended.") from None
        if actor is None:
            return None
        self._shown = row
        return row


def basic(header: str) -> tuple[str, str]:
    """Name and secret of Basic credentials, each written as in a form (RFC 6749, 2.3.1)."""
    name, secret = read_basic(header) or ("", "")
    return unquote_plus(name), unquote_plus(secret)
