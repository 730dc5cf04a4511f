"""Programs' credentials: the secret is shown once, a digest is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.errors import (
    AccountSuspended,
    CredentialGone,
    NotAllowed,
    NotThere,
    RedirectInvalid,
    ScopeNotAllowed,
    TokenReachesFurther,
)
from accounts.models import Account, Credential, CredentialKind, User
from accounts.roles import Action, Scope, actions_of
from accounts.scoping import Actor
from accounts.services import audit, idempotency, oauth_tokens, program_sessions
from accounts.services.credentials import (
    NewCredential,
    acting_as,
    credential_for,
    note_use,
    role_behind,
    shown_by,
    store,
)
from accounts.services.networks import covered, read_networks, within
from accounts.services.redirects import read_redirects
from accounts.tenancy import require

KINDS = CredentialKind
PAGE_SIZE: Final = 30


@dataclass(frozen=True, slots=True)
class TokenPage:
    """One page of credentials, newest first; ``after`` is the last one's id if there are more."""

    tokens: Sequence[Credential]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token was shown; without ``credential`` none was."""

    account: Account
    credential: Credential | None


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What is wanted; ``networks`` are CIDR as typed, none is everywhere.

    ``redirect_uris`` are an OAuth client's, as typed: where people come back to who say yes to it.
    """

    name: str
    kind: CredentialKind
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None
    networks: str = ""
    redirect_uris: str = ""


def create_token(actor: Actor, *, request: TokenRequest) -> NewCredential:
    """Make a credential that belongs to the actor, and allows no more than the actor may.

    Raises:
        NotAllowed: the actor may not make any, or is in somebody's place.
        ScopeNotAllowed: no scope, or one that reaches further than the actor.
        NetworkInvalid: what should be a network is none.
        RedirectInvalid: people cannot come back there, or it is no OAuth client.
        TokenReachesFurther: a token makes one that is to work for longer than itself, or from
            networks that it does not work from.

    """
    require(actor, Action.TOKEN_MANAGE)
    if actor.on_behalf:  # it would be that person's, and outlast the session
        raise NotAllowed(Action.TOKEN_MANAGE.value)
    wanted = actions_of(request.scopes)
    if not wanted or not all(actor.may(action) for action in wanted):
        raise ScopeNotAllowed
    networks = read_networks(request.networks)
    redirects = read_redirects(request.redirect_uris)
    if redirects and request.kind != KINDS.OAUTH_CLIENT:
        raise RedirectInvalid
    _require_within(actor, networks, request.expires_at)
    with transaction.atomic():
        made = store(
            Credential(
                account_id=actor.account_id,
                created_by_id=actor.user_id,
                kind=request.kind,
                name=request.name,
                scopes=[str(scope) for scope in request.scopes],
                expires_at=request.expires_at,
                networks=networks,
                redirect_uris=redirects,
            )
        )
        audit.record(
            actor,
            action="token.create",
            object_type="token",
            object_id=made.credential.pk,
            kind=request.kind.value,
            scopes=made.credential.scopes,
        )
    return made


def revoke_token(actor: Actor, *, credential_id: UUID) -> Credential:
    """End a credential at once.

    Raises:
        NotAllowed: the actor may not end any.
        NotThere: the account has none of this id.
        CredentialGone: it is ended already.

    """
    require(actor, Action.TOKEN_MANAGE)
    row = Credential.objects.filter(account_id=actor.account_id, pk=credential_id)
    with transaction.atomic():
        if not row.filter(revoked_at__isnull=True).update(revoked_at=clock.now()):
            raise CredentialGone if row.exists() else NotThere
        oauth_tokens.end_all_by(credential_id)
        audit.record(actor, action="token.revoke", object_type="token", object_id=credential_id)
        idempotency.forget(actor.account_id, object_ids=[credential_id])
    return row.get()


def revoke_all_of(actor: Actor, *, user: User) -> int:
    """End what a person made in the account; within the caller's transaction."""
    theirs = Credential.objects.filter(
        account_id=actor.account_id, created_by=user, revoked_at__isnull=True
    )
    return theirs.update(revoked_at=clock.now())


def tokens_for(actor: Actor) -> list[Credential]:
    """The account's credentials, those in use first, the newest first.

    Raises:
        NotAllowed: the actor may not see them.

    """
    require(actor, Action.TOKEN_MANAGE)
    rows = Credential.objects.filter(account_id=actor.account_id).select_related("created_by")
    return sorted(rows.order_by("-id"), key=lambda each: each.revoked_at is not None)


def token_page(actor: Actor, *, after: UUID | None = None, size: int = PAGE_SIZE) -> TokenPage:
    """A page of the account's credentials behind ``after``, newest first, ended ones among them.

    Raises:
        NotAllowed: the actor may not see them.

    """
    require(actor, Action.TOKEN_MANAGE)
    rows = Credential.objects.filter(account_id=actor.account_id).order_by("-id")
    found = list((rows.filter(pk__lt=after) if after else rows)[: size + 1])
    return TokenPage(found[:size], found[size - 1].pk if len(found) > size else None)


def token_for(actor: Actor, credential_id: UUID) -> Credential:
    """One of the account's credentials, ended or not.

    Raises:
        NotAllowed: the actor may not see them.
        NotThere: the account has none of this id.

    """
    require(actor, Action.TOKEN_MANAGE)
    found = Credential.objects.filter(account_id=actor.account_id, pk=credential_id).first()
    if found is None:
        raise NotThere
    return found


def holder_of(actor: Actor) -> Holder:
    """The actor's account, and the token that was shown.

    Raises:
        NotAllowed: the actor may not know of the account.

    """
    require(actor, Action.ACCOUNT_VIEW)
    return Holder(Account.objects.get(pk=actor.account_id), shown_by(actor))


def authenticate_token(token: str, *, address: str, via: str = "api") -> Actor | None:
    """Who asks with this token from this address: the maker, as far as the token allows; or None.

    The maker's role is read anew each time, so that a token never outlives or outranks its maker.
    The token of a session, or one that an OAuth client got, is as good as one that somebody made.

    Raises:
        AccountSuspended: the token is good, but nobody uses the account at present.

    """
    if token.startswith(f"{program_sessions.MARK}_"):
        return program_sessions.authenticate_session(token, address=address, via=via)
    if token.startswith(f"{oauth_tokens.MARK}_"):
        return oauth_tokens.authenticate(token, address=address, via=via)
    credential = credential_for(token)
    if credential is None or not within(address, credential.networks):
        return None
    role = role_behind(credential)
    if role is None:
        return None
    if getattr(credential, "blocked", False):  # credential_for tells
        raise AccountSuspended(credential.account)
    note_use(credential)
    return acting_as(credential, role, address=address, via=via)


def _require_within(actor: Actor, networks: Sequence[str], expires_at: datetime | None) -> None:
    """Let no token make one that outlives it, or that is of use where it is not.

    Raises:
        TokenReachesFurther

    """
    shown = shown_by(actor)
    if shown is None:
        return
    ends = shown.expires_at
    if ends is not None and (expires_at is None or expires_at > ends):
        raise TokenReachesFurther
    if shown.networks and not (
        networks and all(covered(each, shown.networks) for each in networks)
    ):
        raise TokenReachesFurther
