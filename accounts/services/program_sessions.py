"""Programs that sign in: for a key, or for the digest of name and password, they hold a token.

It ends when it is not used for an hour, and in any case after a day; roles and memberships are read
anew each time it is shown. Who has a second step, or is of an account that wants one or has its
people sign in elsewhere, cannot sign in by a digest: there is no place for a code in it, so that it
would be the way around them.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts import clock
from accounts.at_work import note
from accounts.errors import AccountSuspended, CredentialsWrong, NotAllowed, NotThere
from accounts.models import GONE, Account, Credential, Membership, ProgramSession, Status, User
from accounts.prepared import Prepared
from accounts.roles import ALLOWED, Action, Role
from accounts.scoping import Actor
from accounts.services import audit, oauth_tokens, sign_in_digests
from accounts.services.api_keys import credential_of_key
from accounts.services.credentials import (
    acting_as,
    digest_of,
    is_live,
    is_secret_of,
    is_writable,
    note_use,
    parted,
    shown_by,
)
from accounts.services.networks import within
from accounts.services.rate_limits import IN_THIS_PROCESS as limits  # noqa: N811 (a value here)
from accounts.services.signin import note_for_person, why_no_password
from accounts.tenancy import blocked, require

MARK: Final = "fxs"
IDLE: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=1)
_USE_NOTED_EVERY: Final = timedelta(minutes=1)
_MOST_OF_A_NAME: Final = 50  # accounts that are called the same
_DIGEST: Final = {"md5": re.compile("[0-9a-f]{32}"), "sha": re.compile("[0-9a-f]{40}")}


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a client shows: the digest in hex, how it was made (md5, sha), and one word for where.

    The account is named by its name or its realm, in whatever case, by a number of its own, or by
    its id.
    """

    credentials: str
    method: str = "md5"
    account_name: str = ""
    realm: str = ""
    phone_number: str = ""
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session at the one moment when its token is known; without ``user`` it is the account's."""

    token: str
    account: Account
    user: User | None


def sign_in_by_digest(
    asked: SignIn,
    *,
    address: str,
    owner_of_number: Callable[[str], UUID | None],
    is_here: Callable[[UUID], bool] = lambda _: True,
) -> NewSession:
    """A session for the person whom a digest names, in the account that is named beside it.

    ``is_here`` says which accounts the host at hand is for.

    Raises:
        CredentialsWrong: nobody there has this digest, or they cannot sign in by one.
        AccountSuspended, AccountClosed: it is right, but nobody uses the account.
        TooManyRequests: too many were wrong lately, from this address or for this account.

    """
    accounts = [each for each in _named(asked, owner_of_number) if is_here(each.pk)]
    where = " ".join(each.pk.hex for each in accounts)  # one account, whatever it is called by
    digest = asked.credentials.strip().lower()
    shown = f"{where} {digest}"
    limits.guard(shown, address=address, account=where)
    pattern = _DIGEST.get(asked.method)
    right = digest if pattern and pattern.fullmatch(digest) else ""
    people = sign_in_digests.people_of(right)
    refused: CredentialsWrong | AccountSuspended = CredentialsWrong("password")
    found = _memberships(people, accounts)
    for membership in found:
        refusal = why_no_password(membership, address=address)
        if refusal is None:
            limits.was_right(shown)
            return _signed_in(membership, address)
        refused = refusal
    if not found:
        _record_failure(accounts, address)
    if isinstance(refused, CredentialsWrong):
        limits.was_wrong(shown, address=address, account=where)
    raise refused


