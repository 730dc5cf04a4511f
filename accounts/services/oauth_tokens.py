"""OAuth tokens and codes as rows: issued, found again, used once, and ended grant by grant.

A token of a client is as good as the client itself; one that a person said yes to, or that their
name and password were shown for, acts as that person. In either case the role, the client and the
account are looked at anew each time it is shown, so that none outlives or outranks what it is of.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import clock
from accounts.at_work import note
from accounts.errors import AccountSuspended
from accounts.ids import new_id
from accounts.models import (
    GONE,
    Account,
    Credential,
    Membership,
    OAuthToken,
    OAuthTokenKind,
    User,
)
from accounts.prepared import Prepared
from accounts.roles import Action, Role, Scope, actions_of
from accounts.scoping import Actor
from accounts.services import audit, sign_in_digests
from accounts.services.credentials import (
    acting_as,
    digest_of,
    is_live,
    is_secret_of,
    is_writable,
    note_use,
    parted,
    role_behind,
)
from accounts.services.networks import within
from accounts.tenancy import blocked

KINDS = OAuthTokenKind
MARK: Final = "fxo"
ACCESS_LIFE: Final = timedelta(hours=1)
REFRESH_LIFE: Final = timedelta(days=30)
CODE_LIFE: Final = timedelta(minutes=10)  # the most that RFC 6749, 4.1.2 wants
_MARKS: Final = {KINDS.ACCESS: MARK, KINDS.REFRESH: "fxr", KINDS.CODE: "fxa"}
_LIVES: Final = {
    KINDS.ACCESS: ACCESS_LIFE,
    KINDS.REFRESH: REFRESH_LIFE,
    KINDS.CODE: CODE_LIFE,
}
# What would let a program stay after the person's yes, or their password, is taken back.
_NEVER_FOR_A_PERSON: Final = frozenset({Action.TOKEN_MANAGE, Action.SIGN_IN_MANAGE})


@dataclass(frozen=True, slots=True)
class Grant:
    """What one yes, or one sign-in, gave: to which client, for whom, in which account.

    Without ``user`` it is the client's own; without ``client`` a person's name and password were
    shown. ``scopes`` are the widest that tokens of it may have.
    """

    account: Account
    scopes: tuple[str, ...]
    client: Credential | None = None
    user: User | None = None
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class CodeTerms:
    """What a code is bound to: where it was sent, and the challenge of RFC 7636, if any."""

    redirect_uri: str
    challenge: str = ""
    challenge_method: str = ""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An access token at the one moment when it is known; ``expires_in`` is in seconds."""

    token: str
    expires_in: int
    scopes: tuple[str, ...]
    account: Account
    user: User | None = None


def new_secret(kind: OAuthTokenKind) -> str:
    """A token or code that nobody has yet: letters, digits, ``_``, ``-`` and one ``.``."""
    return f"{_MARKS[kind]}_{secrets.token_hex(8)}.{secrets.token_urlsafe(32)}"


def store(
    grant: Grant,
    kind: OAuthTokenKind,
    token: str,
    *,
    scopes: Iterable[str] | None = None,
    terms: CodeTerms | None = None,
) -> OAuthToken:
    """Write a token or code of a grant; ``scopes`` narrow it."""
    prefix, secret = parted(token)
    now = clock.now()
    return OAuthToken.objects.create(
        account=grant.account,
        credential=grant.client,
        user=grant.user,
        grant=grant.id,
        kind=kind.value,
        scopes=list(grant.scopes if scopes is None else scopes),
        prefix=prefix,
        digest=digest_of(secret),
        redirect_uri=terms.redirect_uri if terms else "",
        challenge=terms.challenge if terms else "",
        challenge_method=terms.challenge_method if terms else "",
        created_at=now,
        expires_at=now + _LIVES[kind],
    )


def issue(grant: Grant) -> IssuedToken:
    """An access token of a grant, and nothing that renews it."""
    token = new_secret(KINDS.ACCESS)
    store(grant, KINDS.ACCESS, token)
    seconds = int(ACCESS_LIFE.total_seconds())
    return IssuedToken(token, seconds, grant.scopes, grant.account, grant.user)


def change(row: OAuthToken, *, access: str, refresh: str, scopes: Iterable[str]) -> bool:
    """Change a code or refresh token for two tokens, once; False if somebody did so before.

    ``scopes`` narrow the access token; what renews it keeps those of the grant (RFC 6749, 6).
    """
    grant = grant_of(row)
    with transaction.atomic():
        if not spend(row):
            return False
        store(grant, KINDS.ACCESS, access, scopes=scopes)
        store(grant, KINDS.REFRESH, refresh)
    return True


def revoke(token: str, *, client: Credential, address: str) -> None:
    """End a token, if it is the client's; what renews tokens ends all of them (RFC 7009, 2.1)."""
    rows = [found(token, each) for each in (KINDS.ACCESS, KINDS.REFRESH)]
    row = next((each for each in rows if each and each.credential_id == client.pk), None)
    if row is None:
        return
    with transaction.atomic():
        if row.kind == KINDS.ACCESS:
            row.delete()
        elif end_grant(row.grant):
            _record(row, "program.disconnect", address)


