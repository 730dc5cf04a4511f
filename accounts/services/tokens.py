"""Programs' credentials: the secret is shown once, a digest is kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import clock
from accounts.errors import CredentialGone, NotThere, ScopeNotAllowed
from accounts.models import Account, Credential, CredentialKind, Membership, User
from accounts.roles import Action, Role, Scope, actions_of
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.networks import read_networks, within
from accounts.tenancy import blocked, require

KINDS = CredentialKind
_MARK = {
    CredentialKind.API_TOKEN: "fxp",
    CredentialKind.API_KEY: "fxk",
    CredentialKind.OAUTH_CLIENT: "fxc",
}
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential at the one moment when its secret is known."""

    credential: Credential
    secret: str

    @property
    def token(self) -> str:
        """What a program sends: prefix and secret in one."""
        return f"{self.credential.prefix}_{self.secret}"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What is wanted; ``networks`` are CIDR as typed, none is everywhere."""

    name: str
    kind: CredentialKind
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None
    networks: str = ""


def digest_of(secret: str) -> str:
    """SHA-256 of a secret of 256 random bits, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_credential(
    account: Account,
    *,
    kind: CredentialKind,
    name: str,
    scopes: list[str],
    demo: str = "",
) -> NewCredential:
    """Make a credential of the account's own; ``demo`` gives fixed ones to demonstration data."""
    return _create(Credential(account=account, kind=kind, name=name, scopes=scopes), demo)


def create_token(actor: Actor, *, request: TokenRequest) -> NewCredential:
    """Make a credential that belongs to the actor, and allows no more than the actor may.

    Raises:
        NotAllowed: the actor may not make any.
        ScopeNotAllowed: no scope, or one that reaches further than the actor.
        NetworkInvalid: what should be a network is none.

    """
    require(actor, Action.TOKEN_MANAGE)
    wanted = actions_of(request.scopes)
    if not wanted or not all(actor.may(action) for action in wanted):
        raise ScopeNotAllowed
    with transaction.atomic():
        made = _create(
            Credential(
                account_id=actor.account_id,
                created_by_id=actor.user_id,
                kind=request.kind,
                name=request.name,
                scopes=[str(scope) for scope in request.scopes],
                expires_at=request.expires_at,
                networks=read_networks(request.networks),
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
        audit.record(actor, action="token.revoke", object_type="token", object_id=credential_id)
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


def credential_for(token: str) -> Credential | None:
    """The live credential of a token as a program sends it, of an account in use; or None."""
    mark, _, rest = token.partition("_")
    name, _, secret = rest.partition("_")
    if not token.isascii() or not token.isprintable():
        return None  # none of ours, and PostgreSQL takes no NUL
    credential = (
        Credential.objects.select_related("account", "created_by")
        .exclude(blocked("account__path"))
        .filter(prefix=f"{mark}_{name}", revoked_at__isnull=True)
        .first()
    )
    if credential is None or not hmac.compare_digest(credential.digest, digest_of(secret)):
        return None
    if credential.demo and not settings.DEMO:
        return None
    if credential.expires_at is not None and credential.expires_at <= clock.now():
        return None
    return credential


def authenticate_token(token: str, *, address: str, via: str = "api") -> Actor | None:
    """Who asks with this token from this address: the maker, as far as the token allows; or None.

    The maker's role is read anew each time, so that a token never outlives or outranks its maker.
    """
    credential = credential_for(token)
    if credential is None or not within(address, credential.networks):
        return None
    role = _role_behind(credential)
    if role is None:
        return None
    _note_use(credential)
    return Actor(
        account_id=credential.account_id,
        role=role,
        name=f"{credential.name} ({credential.prefix})"[:254],
        via=via,
        user_id=credential.created_by_id,
        address=address,
        only=actions_of(credential.scopes),
    )


def _create(credential: Credential, demo: str = "") -> NewCredential:
    secret = f"{demo}demonstration" if demo else secrets.token_urlsafe(32)
    mark = _MARK[CredentialKind(credential.kind)]
    credential.prefix = f"{mark}_{demo or secrets.token_hex(5)}"
    credential.digest = digest_of(secret)
    credential.demo = bool(demo)
    credential.save(force_insert=True)
    return NewCredential(credential, secret)


def _role_behind(credential: Credential) -> Role | None:
    """What the maker is in the account; the account's own credentials are an administrator's."""
    if credential.created_by is None:
        return Role.ADMIN
    if not credential.created_by.is_active:
        return None
    membership = Membership.objects.filter(
        user=credential.created_by, account_id=credential.account_id
    ).first()
    return Role(membership.role) if membership else None


def _note_use(credential: Credential) -> None:
    """Write when it was used last; at most once a minute, or each call would be a write."""
    now = clock.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - _USE_NOTED_EVERY)
    if credential.last_used_at is None or credential.last_used_at <= now - _USE_NOTED_EVERY:
        Credential.objects.filter(stale, pk=credential.pk).update(last_used_at=now)