def sign_in_by_key(
    api_key: str, *, address: str, is_here: Callable[[UUID], bool] = lambda _: True
) -> NewSession:
    """A session for the account whose key is shown: it may what its administrators may.

    Raises:
        CredentialsWrong: it is nobody's.
        AccountSuspended: it is right, but nobody uses the account at present.
        TooManyRequests: too many were wrong lately from this address.

    """
    limits.guard(api_key, address=address)
    credential = credential_of_key(api_key)
    if (
        credential is None
        or not within(address, credential.networks)
        or not is_here(credential.account_id)
    ):
        limits.was_wrong(api_key, address=address)
        raise CredentialsWrong("key")
    limits.was_right(api_key)
    if getattr(credential, "blocked", False):  # credential_of_key tells
        raise AccountSuspended(credential.account)
    note_use(credential)
    with transaction.atomic():
        made = _opened(credential.account, credential=credential)
        audit.record(
            acting_as(credential, Role.ADMIN, address=address),
            action="sign_in",
            object_type="token",
            object_id=credential.pk,
        )
    return made


def impersonate(actor: Actor, *, user_id: UUID) -> NewSession:
    """A session as somebody else of the actor's account, which names who took their place.

    It ends with what let the actor do so: their place in the account, their token.

    Raises:
        NotAllowed: the actor does not administer the account from within, acts for somebody else
            already, or may not do all that this person may.
        NotThere: no such person in the account.

    """
    require(actor, Action.TEAM_MANAGE)
    if actor.role != Role.ADMIN or actor.on_behalf:
        raise NotAllowed("impersonate")
    rows = Membership.objects.select_related("user", "account")
    theirs = rows.filter(account_id=actor.account_id, user_id=user_id, user__is_active=True).first()
    if theirs is None:
        raise NotThere
    if not all(actor.may(each) for each in ALLOWED[Role(theirs.role)]):
        raise NotAllowed("impersonate")
    with transaction.atomic():
        made = _opened(theirs.account, user=theirs.user, credential=shown_by(actor), taken_by=actor)
        audit.record(actor, action="sign_in.as_other", object_type="user", object_id=user_id)
    return made


def authenticate_session(token: str, *, address: str, via: str) -> Actor | None:
    """Who asks with the token of a session; None if it is none, or over.

    Raises:
        AccountSuspended: it is good, but nobody uses the account at present.

    """
    session = session_for(token)
    if session is None:
        return None
    actor = _actor_of(session, address=address, via=via)
    if actor is None:
        return None
    if getattr(session, "blocked", False):  # session_for tells
        raise AccountSuspended(session.account)
    _note_use(session)
    return actor


def session_for(token: str) -> ProgramSession | None:
    """The session of a token that is not over, with its account; or None."""
    if not is_writable(token):
        return None
    prefix, secret = parted(token)
    session = _LIVE.first(prefix=prefix)
    if not is_secret_of(session, secret) or session is None:
        return None
    now = clock.now()
    return session if session.idle_until > now and session.expires_at > now else None


def end_session(token: str, *, address: str) -> bool:
    """Sign out: the session of a token ends; whether there was one."""
    session = session_for(token)
    actor = session and _actor_of(session, address=address, via="api")
    if session is None or not actor:
        return False
    with transaction.atomic():
        ended, _ = ProgramSession.objects.filter(pk=session.pk).delete()
        if ended:
            kind = ("user", session.user_id) if session.user_id else ("token", actor.credential_id)
            audit.record(actor, action="sign_out", object_type=kind[0], object_id=kind[1])
    return bool(ended)


def end_all_of(user: User, *, account_id: UUID | None = None) -> None:
    """End the sessions of a person, in one account or in all, and those in others' places.

    With what programs hold of the person by OAuth.
    """
    oauth_tokens.end_all_of(user, account_id=account_id)
    rows = ProgramSession.objects.filter(Q(user=user) | Q(opened_by=user))
    (rows if account_id is None else rows.filter(account_id=account_id)).delete()


def expire() -> None:
    """Remove the sessions that are over."""
    now = clock.now()
    ProgramSession.objects.filter(Q(idle_until__lte=now) | Q(expires_at__lte=now)).delete()


_LIVE: Final = Prepared(
    lambda prefix: (
        ProgramSession.objects.select_related(
            "account", "user", "opened_by", "credential__created_by"
        )
        .annotate(blocked=blocked("account__path"))
        .filter(prefix=prefix)
        .exclude(account__status__in=GONE)
        .order_by("pk")[:1]
    )
)