def found(token: str, kind: OAuthTokenKind) -> OAuthToken | None:
    """The row of a token or code that has not run out, used or not; or None."""
    if not is_writable(token):
        return None
    prefix, secret = parted(token)
    row = _FOUND.first(prefix=prefix, kind=kind.value)
    if not is_secret_of(row, secret) or row is None:
        return None
    return row if row.expires_at > clock.now() else None


def grant_of(row: OAuthToken) -> Grant:
    """The grant that a token or code came of."""
    return Grant(row.account, tuple(row.scopes), row.credential, row.user, row.grant)


def authenticate(token: str, *, address: str, via: str) -> Actor | None:
    """Who asks with an access token; None if it is none, or over.

    Raises:
        AccountSuspended: it is good, but nobody uses the account at present.

    """
    row = found(token, KINDS.ACCESS)
    if row is None:
        return None
    actor = holder(row, address=address, via=via)
    if actor is not None and row.credential is not None:
        note_use(row.credential)
    return actor


def holder(row: OAuthToken, *, address: str, via: str) -> Actor | None:
    """Whose token or code it is, as they stand in the account now; None if they may no more.

    Raises:
        AccountSuspended: they may, but nobody uses the account at present.

    """
    client = row.credential
    if client is not None and not (is_live(client) and within(address, client.networks)):
        return None
    actor = _person(row, address, via) if row.user else _client(row, address, via)
    if actor is not None and getattr(row, "blocked", False):  # found() tells
        raise AccountSuspended(row.account)
    return actor


def spend(row: OAuthToken) -> bool:
    """Use a code or refresh token, which goes once; False if somebody did so before.

    In the transaction that writes what it is changed for: of two who come at once, one gets it.
    """
    rows = OAuthToken.objects.filter(pk=row.pk, used_at__isnull=True)
    return bool(rows.update(used_at=clock.now()))


def end_replayed(row: OAuthToken, *, address: str) -> None:
    """A code or refresh token came a second time: somebody has it who should not, so all ends.

    RFC 6749, 4.1.2 and 10.4; RFC 9700, 4.14.2.
    """
    with transaction.atomic():
        if end_grant(row.grant):
            _record(row, "program.replayed", address)


def end_grant(grant_id: UUID) -> bool:
    """End all that came of one yes; whether there was anything."""
    ended, _ = OAuthToken.objects.filter(grant=grant_id).delete()
    return bool(ended)


def end_all_of(user: User, *, account_id: UUID | None = None) -> None:
    """End what programs hold of a person, in one account or in all."""
    rows = OAuthToken.objects.filter(user=user)
    (rows if account_id is None else rows.filter(account_id=account_id)).delete()


def end_all_by(client_id: UUID) -> None:
    """End what a client holds, of whomever."""
    OAuthToken.objects.filter(credential_id=client_id).delete()


def end_by_password(account_id: UUID) -> None:
    """End what programs got in an account for people's names and passwords."""
    OAuthToken.objects.filter(account_id=account_id, credential__isnull=True).delete()


def expire() -> None:
    """Remove the tokens and codes that are over."""
    OAuthToken.objects.filter(expires_at__lte=clock.now()).delete()


def _record(row: OAuthToken, action: str, address: str) -> None:
    """Put on record what came of a token that a program showed."""
    program = f"{row.credential.name} ({row.credential.prefix})" if row.credential else ""
    actor = Actor(
        account_id=row.account_id,
        role=Role.SYSTEM,
        name=program[:254],
        via="api",
        user_id=row.user_id,
        address=address,
    )
    audit.record(actor, action=action, object_type="token", object_id=row.credential_id)


_FOUND: Final = Prepared(
    lambda prefix, kind: (
        OAuthToken.objects.select_related("account", "user", "credential__created_by")
        .annotate(blocked=blocked("account__path"))
        .filter(prefix=prefix, kind=kind)
        .exclude(account__status__in=GONE)
        .order_by("pk")[:1]
    )
)
_ROLE: Final = Prepared(
    lambda user, account: Membership.objects.filter(user_id=user, account_id=account).order_by(
        "pk"
    )[:1]
)


def _client(row: OAuthToken, address: str, via: str) -> Actor | None:
    client = row.credential
    role = role_behind(client) if client else None
    if client is None or role is None:
        return None
    return acting_as(client, role, address=address, via=via, scopes=_still(row))


def _person(row: OAuthToken, address: str, via: str) -> Actor | None:
    user, client = row.user, row.credential
    if user is None or not _may_still(user, by_password=client is None):
        return None
    theirs = _ROLE.first(user=user.pk, account=row.account_id)
    if theirs is None:
        return None
    note(account=row.account_id)
    return Actor(
        account_id=row.account_id,
        role=Role(theirs.role),
        name=f"{user.email} ({client.name})"[:254] if client else user.email,
        via=via,
        user_id=user.pk,
        address=address,
        only=actions_of(_still(row)) - _NEVER_FOR_A_PERSON,
        credential_id=row.grant,
    )


def _still(row: OAuthToken) -> list[str]:
    """The scopes of a token that its client still has."""
    kept = row.credential.scopes if row.credential else list(Scope)
    return [each for each in row.scopes if each in kept]


def _may_still(user: User, *, by_password: bool) -> bool:
    if by_password:
        return sign_in_digests.may_sign_in(user)
    return user.is_active and (settings.DEMO or not user.demo)
