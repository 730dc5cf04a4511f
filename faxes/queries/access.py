"""Which fax machines people may send from and work with."""

from typing import Final
from uuid import UUID

from django.db.models import prefetch_related_objects

from accounts.errors import NotAllowed
from accounts.prepared import Prepared
from accounts.roles import Role
from accounts.scoping import Actor
from faxes.models import Faxbox, FaxboxAccess

_FAXBOXES: Final = Prepared(
    lambda account: Faxbox.objects.for_account(account).order_by("name", "id")
)
_FAXBOX: Final = Prepared(
    lambda account, key: Faxbox.objects.ever_of(account).filter(pk=key).values_list("pk")
)


def faxboxes_to_send_from(actor: Actor) -> list[Faxbox]:
    """The fax machines that the actor may send from, with their numbers, by name."""
    shut = _shut_to(actor)
    found = [each for each in _FAXBOXES.rows(account=actor.account_id) if each.pk not in shut]
    prefetch_related_objects(found, "numbers")
    return found


def require_work_in(actor: Actor, *, faxbox_id: UUID) -> None:
    """Let pass who may do more at a fax machine than look.

    Raises:
        NotAllowed: the actor only sees its faxes, or not even those.

    """
    found = _FAXBOX.rows(account=actor.account_id, key=faxbox_id)
    if not found or faxbox_id in _shut_to(actor):
        raise NotAllowed("faxbox")


def _shut_to(actor: Actor) -> set[UUID]:
    """The fax machines of certain people of whom the actor is none, or only looks."""
    if actor.role in {Role.ADMIN, Role.SYSTEM}:
        return set()
    restricted = Faxbox.objects.ever_of(actor.account_id).filter(restricted=True)
    person = [actor.user_id] if actor.user_id else []
    theirs = FaxboxAccess.objects.for_account(actor.account_id).filter(
        membership__user_id__in=person, may_send=True
    )
    shut = restricted.exclude(pk__in=theirs.values("faxbox_id"))
    return set(shut.values_list("pk", flat=True))