def _named(asked: SignIn, owner_of_number: Callable[[str], UUID | None]) -> list[Account]:
    """The accounts that may be meant: several may have one name."""
    rows = Account.objects.exclude(status=Status.ERASED)
    if "\0" in asked.realm + asked.account_name + asked.phone_number:
        return []  # PostgreSQL takes none
    if asked.realm.strip():
        rows = rows.filter(realm=asked.realm.strip().lower().removesuffix("."))
    elif asked.account_name.strip():
        rows = rows.filter(name__iexact=asked.account_name.strip())
    elif asked.phone_number.strip():
        owner = owner_of_number(asked.phone_number.strip())
        rows = rows.filter(pk=owner) if owner else rows.none()
    elif asked.account_id is not None:
        rows = rows.filter(pk=asked.account_id)
    else:
        return []
    return list(rows.order_by("path")[:_MOST_OF_A_NAME])


def _memberships(people: list[User], accounts: list[Account]) -> list[Membership]:
    rows = Membership.objects.select_related("user", "account").order_by("account__path", "pk")
    return list(rows.filter(user__in=people, account__in=accounts))


def _signed_in(membership: Membership, address: str) -> NewSession:
    with transaction.atomic():
        made = _opened(membership.account, user=membership.user)
        note_for_person(
            membership.user, action="sign_in", address=address, only=made.account.pk, via="api"
        )
    return made


def _record_failure(accounts: list[Account], address: str) -> None:
    """Put a wrong digest on record; of whom it should be is not known, as it names nobody."""
    if len(accounts) != 1:
        return
    nobody = replace(Actor.system(accounts[0].pk), name="", via="api", address=address)
    audit.record(
        nobody,
        action="sign_in.failed",
        object_type="account",
        object_id=accounts[0].pk,
        why="password",
    )


def _opened(
    account: Account,
    *,
    user: User | None = None,
    credential: Credential | None = None,
    taken_by: Actor | None = None,
) -> NewSession:
    secret, now = secrets.token_urlsafe(32), clock.now()
    row = ProgramSession.objects.create(
        account=account,
        user=user,
        credential=credential,
        opened_by_id=taken_by.user_id if taken_by else None,
        on_behalf=taken_by.name if taken_by else "",
        prefix=f"{MARK}_{secrets.token_hex(5)}",
        digest=digest_of(secret),
        created_at=now,
        used_at=now,
        idle_until=now + IDLE,
        expires_at=now + LONGEST,
    )
    return NewSession(f"{row.prefix}.{secret}", account, user)


def _actor_of(session: ProgramSession, *, address: str, via: str) -> Actor | None:
    """Whose session it is, as they stand in the account now; None if they are of it no more."""
    credential, user = session.credential, session.user
    if credential is not None and not (
        is_live(credential) and within(address, credential.networks)
    ):
        return None
    if user is None:
        return acting_as(credential, Role.ADMIN, address=address, via=via) if credential else None
    if not sign_in_digests.may_sign_in(user) or not _may_still(session):
        return None
    theirs = Membership.objects.filter(user=user, account_id=session.account_id).first()
    if theirs is None:
        return None
    note(account=session.account_id)
    return Actor(
        account_id=session.account_id,
        role=Role(theirs.role),
        name=user.email,
        via=via,
        user_id=user.pk,
        address=address,
        on_behalf=session.on_behalf,
        credential_id=session.pk,
    )


def _may_still(session: ProgramSession) -> bool:
    """Whether who took somebody's place, if anybody did, could do so now."""
    opener = session.opened_by
    if opener is None:
        return True
    there = Membership.objects.filter(user=opener, account_id=session.account_id, role=Role.ADMIN)
    return opener.is_active and there.exists()


def _note_use(session: ProgramSession) -> None:
    """Let it go on from now; written at most once a minute, or each call would be a write."""
    now = clock.now()
    if session.used_at <= now - _USE_NOTED_EVERY:
        rows = ProgramSession.objects.filter(pk=session.pk, used_at=session.used_at)
        rows.update(used_at=now, idle_until=now + IDLE)
