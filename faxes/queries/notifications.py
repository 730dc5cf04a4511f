"""Who is told of a fax, and what became of that."""

from uuid import UUID

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.models import Notification


def notifications_of(actor: Actor, fax_id: UUID) -> list[Notification]:
    """The mails and text messages about one fax of the actor's, the oldest first.

    Whom somebody told of a fax is kept as what it holds: those who may not open it see none.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    if not actor.may(Action.FAX_PAGES):
        return []
    return list(Notification.objects.visible_to(actor).filter(fax_id=fax_id).order_by("id"))
