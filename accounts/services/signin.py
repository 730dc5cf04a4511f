"""Signing in: an account's rules for it, and the record of who did."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import (
    AccountClosed,
    AccountSuspended,
    CredentialsWrong,
    DomainInvalid,
    IssuerInvalid,
    NotAllowed,
)
from accounts.models import Account, Membership, SignInPolicy, Status, User
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit, oauth_tokens
from accounts.tenancy import is_in_use, path_of, require, shut_out, worst

_MOST_DOMAINS: Final = 50
_LONGEST_ISSUER: Final = 300


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """An account's rules as typed; an empty ``client_secret`` keeps the one that is there."""

    require_mfa: bool = False
    program_passwords: bool = False
    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""
    domains: str = ""
    create_members: bool = False
    new_role: Role = Role.MEMBER


def policy_for(actor: Actor) -> SignInPolicy:
    """The account's own rules; an empty row that is not stored if it has none.

    Raises:
        NotAllowed: the actor may not see them.

    """
    require(actor, Action.SIGN_IN_MANAGE)
    kept = SignInPolicy.objects.filter(pk=actor.account_id).first()
    return kept or SignInPolicy(account_id=actor.account_id)


def save_policy(actor: Actor, *, request: PolicyRequest) -> SignInPolicy:
    """Set the account's rules.

    Raises:
        NotAllowed: the actor may not.
        IssuerInvalid, DomainInvalid: what was typed is none; nothing is changed.

    """
    policy = policy_for(actor)
    policy.require_mfa = request.require_mfa
    policy.program_passwords = request.program_passwords
    policy.issuer = _issuer(request.issuer)
    policy.client_id = request.client_id.strip() if policy.issuer else ""
    policy.domains = _domains(request.domains)
    policy.create_members = request.create_members
    policy.new_role = Role.VIEWER if request.new_role == Role.VIEWER else Role.MEMBER
    if policy.issuer and not policy.domains:
        raise DomainInvalid
    if not policy.issuer:
        policy.client_secret = ""
    elif request.client_secret:
        policy.client_secret = request.client_secret
    with transaction.atomic():
        policy.save()
        if not policy.program_passwords:
            oauth_tokens.end_by_password(actor.account_id)
        audit.record(
            actor,
            action="sign_in.rules",
            object_type="account",
            object_id=actor.account_id,
            second_step=policy.require_mfa,
            program_passwords=policy.program_passwords,
            single_sign_on=bool(policy.issuer),
            creates_members=policy.create_members,
        )
    return policy


def who_requires_second_step(account: Account) -> str:
    """The name of the account, this or one above, that wants a second step; empty if none does.

    It is that of the uppermost if the operator of the portal wants one of everybody.
    """
    if settings.REQUIRE_SECOND_STEP:
        return Account.objects.values_list("name", flat=True).get(pk=path_of(account)[0])
    policy = SignInPolicy.objects.filter(account_id__in=path_of(account), require_mfa=True)
    first = policy.select_related("account").order_by("account__path").first()
    return first.account.name if first else ""


def has_second_step(user: User) -> bool:
    """Whether the person has an app for codes, or a passkey."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())


def why_no_password(
    membership: Membership, *, address: str
) -> CredentialsWrong | AccountSuspended | None:
    """Why a program gets nothing for the right password of somebody of an account; None: it does.

    Put on record where that is for the way in which they sign in.
    """
    user, account = membership.user, membership.account
    policy = single_sign_on_for(account.pk)
    why = ""
    if has_second_step(user) or who_requires_second_step(account):
        why = "second step"
    elif policy is not None and user.email.rpartition("@")[2].lower() in policy.domains:
        why = "single sign-on"
    if why:
        note_for_person(
            user, action="sign_in.failed", address=address, only=account.pk, via="api", why=why
        )
        return CredentialsWrong(why)
    status = worst([account])[account.pk]
    if status == Status.CLOSED:
        return AccountClosed(account, administers=membership.role == Role.ADMIN)
    return None if status == Status.ACTIVE else AccountSuspended(account)


def single_sign_on_for(account_id: UUID) -> SignInPolicy | None:
    """How people of the account sign in elsewhere; None if they do not, or it is not in use."""
    return _with_issuer().filter(pk=account_id).first()


def single_sign_on_named(written: str) -> list[SignInPolicy]:
    """Where somebody signs in who types an email address, its domain, or an account's realm."""
    word = written.strip().lower().rpartition("@")[2]
    if not word:
        return []
    return [each for each in _with_issuer() if word == each.account.realm or word in each.domains]


