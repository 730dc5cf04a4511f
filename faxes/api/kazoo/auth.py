"""Signing in with a digest of name and password or with a key, looking at a token, signing out."""

from typing import TYPE_CHECKING, Any, Final

from rest_framework.request import Request

from accounts.auth.address import address_of
from accounts.auth.hosts import is_here
from accounts.errors import CredentialsWrong, NotThere
from accounts.services import api_keys, kin, program_sessions
from accounts.services.program_sessions import MARK, SignIn
from faxes.api.kazoo.accounts import standing_of
from faxes.api.kazoo.apps import app_of
from faxes.api.kazoo.base import KazooView
from faxes.api.kazoo.envelope import Answer, cluster_id
from faxes.api.kazoo.errors import REQUIRED, BadIdentifier, BadToken, Forbidden, Invalid
from faxes.api.kazoo.tokens import Shown, actor_showing
from faxes.api.kazoo.validation import require_valid
from faxes.queries.numbers import account_of_number
from faxes.wire.kazoo import plain, read_plain

if TYPE_CHECKING:
    from accounts.models import Account
    from accounts.services.program_sessions import NewSession

_WORD: Final = {"type": "string", "maxLength": 320}
_BY_DIGEST: Final = {
    "type": "object",
    "required": ["credentials"],
    "properties": {
        "credentials": {"type": "string", "minLength": 1, "maxLength": 64},
        "method": {"type": "string", "enum": ["md5", "sha"]},
        **dict.fromkeys(("account_name", "account_realm", "realm", "phone_number"), _WORD),
    },
}
_BY_KEY: Final = {
    "type": "object",
    "required": ["api_key"],
    "properties": {
        "api_key": {
            "type": "string",
            "minLength": api_keys.LENGTH,
            "maxLength": api_keys.LENGTH,
        }
    },
    "closed": True,
}
_IMPERSONATE: Final = "impersonate_user"


class UserAuth(KazooView):
    """Signing in as a person, with a digest of name and password."""

    public = True

    def put(self, request: Request) -> Answer:
        """A token for the person in the account that is named."""
        data = self.data
        require_valid(data, _BY_DIGEST)
        asked = SignIn(
            credentials=data["credentials"],
            method=data.get("method") or "md5",
            account_name=data.get("account_name") or "",
            realm=data.get("account_realm") or data.get("realm") or "",
            phone_number=data.get("phone_number") or "",
        )
        if not (asked.account_name or asked.realm or asked.phone_number):
            raise Invalid({"account_name": REQUIRED})
        try:
            made = program_sessions.sign_in_by_digest(
                asked,
                address=address_of(request),
                owner_of_number=account_of_number,
                is_here=lambda account: is_here(request, account),
            )
        except CredentialsWrong:
            raise BadToken from None
        return _signed_in(request, made)


class ApiAuth(KazooView):
    """Signing in as an account, with its key."""

    public = True

    def put(self, request: Request) -> Answer:
        """A token for the account."""
        data = self.data
        require_valid(data, _BY_KEY)
        key = data["api_key"]
        try:
            made = program_sessions.sign_in_by_key(
                key,
                address=address_of(request),
                is_here=lambda account: is_here(request, account),
            )
        except CredentialsWrong:
            raise BadIdentifier(key) from None
        return _signed_in(request, made)


class TokenAuth(KazooView):
    """The token that is shown."""

    def get(self, request: Request) -> Answer:
        """Whose it is."""
        return Answer(_told(request, self))

    def delete(self, request: Request) -> Answer:
        """Sign out. A long-lived token goes on: the portal is where that is ended."""
        if self.shown.token.startswith(f"{MARK}_"):
            address = address_of(request)
            program_sessions.end_session(self.shown.token, address=address)
        return Answer({}, token="")


class OneUserAuth(KazooView):
    """A token that the address names."""

    names_token = True

    def get(self, request: Request, token: str) -> Answer:
        """Whose it is, if it is of the account of the token that is shown."""
        if token != self.shown.token:
            given = request._request  # noqa: SLF001 (what DRF wraps)
            other = actor_showing(given, Shown(token=token))
            if other.account_id != self.home.account_id or other.user_id != self.home.user_id:
                raise Forbidden
        return Answer(_told(request, self))


class Impersonation(KazooView):
    """Taking the place of somebody of the account."""

    def put(self, request: Request, user: str) -> Answer:
        """A token for that person, which tells who took their place."""
        if self.body.text("action") != _IMPERSONATE:
            raise Invalid({"action": {"enum": {
                "message": "Value not found in enumerated list of values",
                "target": [_IMPERSONATE],
            }}})  # fmt: skip
        key = read_plain(user)
        if key is None:
            raise BadIdentifier(user)
        try:
            made = program_sessions.impersonate(self.actor, user_id=key)
        except NotThere:
            raise BadIdentifier(user) from None
        return _signed_in(request, made)


class ApiKey(KazooView):
    """The key of the account, which opens all that its administrators may."""

    def get(self, request: Request) -> Answer:
        """The key, made if there is none yet."""
        del request
        return Answer({"api_key": api_keys.key_of(self.actor)})

    def put(self, request: Request) -> Answer:
        """Another key; the one before ends at once."""
        del request
        return Answer({"api_key": api_keys.new_key(self.actor)})


def _signed_in(request: Request, made: "NewSession") -> Answer:
    owner = plain(made.user.pk) if made.user else ""
    return Answer(_facts(request, made.account, owner), revision="automatic", token=made.token)


def _told(request: Request, view: KazooView) -> dict[str, Any]:
    account = kin.account_of(view.home)
    return _facts(request, account, plain(view.home.user_id))


def _facts(request: Request, account: "Account", owner_id: str) -> dict[str, Any]:
    """Who somebody is, and what their pages need to know."""
    told = {
        "account_id": plain(account.pk),
        "owner_id": owner_id,
        "account_name": account.name,
        **standing_of(account),
        "language": "en-us",
        "cluster_id": cluster_id(),
        "capabilities": {},
        "ui_config": {},
        "apps": [app_of(request)],
    }
    return {name: value for name, value in told.items() if value != ""}
