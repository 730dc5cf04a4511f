"""Which fax machines people may send from and work with."""

from uuid import UUID

from accounts.errors import NotAllowed
from accounts.roles import Role
from accounts.scoping import Actor
from faxes.models import Faxbox, FaxboxAccess


def faxboxes_to_send_from(actor: Actor) -> list[Faxbox]:
    """The fax machines that the actor may send from, with their numbers, by name."""
    rows = Faxbox.objects.visible_to(actor).prefetch_related("numbers").order_by("name", "id")
    return list(rows.exclude(pk__in=_only_seen_by(actor)))


def require_work_in(actor: Actor, *, faxbox_id: UUID) -> None:
    """Let pass who may do more at a fax machine than look.

    Raises:
        NotAllowed: the actor only sees its faxes, or not even those.

    """
    faxboxes = Faxbox.objects.visible_to(actor).exclude(pk__in=_only_seen_by(actor))
    if not faxboxes.filter(pk=faxbox_id).exists():
        raise NotAllowed("faxbox")


def _only_seen_by(actor: Actor) -> list[UUID]:
    if actor.role in {Role.ADMIN, Role.SYSTEM} or actor.user_id is None:
        return []
    looking = FaxboxAccess.objects.for_account(actor.account_id).filter(
        membership__user_id=actor.user_id, may_send=False, faxbox__restricted=True
    )
    return list(looking.values_list("faxbox_id", flat=True))