def person_vouched_for(policy: SignInPolicy, *, email: str, name: str, address: str) -> User:
    """The person whom an account's identity provider vouches for; made a member if rules say so.

    Raises:
        NotAllowed: not an address of the account's domains, or no member of it.
        AccountSuspended: nobody uses the account at present, or any more.

    """
    domain = email.rpartition("@")[2].lower()
    if domain not in policy.domains or not _is_email(email):
        raise NotAllowed("domain")
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        if user and Membership.objects.filter(user=user, account_id=policy.pk).exists():
            if shut_out(user, only=policy.pk):
                raise AccountSuspended(policy.account)
            return user
        if user is not None or not policy.create_members:
            raise NotAllowed("member")  # who has a log-in already joins by an invitation only
        if not is_in_use(policy.account):
            raise AccountSuspended(policy.account)
        user = User.objects.create_user(email, name=name[:120])
        membership = Membership.objects.create(
            user=user, account_id=policy.pk, role=Role(policy.new_role)
        )
        actor = _as_person(user, membership, address)
        audit.record(
            actor,
            action="team.join",
            object_type="user",
            object_id=user.pk,
            role=membership.role,
            by="single sign-on",
        )
    return user


def is_of_others(user: User, *, than: UUID) -> bool:
    """Whether a person is of accounts other than this one."""
    return Membership.objects.filter(user=user).exclude(account_id=than).exists()


def note_for_person(
    user: User,
    *,
    action: str,
    address: str,
    only: UUID | None = None,
    via: str = "portal",
    **facts: object,
) -> None:
    """Put on record what somebody did about their log-in, in each account they are of.

    ``only`` is the one account that it concerns.
    """
    memberships = Membership.objects.filter(user=user).exclude(account__status=Status.ERASED)
    if only is not None:
        memberships = memberships.filter(account_id=only)
    with transaction.atomic():
        # always in the same order, so that two of them never wait for each other
        for membership in memberships.order_by("account_id"):
            actor = replace(_as_person(user, membership, address), via=via)
            audit.record(actor, action=action, object_type="user", object_id=user.pk, **facts)


def reset_second_step(user: User, *, by: Actor | None = None) -> int:
    """Remove the codes and passkeys of a person who lost them, by the operator; how many."""
    with transaction.atomic():
        removed, _ = Authenticator.objects.filter(user=user).delete()
        for membership in Membership.objects.filter(user=user).order_by("account_id"):
            operator = by or Actor.system(membership.account_id)
            audit.record(
                replace(operator, account_id=membership.account_id),
                action="second_step.reset",
                object_type="user",
                object_id=user.pk,
                removed=removed,
            )
    return int(removed)


def person_named(email: str) -> User | None:
    """The person who signs in with this address."""
    return User.objects.filter(email__iexact=email.strip()).first() if email else None


def _as_person(user: User, membership: Membership, address: str) -> Actor:
    return Actor(
        account_id=membership.account_id,
        role=Role(membership.role),
        name=user.email,
        via="portal",
        user_id=user.pk,
        address=address,
    )


def _with_issuer() -> QuerySet[SignInPolicy]:
    rows = SignInPolicy.objects.select_related("account").exclude(issuer="")
    # one that is closed still lets its administrators fetch what is theirs
    return rows.exclude(account__status=Status.ERASED).order_by("account__name", "account_id")


def _issuer(written: str) -> str:
    issuer = written.strip().rstrip("/").removesuffix("/.well-known/openid-configuration")
    if not issuer:
        return ""
    schemes = ["https", "http"] if settings.SINGLE_SIGN_ON_PRIVATE else ["https"]
    try:
        URLValidator(schemes=schemes)(issuer)
        parts = urlsplit(issuer)
    except (ValidationError, ValueError):
        raise IssuerInvalid from None
    if parts.username or parts.query or parts.fragment or len(issuer) > _LONGEST_ISSUER:
        raise IssuerInvalid
    return issuer


def _domains(written: str) -> list[str]:
    domains = sorted({word.lower() for word in written.replace(",", " ").split()})
    if len(domains) > _MOST_DOMAINS or not all(_is_email(f"x@{domain}") for domain in domains):
        raise DomainInvalid
    return domains


def _is_email(written: str) -> bool:
    try:
        validate_email(written)
    except ValidationError:
        return False
    return True
