"""Programs that people let into an account: who asks, saying yes, what was said yes to, ending it.

A client of an account asks people of that account and of those below it, such as a reseller's
program its customers; nobody else is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts import clock
from accounts.errors import NotAllowed, NotThere
from accounts.models import Account, Credential, CredentialKind, Membership, OAuthToken, User
from accounts.roles import SCOPES, Action, Scope
from accounts.scoping import Actor
from accounts.services import audit, oauth_tokens
from accounts.services.credentials import is_live, is_writable
from accounts.services.oauth_tokens import KINDS, CodeTerms, Grant
from accounts.services.signin import note_for_person
from accounts.tenancy import path_of, require

_MOST: Final = 200  # that one page lists


@dataclass(frozen=True, slots=True)
class Connection:
    """A program that somebody let in, and can end."""

    grant: UUID
    program: str
    account: Account
    person: User
    scopes: tuple[str, ...]
    used_at: datetime  # when it last renewed its token, or the yes itself


def client_asking(client_id: str) -> Credential | None:
    """The live OAuth client of this id, with its account; or None."""
    if not is_writable(client_id):
        return None
    found = (
        Credential.objects.select_related("account")
        .filter(prefix=client_id, kind=CredentialKind.OAUTH_CLIENT)
        .first()
    )
    return found if found and is_live(found) else None


def may_ask(client: Credential, account: Account) -> bool:
    """Whether a client asks people of an account at all: of its own one, or of one below."""
    return client.account_id in path_of(account)


def scopes_open_to(actor: Actor, scopes: Iterable[str]) -> tuple[str, ...]:
    """Those of the scopes that somebody could use themselves, and so can say yes to."""
    known = [Scope(each) for each in scopes if each in set(Scope)]
    return tuple(each.value for each in known if all(map(actor.may, SCOPES[each])))


def connect(
    actor: Actor, *, client: Credential, scopes: Sequence[str], code: str, terms: CodeTerms
) -> None:
    """Say yes: the client may change this code for tokens that act as the person.

    Raises:
        NotAllowed: the actor is no person of the account, may not do what is asked, or the client
            is not to ask there.

    """
    require(actor, Action.ACCOUNT_VIEW)
    user = User.objects.get(pk=actor.user_id) if actor.user_id else None
    account = Account.objects.get(pk=actor.account_id)
    if user is None or actor.on_behalf or actor.credential_id or not may_ask(client, account):
        raise NotAllowed("connect")
    if not scopes or tuple(scopes) != scopes_open_to(actor, scopes):
        raise NotAllowed("scopes")
    if not is_live(client) or not set(scopes) <= set(client.scopes):
        raise NotAllowed("scopes")
    grant = Grant(account, tuple(scopes), client=client, user=user)
    with transaction.atomic():
        oauth_tokens.store(grant, KINDS.CODE, code, terms=terms)
        audit.record(
            actor,
            action="program.connect",
            object_type="token",
            object_id=client.pk,
            scopes=list(scopes),
        )


def connections_of(user: User, *, only: UUID | None = None) -> list[Connection]:
    """The programs that a person let in, the newest first; ``only`` in one account."""
    places = Membership.objects.filter(user=user).values("account_id")
    rows = _connected().filter(user=user, account_id__in=places)
    return _told(rows if only is None else rows.filter(account_id=only))


def connections_in(actor: Actor) -> list[Connection]:
    """The programs that people of the actor's account let into it, the newest first.

    Raises:
        NotAllowed: the actor may not see them.

    """
    require(actor, Action.TOKEN_MANAGE)
    return _told(_connected().filter(account_id=actor.account_id))


def disconnect(user: User, *, grant: UUID, address: str, only: UUID | None = None) -> None:
    """Take back one's own yes: what the program holds ends at once.

    Raises:
        NotThere: the person let in none such.

    """
    rows = OAuthToken.objects.filter(user=user, grant=grant, credential__isnull=False)
    row = (rows if only is None else rows.filter(account_id=only)).first()
    if row is None:
        raise NotThere
    with transaction.atomic():
        oauth_tokens.end_grant(grant)
        note_for_person(
            user,
            action="program.disconnect",
            address=address,
            only=row.account_id,
            program=str(row.credential_id),
        )


def disconnect_in(actor: Actor, *, grant: UUID) -> None:
    """End a program that somebody let into the actor's account.

    Raises:
        NotAllowed: the actor may not.
        NotThere: the account has none such.

    """
    require(actor, Action.TOKEN_MANAGE)
    rows = OAuthToken.objects.filter(account_id=actor.account_id, grant=grant)
    row = rows.filter(user__isnull=False, credential__isnull=False).first()
    if row is None:
        raise NotThere
    with transaction.atomic():
        oauth_tokens.end_grant(grant)
        audit.record(
            actor, action="program.disconnect", object_type="token", object_id=row.credential_id
        )


def _connected() -> QuerySet[OAuthToken]:
    """What renews a program's token: each yes has one such that was not used."""
    rows = OAuthToken.objects.select_related("account", "user", "credential")
    return rows.filter(
        kind=KINDS.REFRESH,
        used_at__isnull=True,
        expires_at__gt=clock.now(),
        user__isnull=False,
        credential__revoked_at__isnull=True,
    ).order_by("-id")


def _told(rows: QuerySet[OAuthToken]) -> list[Connection]:
    return [
        Connection(
            grant=row.grant,
            program=row.credential.name,
            account=row.account,
            person=row.user,
            scopes=tuple(row.scopes),
            used_at=row.created_at,
        )
        for row in rows[:_MOST]
        if row.credential is not None and row.user is not None
    ]
