"""Ask people to join an account, by mail with a link that works once."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts import clock
from accounts.errors import (
    AccountsError,
    AlreadyMember,
    InvitationForOther,
    InvitationGone,
    NotThere,
    TenantClosed,
    TooManyInvitations,
)
from accounts.models import GONE, Account, Invitation, Membership, User
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit, mail, sign_in_digests
from accounts.services.brands import brand_of
from accounts.services.credentials import digest_of
from accounts.services.paths import account_below
from accounts.tenancy import require

_LASTS: Final = timedelta(days=7)
_MOST_A_DAY: Final = 100
_NOT_SOONER: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Letter:
    """An invitation that is written down, and the secret of its link, which is kept nowhere."""

    invitation: Invitation
    secret: str

    def send(self) -> bool:
        """Send the mail; False if that cannot be done."""
        return _send(self.invitation, self.secret)


def open_invitations(actor: Actor) -> list[Invitation]:
    """Those that nobody has answered yet, the newest first; some may be too old by now.

    Raises:
        NotAllowed: the actor may not see them.

    """
    require(actor, Action.TEAM_MANAGE)
    return list(_open(actor.account_id).order_by("-id"))


def invite(actor: Actor, *, email: str, role: Role) -> tuple[Invitation, bool]:
    """Ask somebody to join; the invitation, and whether the mail could be sent.

    Who is invited already gets a new link instead of the old one.

    Raises:
        NotAllowed: the actor may not invite.
        AlreadyMember: the person is in the account.
        TooManyInvitations: more were sent today than makes sense.

    """
    require(actor, Action.TEAM_MANAGE)
    letter = _written(actor, actor.account_id, email, role)
    return letter.invitation, letter.send()


def invite_below(
    actor: Actor, *, account_id: UUID, email: str, role: Role
) -> tuple[Invitation, bool]:
    """Ask somebody to join an account below the actor's; as ``invite``.

    Whoever joins reads the faxes, so those who administer the account hear of it by mail.

    Raises:
        NotAllowed: the actor does not administer accounts below.
        AccountNotFound: it is not below the actor's account.
        TenantClosed: nobody can join it.
        AlreadyMember, TooManyInvitations: as ``invite``.

    """
    letter = write_below(actor, account_id=account_id, email=email, role=role)
    sent = letter.send()
    _tell_administrators(letter.invitation, provider=Account.objects.get(pk=actor.account_id))
    return letter.invitation, sent


def write_below(actor: Actor, *, account_id: UUID, email: str, role: Role) -> Letter:
    """As ``invite_below``, in the caller's transaction, after which the letter is to be sent."""
    require(actor, Action.TENANTS_MANAGE)
    account = account_below(actor, account_id)
    if account.status in GONE:
        raise TenantClosed
    return _written(actor, account_id, email, role)


def resend(actor: Actor, *, invitation_id: UUID) -> tuple[Invitation, bool]:
    """Send a new link, which lasts for another week; the old one works no more.

    Raises:
        NotAllowed: the actor may not invite.
        NotThere: the account has none of this id.
        InvitationGone: it was answered or taken back.

    """
    require(actor, Action.TEAM_MANAGE)
    return _resent(actor, actor.account_id, invitation_id)


def resend_below(actor: Actor, *, account_id: UUID, invitation_id: UUID) -> tuple[Invitation, bool]:
    """Send a new link into an account below the actor's; as ``resend``.

    Raises:
        NotAllowed: the actor does not administer accounts below.
        AccountNotFound: it is not below the actor's account.
        NotThere, InvitationGone: as ``resend``.

    """
    require(actor, Action.TENANTS_MANAGE)
    _require_for_admin(account_below(actor, account_id).pk, invitation_id)
    return _resent(actor, account_id, invitation_id)


