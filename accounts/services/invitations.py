"""Ask people to join an account, by mail with a link that works once."""

import secrets
from datetime import timedelta
from typing import Final
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
    TooManyInvitations,
)
from accounts.models import GONE, Invitation, Membership, User
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit, mail
from accounts.services.brands import brand_of
from accounts.services.tokens import digest_of
from accounts.tenancy import require

_LASTS: Final = timedelta(days=7)
_MOST_A_DAY: Final = 100
_NOT_SOONER: Final = timedelta(minutes=1)


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
    email, now = email.strip(), clock.now()
    members = Membership.objects.filter(account_id=actor.account_id)
    if members.filter(user__email__iexact=email).exists():
        raise AlreadyMember
    of_today = Invitation.objects.filter(
        account_id=actor.account_id, created_at__gt=now - timedelta(days=1)
    )
    if of_today.count() >= _MOST_A_DAY:
        raise TooManyInvitations
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        _open(actor.account_id).filter(email__iexact=email).update(withdrawn_at=now)
        invitation = Invitation.objects.create(
            account_id=actor.account_id,
            email=email,
            role=role.value,
            digest=digest_of(secret),
            invited_by=actor.name,
            created_at=now,
            expires_at=now + _LASTS,
        )
        _record(actor, invitation, "team.invite")
    return invitation, _send(invitation, secret)


def resend(actor: Actor, *, invitation_id: UUID) -> tuple[Invitation, bool]:
    """Send a new link, which lasts for another week; the old one works no more.

    Raises:
        NotAllowed: the actor may not invite.
        NotThere: the account has none of this id.
        InvitationGone: it was answered or taken back.

    """
    require(actor, Action.TEAM_MANAGE)
    invitation = _open(actor.account_id).filter(pk=invitation_id).first()
    if invitation is None:
        raise _why_not(actor, invitation_id)
    now = clock.now()
    if invitation.expires_at - _LASTS > now - _NOT_SOONER:
        return invitation, True  # the mail of a moment ago is on its way
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        invitation.digest, invitation.expires_at = digest_of(secret), now + _LASTS
        invitation.save(update_fields=["digest", "expires_at"])
        _record(actor, invitation, "team.invite_again")
    return invitation, _send(invitation, secret)


def withdraw(actor: Actor, *, invitation_id: UUID) -> None:
    """Take an invitation back: its link works no more.

    Raises:
        NotAllowed: the actor may not.
        NotThere: the account has none of this id.
        InvitationGone: it was answered or taken back already.

    """
    require(actor, Action.TEAM_MANAGE)
    with transaction.atomic():
        rows = _open(actor.account_id).filter(pk=invitation_id)
        if not rows.update(withdrawn_at=clock.now()):
            raise _why_not(actor, invitation_id)
        audit.record(
            actor, action="team.uninvite", object_type="invitation", object_id=invitation_id
        )


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


def _why_not(actor: Actor, invitation_id: UUID) -> AccountsError:
    known = Invitation.objects.filter(account_id=actor.account_id, pk=invitation_id).exists()
    return InvitationGone() if known else NotThere()


def _record(actor: Actor, invitation: Invitation, action: str) -> None:
    audit.record(
        actor,
        action=action,
        object_type="invitation",
        object_id=invitation.pk,
        role=invitation.role,
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
