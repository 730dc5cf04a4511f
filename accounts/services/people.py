"""Who is in an account: roles, and removal that ends everything at once."""

from uuid import UUID

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts import languages, zones
from accounts.errors import LastAdmin, NotThere
from accounts.models import Membership, User
from accounts.roles import NEVER_A_MEMBERSHIP, Action, Role
from accounts.scoping import Actor
from accounts.services import audit, program_sessions, sign_in_digests, tokens
from accounts.tenancy import require


def team_of(actor: Actor) -> list[Membership]:
    """The people of the account, by name.

    Raises:
        NotAllowed: the actor may not see them.

    """
    require(actor, Action.TEAM_MANAGE)
    return team_in(actor.account_id)


def is_of(actor: Actor, *, user_id: UUID) -> bool:
    """Whether somebody is of the actor's account."""
    return Membership.objects.filter(account_id=actor.account_id, user_id=user_id).exists()


def member_at(account_id: UUID, *, email: str) -> UUID | None:
    """The person of an account who has this address; None if nobody has."""
    theirs = Membership.objects.filter(account_id=account_id, user__email__iexact=email.strip())
    return theirs.order_by("pk").values_list("user_id", flat=True).first() if email else None


def team_in(account_id: UUID) -> list[Membership]:
    """The people of an account, by name, for whoever may see them."""
    rows = Membership.objects.filter(account_id=account_id).select_related("user")
    return sorted(rows, key=lambda each: str(each.user).casefold())


def change_role(actor: Actor, *, user_id: UUID, role: Role) -> Membership:
    """Make a person something else in the account.

    Raises:
        NotAllowed: the actor may not.
        NotThere: no such person in the account.
        LastAdmin: nobody would be left to administer it.

    """
    require(actor, Action.TEAM_MANAGE)
    if role in NEVER_A_MEMBERSHIP:
        raise ValueError("nobody is that in an account")
    with transaction.atomic():
        membership = _locked(actor, user_id, leaves=role != Role.ADMIN)
        before, membership.role = membership.role, role.value
        if before != role.value:
            membership.save(update_fields=["role"])
            audit.record(
                actor,
                action="team.role",
                object_type="user",
                object_id=user_id,
                before=before,
                after=role.value,
            )
    return membership


def remove(actor: Actor, *, user_id: UUID) -> User:
    """Take a person out of the account: their tokens end, and with the last account their sessions.

    What they still have open of this account is refused from the next request on, since every
    request asks for the membership.

    Raises:
        NotAllowed, NotThere, LastAdmin: as ``change_role``.

    """
    require(actor, Action.TEAM_MANAGE)
    with transaction.atomic():
        membership = _locked(actor, user_id, leaves=True)
        user = membership.user
        ended = tokens.revoke_all_of(actor, user=user)
        membership.delete()
        program_sessions.end_all_of(user, account_id=actor.account_id)
        sign_in_digests.forget_names(user)
        User.objects.filter(pk=user.pk, last_account_id=actor.account_id).update(last_account=None)
        if not Membership.objects.filter(user=user).exists():
            end_sessions(user)
        audit.record(
            actor, action="team.remove", object_type="user", object_id=user_id, tokens=ended
        )
    return user


def rename(user: User, *, name: str) -> None:
    """Set what a person is called."""
    User.objects.filter(pk=user.pk).update(name=" ".join(name.split())[:120])


def speak(user: User, *, language: str) -> None:
    """Set what a person is spoken to in; what the portal does not speak is no choice."""
    User.objects.filter(pk=user.pk).update(language=languages.known(language) or None)


def live_in(user: User, *, time_zone: str) -> None:
    """Set the zone in which a person is told of times; none that there is is no choice."""
    User.objects.filter(pk=user.pk).update(time_zone=zones.known(time_zone) or None)


def end_sessions(user: User, *, but: str = "") -> int:
    """Sign a person out everywhere, except in the session of this key; how many that were."""
    sessions = list(UserSession.objects.filter(user=user).exclude(session_key=but))
    for session in sessions:
        session.end()
    return len(sessions)


def _locked(actor: Actor, user_id: UUID, *, leaves: bool) -> Membership:
    """The membership, with the account's administrators locked if one of them might be lost."""
    rows = Membership.objects.filter(account_id=actor.account_id)
    # Two administrators who demote each other at the same time take turns here.
    admins = list(rows.select_for_update().filter(role=Role.ADMIN.value).order_by("pk"))
    membership = rows.select_related("user").filter(user_id=user_id).first()
    if membership is None:
        raise NotThere
    if leaves and [each.pk for each in admins] == [membership.pk]:
        raise LastAdmin
    return membership