def withdraw(actor: Actor, *, invitation_id: UUID) -> None:
    """Take an invitation back: its link works no more.

    Raises:
        NotAllowed: the actor may not.
        NotThere: the account has none of this id.
        InvitationGone: it was answered or taken back already.

    """
    require(actor, Action.TEAM_MANAGE)
    _withdrawn(actor, actor.account_id, invitation_id)


def withdraw_below(actor: Actor, *, account_id: UUID, invitation_id: UUID) -> None:
    """Take an invitation into an account below the actor's back; as ``withdraw``.

    Raises:
        NotAllowed: the actor does not administer accounts below.
        AccountNotFound: it is not below the actor's account.
        NotThere, InvitationGone: as ``withdraw``.

    """
    require(actor, Action.TENANTS_MANAGE)
    _require_for_admin(account_below(actor, account_id).pk, invitation_id)
    _withdrawn(actor, account_id, invitation_id)


def open_invitations_below(actor: Actor, *, account_id: UUID) -> list[Invitation]:
    """The open invitations to administer an account below; whom else it invites is its own affair.

    Raises:
        NotAllowed: the actor does not administer accounts below.
        AccountNotFound: it is not below the actor's account.

    """
    require(actor, Action.TENANTS_MANAGE)
    rows = _open(account_below(actor, account_id).pk).filter(role=Role.ADMIN.value)
    return list(rows.order_by("-id"))


def invitation_for(secret: str) -> Invitation:
    """The invitation of a link.

    Raises:
        InvitationGone: it was used, taken back, is too old, or never was.

    """
    invitation = (
        Invitation.objects.select_related("account")
        .filter(
            digest=digest_of(secret),
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=clock.now(),
        )
        .exclude(account__status__in=GONE)
        .first()
    )
    if invitation is None:
        raise InvitationGone
    return invitation


def is_for_known_person(invitation: Invitation) -> bool:
    """Whether somebody signs in with the invited address already."""
    return User.objects.filter(email__iexact=invitation.email).exists()


def new_person(invitation: Invitation) -> User:
    """Who the invited person would be; not stored, for a password to be checked against."""
    return User(email=invitation.email)


def accept(user: User, *, secret: str, address: str) -> Membership:
    """Join by the link, as somebody who signs in here already.

    Raises:
        InvitationGone: it was used, taken back, or is too old.
        InvitationForOther: another address is invited.

    """
    with transaction.atomic():
        invitation = invitation_for(secret)
        if user.email.casefold() != invitation.email.casefold():
            raise InvitationForOther
        return _joined(user, invitation, address)


def accept_as_new(*, secret: str, name: str, password: str, address: str) -> User:
    """Join by the link, which proves the address, as somebody new; the password was checked.

    Raises:
        InvitationGone: it was used, taken back, or is too old; or the address has a log-in by now.

    """
    with transaction.atomic():
        invitation = invitation_for(secret)
        try:
            user = User.objects.create_user(invitation.email, password, name=name)
        except IntegrityError:
            raise InvitationGone from None
        _joined(user, invitation, address)
        sign_in_digests.keep(user, password)
    return user


def _joined(user: User, invitation: Invitation, address: str) -> Membership:
    used = _open(invitation.account_id).filter(pk=invitation.pk, digest=invitation.digest)
    if not used.update(accepted_at=clock.now()):
        raise InvitationGone  # somebody was quicker with the same link
    membership, _ = Membership.objects.get_or_create(
        user=user, account_id=invitation.account_id, defaults={"role": invitation.role}
    )
    User.objects.filter(pk=user.pk).update(last_account_id=invitation.account_id)
    actor = Actor(
        account_id=invitation.account_id,
        role=Role(membership.role),
        name=user.email,
        via="portal",
        user_id=user.pk,
        address=address,
    )
    audit.record(
        actor,
        action="team.join",
        object_type="user",
        object_id=user.pk,
        role=membership.role,
        by="invitation",
    )
    return membership


def _open(account_id: UUID) -> QuerySet[Invitation]:
    return Invitation.objects.select_related("account").filter(
        account_id=account_id, accepted_at__isnull=True, withdrawn_at__isnull=True
    )


