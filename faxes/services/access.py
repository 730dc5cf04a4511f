"""Say who uses which fax machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from accounts.models import Membership
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes.errors import FaxNotFound
from faxes.models import Faxbox, FaxboxAccess


class Use(StrEnum):
    """What a person may do at a fax machine that not everybody uses."""

    NONE = ""
    SEE = "see"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a fax machine; administrators use every one."""

    membership: Membership
    use: Use

    @property
    def always(self) -> bool:
        """Whether it cannot be taken away."""
        return self.membership.role == Role.ADMIN


@dataclass(frozen=True, slots=True)
class FaxboxUse:
    """A fax machine and what everybody may do there."""

    faxbox: Faxbox
    people: list[Person]


def uses_for(actor: Actor) -> list[FaxboxUse]:
    """All fax machines of the account with who uses them.

    Raises:
        NotAllowed: the actor may not know.

    """
    require(actor, Action.TEAM_MANAGE)
    members = Membership.objects.filter(account_id=actor.account_id).select_related("user")
    team = sorted(members, key=lambda each: str(each.user).casefold())
    given = {
        (each.faxbox_id, each.membership_id): Use.SEND if each.may_send else Use.SEE
        for each in FaxboxAccess.objects.for_account(actor.account_id)
    }
    return [
        FaxboxUse(
            faxbox, [Person(each, given.get((faxbox.pk, each.pk), Use.NONE)) for each in team]
        )
        for faxbox in Faxbox.objects.for_account(actor.account_id).order_by("name", "id")
    ]


def set_use(actor: Actor, *, faxbox_id: UUID, restricted: bool, uses: Mapping[UUID, Use]) -> Faxbox:
    """Say who uses a fax machine; ``uses`` is by membership and holds for a restricted one.

    Raises:
        NotAllowed: the actor may not.
        FaxNotFound: the account has no such fax machine.

    """
    require(actor, Action.TEAM_MANAGE)
    with transaction.atomic():
        rows = Faxbox.objects.for_account(actor.account_id).select_for_update()
        faxbox = rows.filter(pk=faxbox_id).first()
        if faxbox is None:
            raise FaxNotFound
        faxbox.restricted = restricted
        faxbox.save(update_fields=["restricted"])
        given = {key: use for key, use in uses.items() if restricted and use != Use.NONE}
        ours = Membership.objects.filter(account_id=actor.account_id, pk__in=given)
        FaxboxAccess.objects.for_account(actor.account_id).filter(faxbox=faxbox).delete()
        made = FaxboxAccess.objects.bulk_create(
            FaxboxAccess(
                account_id=actor.account_id,
                faxbox=faxbox,
                membership=each,
                may_send=given[each.pk] == Use.SEND,
            )
            for each in ours
        )
        audit.record(
            actor,
            action="team.access",
            object_type="faxbox",
            object_id=faxbox.pk,
            everybody=not restricted,
            people=len(made),
        )
    return faxbox
