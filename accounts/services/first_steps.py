"""The first steps of a new account: whom they are shown to, until they put them away."""

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import clock
from accounts.models import Invitation, Membership
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require


def shown_to(actor: Actor) -> bool:
    """Whether it is an administrator of the account who has not put the first steps away."""
    return _theirs_to_see(actor).exists()


def has_company(actor: Actor) -> bool:
    """Whether somebody else is of the account, or was asked to be."""
    others = Membership.objects.filter(~Q(user_id=actor.user_id), account_id=actor.account_id)
    asked = Invitation.objects.filter(
        account_id=actor.account_id, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    return others.exists() or asked.exists()


def put_away(actor: Actor) -> None:
    """Show the first steps to this person no more.

    Raises:
        NotAllowed: they are not shown the steps in the first place.

    """
    require(actor, Action.TEAM_MANAGE)
    with transaction.atomic():
        if _theirs_to_see(actor).update(steps_put_away_at=clock.now()):
            audit.record(
                actor, action="steps.put_away", object_type="account", object_id=actor.account_id
            )


def _theirs_to_see(actor: Actor) -> QuerySet[Membership]:
    return Membership.objects.filter(
        account_id=actor.account_id,
        user=actor.user_id,
        role=Role.ADMIN,
        steps_put_away_at__isnull=True,
    )
