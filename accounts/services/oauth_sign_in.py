"""Signing in for an access token: as a client with its secret, or by a person's name and password.

Names and passwords of people count only where their account says that programs may show them, and
never for whom they would be a way around a second step or single sign-on.
"""

import hashlib
from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.errors import AccountSuspended, CredentialsWrong
from accounts.models import Credential, CredentialKind, Membership, SignInPolicy, Status, User
from accounts.roles import Role, Scope
from accounts.scoping import Actor
from accounts.services import audit, sign_in_digests
from accounts.services.credentials import (
    acting_as,
    is_writable,
    live_credential,
    note_use,
    role_behind,
)
from accounts.services.networks import within
from accounts.services.oauth_tokens import KINDS, Grant, IssuedToken, issue, store
from accounts.services.rate_limits import IN_THIS_PROCESS as limits  # noqa: N811 (a value here)
from accounts.services.signin import note_for_person, person_named, why_no_password

_LONGEST: Final = 1000  # characters of a name or password that are looked at


def sign_in_client(
    client_id: str, secret: str, *, address: str, is_here: Callable[[UUID], bool] = lambda _: True
) -> IssuedToken:
    """An access token for an OAuth client, with all of its scopes (RFC 6749, 4.4).

    ``is_here`` says which accounts the host at hand is for.

    Raises:
        CredentialsWrong: it is nobody's.
        AccountSuspended: it is right, but nobody uses the account at present.
        TooManyRequests: too many were wrong lately, or too many asked.

    """
    client = client_of(client_id, secret, address=address, is_here=is_here)
    with transaction.atomic():
        made = issue(Grant(client.account, tuple(client.scopes), client=client))
        _note_sign_in(client, address)
    return made


def give_client(client: Credential, *, token: str, scopes: tuple[str, ...], address: str) -> None:
    """Give a client that showed its secret this access token, for some of its scopes."""
    with transaction.atomic():
        store(Grant(client.account, scopes, client=client), KINDS.ACCESS, token)
        _note_sign_in(client, address)


def client_of(
    client_id: str, secret: str, *, address: str, is_here: Callable[[UUID], bool] = lambda _: True
) -> Credential:
    """The live OAuth client that has this secret.

    Raises:
        CredentialsWrong, AccountSuspended, TooManyRequests: as ``sign_in_client``.

    """
    shown = f"{client_id}.{secret}"
    if not is_writable(shown):
        shown = client_id = secret = ""
    limits.guard(shown, address=address)
    client = live_credential(client_id, secret)
    role = role_behind(client) if client else None
    if (
        client is None
        or role is None
        or client.kind != CredentialKind.OAUTH_CLIENT
        or not within(address, client.networks)
        or not is_here(client.account_id)
    ):
        _record_failure(client_id, address)
        limits.was_wrong(shown, address=address)
        raise CredentialsWrong("client")
    limits.was_right(shown)
    if getattr(client, "blocked", False):  # live_credential tells
        raise AccountSuspended(client.account)
    limits.take(acting_as(client, role, address=address))
    note_use(client)
    return client


def sign_in_person(
    email: str, password: str, *, address: str, is_here: Callable[[UUID], bool] = lambda _: True
) -> IssuedToken:
    """An access token for a person, in the one account of theirs that lets programs ask so.

    Raises:
        CredentialsWrong: nobody has these, or they cannot sign in by them, or none of their
            accounts lets programs show passwords, or more than one does.
        AccountSuspended, AccountClosed: they are right, but nobody uses the account.
        TooManyRequests: too many were wrong lately, from this address or for this person.

    """
    name = email.strip().lower()
    if not _is_readable(name) or not _is_readable(password):
        name = password = ""
    whose = f"person {name}"
    shown = f"{whose} {hashlib.sha256(password.encode()).hexdigest()}"
    limits.guard(shown, address=address, account=whose)
    user = _person(name, password)
    membership = _where_allowed(user, is_here) if user else None
    refused = why_no_password(membership, address=address) if membership else None
    if user is None or membership is None or isinstance(refused, CredentialsWrong):
        if refused is None and (known := person_named(name)):
            why = "password" if user is None else "not allowed"
            note_for_person(known, action="sign_in.failed", address=address, via="api", why=why)
        limits.was_wrong(shown, address=address, account=whose)
        raise refused or CredentialsWrong("password")
    limits.was_right(shown)
    if refused is not None:
        raise refused
    with transaction.atomic():
        scopes = tuple(each.value for each in Scope)
        made = issue(Grant(membership.account, scopes, user=user))
        note_for_person(
            user, action="sign_in", address=address, only=membership.account_id, via="api"
        )
    return made


def _person(name: str, password: str) -> User | None:
    """Who has this name and password. One slow hash is made in any case: the time tells nothing."""
    user = person_named(name)
    if user is None:
        make_password(password)
        return None
    right = user.check_password(password)
    return user if right and sign_in_digests.may_sign_in(user) else None


def _where_allowed(user: User, is_here: Callable[[UUID], bool]) -> Membership | None:
    """The one place of a person in which programs may show their password; None if not one."""
    allowing = SignInPolicy.objects.filter(program_passwords=True).values("account_id")
    rows = Membership.objects.select_related("user", "account").filter(
        user=user, account_id__in=allowing
    )
    rows = rows.exclude(account__status=Status.ERASED)
    found = [each for each in rows.order_by("pk") if is_here(each.account_id)]
    return found[0] if len(found) == 1 else None


def _note_sign_in(client: Credential, address: str) -> None:
    audit.record(
        acting_as(client, role_behind(client) or Role.VIEWER, address=address),
        action="sign_in",
        object_type="token",
        object_id=client.pk,
    )


def _record_failure(client_id: str, address: str) -> None:
    """Put a wrong secret on record, where it was for a client that there is."""
    known = Credential.objects.filter(
        prefix=client_id, kind=CredentialKind.OAUTH_CLIENT, revoked_at__isnull=True
    ).first()
    if known is None:
        return
    nobody = Actor(
        account_id=known.account_id, role=Role.SYSTEM, name="", via="api", address=address
    )
    audit.record(
        nobody, action="sign_in.failed", object_type="token", object_id=known.pk, why="secret"
    )


def _is_readable(written: str) -> bool:
    """Whether a database and a hash can take it at all."""
    if len(written) > _LONGEST or "\0" in written:
        return False
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return True