def _written(actor: Actor, account_id: UUID, email: str, role: Role) -> Letter:
    email, now = email.strip(), clock.now()
    members = Membership.objects.filter(account_id=account_id)
    if members.filter(user__email__iexact=email).exists():
        raise AlreadyMember
    of_today = Invitation.objects.filter(
        account_id=account_id, created_at__gt=now - timedelta(days=1)
    )
    if of_today.count() >= _MOST_A_DAY:
        raise TooManyInvitations
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        _open(account_id).filter(email__iexact=email).update(withdrawn_at=now)
        invitation = Invitation.objects.create(
            account_id=account_id,
            email=email,
            role=role.value,
            digest=digest_of(secret),
            invited_by=actor.name,
            created_at=now,
            expires_at=now + _LASTS,
        )
        _record(actor, invitation, "team.invite", role=invitation.role)
    return Letter(invitation, secret)


def _resent(actor: Actor, account_id: UUID, invitation_id: UUID) -> tuple[Invitation, bool]:
    invitation = _open(account_id).filter(pk=invitation_id).first()
    if invitation is None:
        raise _why_not(account_id, invitation_id)
    now = clock.now()
    if invitation.expires_at - _LASTS > now - _NOT_SOONER:
        return invitation, True  # the mail of a moment ago is on its way
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        invitation.digest, invitation.expires_at = digest_of(secret), now + _LASTS
        invitation.save(update_fields=["digest", "expires_at"])
        _record(actor, invitation, "team.invite_again", role=invitation.role)
    return invitation, Letter(invitation, secret).send()


def _withdrawn(actor: Actor, account_id: UUID, invitation_id: UUID) -> None:
    with transaction.atomic():
        invitation = _open(account_id).filter(pk=invitation_id).first()
        rows = _open(account_id).filter(pk=invitation_id)
        if invitation is None or not rows.update(withdrawn_at=clock.now()):
            raise _why_not(account_id, invitation_id)
        _record(actor, invitation, "team.uninvite")


def _require_for_admin(account_id: UUID, invitation_id: UUID) -> None:
    """Let pass invitations that are a provider's to see.

    Raises:
        NotThere

    """
    rows = Invitation.objects.filter(account_id=account_id, role=Role.ADMIN.value)
    if not rows.filter(pk=invitation_id).exists():
        raise NotThere


def _why_not(account_id: UUID, invitation_id: UUID) -> AccountsError:
    known = Invitation.objects.filter(account_id=account_id, pk=invitation_id).exists()
    return InvitationGone() if known else NotThere()


def _record(actor: Actor, invitation: Invitation, action: str, **facts: str) -> None:
    """Put an act on record; one in an account below is on record there, too."""
    told: dict[str, Any] = {"object_type": "invitation", "object_id": invitation.pk, **facts}
    if invitation.account_id == actor.account_id:
        audit.record(actor, action=action, **told)
    else:
        audit.record_below(actor, account_id=invitation.account_id, action=action, **told)


def _tell_administrators(invitation: Invitation, *, provider: Account) -> None:
    account = invitation.account
    administrators = Membership.objects.filter(account=account, role=Role.ADMIN)
    for each in administrators.select_related("user"):
        mail.send(
            each.user.email,
            template="accounts/email/invited_by_provider",
            account=account,
            invitation=invitation,
            provider=provider,
            link=brand_of(account).base_url + reverse("team", kwargs={"account": account.pk}),
        )


def _send(invitation: Invitation, secret: str) -> bool:
    brand = brand_of(invitation.account)
    return mail.send(
        invitation.email,
        template="accounts/email/invitation",
        account=invitation.account,
        brand=brand,
        invited_by=invitation.invited_by,
        link=brand.base_url + reverse("invitation", kwargs={"secret": secret}),
        days=_LASTS.days,
    )
