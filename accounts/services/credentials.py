"""Programs' credentials as rows: how secrets are written, found again and compared."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

from accounts import clock
from accounts.at_work import note
from accounts.models import (
    GONE,
    Account,
    Credential,
    CredentialKind,
    Membership,
    OAuthToken,
    ProgramSession,
)
from accounts.prepared import Prepared
from accounts.roles import Role, actions_of
from accounts.scoping import Actor
from accounts.tenancy import blocked

_MARK: Final = {CredentialKind.API_TOKEN: "fxp", CredentialKind.OAUTH_CLIENT: "fxc"}
_NOBODYS: Final = "0" * 64
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential at the one moment when its secret is known."""

    credential: Credential
    secret: str

    @property
    def token(self) -> str:
        """What a program sends: prefix and secret in one."""
        return f"{self.credential.prefix}.{self.secret}"


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
    return store(Credential(account=account, kind=kind, name=name, scopes=scopes), demo)


def parted(token: str) -> tuple[str, str]:
    """The prefix and the secret of a token as a program sends it, between which is a dot.

    It was a stroke below once, and tokens of then go on working.
    """
    prefix, dot, secret = token.partition(".")
    if dot:
        return prefix, secret
    mark, _, rest = token.partition("_")
    name, _, secret = rest.partition("_")
    return f"{mark}_{name}", secret


def is_writable(token: str) -> bool:
    """Whether a token could be one of ours; PostgreSQL takes no NUL."""
    return token.isascii() and token.isprintable()


_LIVE: Final = Prepared(
    lambda prefix: (
        Credential.objects.select_related("account", "created_by")
        .annotate(blocked=blocked("account__path"))
        .filter(prefix=prefix, revoked_at__isnull=True)
        .exclude(account__status__in=GONE)
        .order_by("pk")[:1]
    )
)


def credential_for(token: str) -> Credential | None:
    """The live credential of a token as a program sends it; or None."""
    if not is_writable(token):
        return None
    prefix, secret = parted(token)
    return live_credential(prefix, secret)


def live_credential(prefix: str, secret: str) -> Credential | None:
    """The live credential of this prefix, if that is its secret; or None."""
    credential = _LIVE.first(prefix=prefix)
    if not is_secret_of(credential, secret) or credential is None:
        return None
    return credential if is_live(credential) else None


def is_secret_of(row: Credential | ProgramSession | OAuthToken | None, secret: str) -> bool:
    """Whether the secret is that of a row that was found by its prefix, if any was."""
    # digested in any case, so that the time tells nobody whether there is such a prefix
    return hmac.compare_digest(row.digest if row else _NOBODYS, digest_of(secret))


def is_live(credential: Credential) -> bool:
    """Whether a credential is of use: not ended, not run out, and no known one but in a demo."""
    if credential.demo and not settings.DEMO:
        return False
    if credential.revoked_at is not None:
        return False
    return credential.expires_at is None or credential.expires_at > clock.now()


def store(credential: Credential, demo: str = "") -> NewCredential:
    """Give a new credential its secret, and write it."""
    secret = f"{demo}demonstration" if demo else secrets.token_urlsafe(32)
    mark = _MARK[CredentialKind(credential.kind)]
    credential.prefix = f"{mark}_{demo or secrets.token_hex(5)}"
    credential.digest = digest_of(secret)
    credential.demo = bool(demo)
    credential.save(force_insert=True)
    return NewCredential(credential, secret)


def role_behind(credential: Credential) -> Role | None:
    """What the maker is in the account; the account's own credentials are an administrator's."""
    if credential.created_by is None:
        return Role.ADMIN
    if not credential.created_by.is_active:
        return None
    membership = Membership.objects.filter(
        user=credential.created_by, account_id=credential.account_id
    ).first()
    return Role(membership.role) if membership else None


def acting_as(
    credential: Credential,
    role: Role,
    *,
    address: str,
    via: str = "api",
    scopes: Iterable[str] | None = None,
) -> Actor:
    """A program with its credential: what its maker may, as far as the scopes, its own or fewer."""
    note(account=credential.account_id)
    return Actor(
        account_id=credential.account_id,
        role=role,
        name=f"{credential.name} ({credential.prefix})"[:254],
        via=via,
        user_id=credential.created_by_id,
        address=address,
        only=actions_of(credential.scopes if scopes is None else scopes),
        credential_id=credential.pk,
    )


def shown_by(actor: Actor) -> Credential | None:
    """The token that the actor showed, if any; the token of a session is none of these."""
    if actor.credential_id is None:
        return None
    return Credential.objects.filter(account_id=actor.account_id, pk=actor.credential_id).first()


def note_use(credential: Credential) -> None:
    """Write when it was used last; at most once a minute, or each call would be a write."""
    now = clock.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - _USE_NOTED_EVERY)
    if credential.last_used_at is None or credential.last_used_at <= now - _USE_NOTED_EVERY:
        Credential.objects.filter(stale, pk=credential.pk).update(last_used_at=now)
