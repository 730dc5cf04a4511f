"""What is known of the machine at a number, for whoever looks at a fax to it."""

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.enums import Direction
from faxes.models import FarEnd, Fax


def far_end_of(actor: Actor, fax: Fax) -> FarEnd | None:
    """What earlier faxes found out about the number of a fax of the actor's, as far as it holds.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    if fax.direction != Direction.OUTBOUND:
        return None
    rows = FarEnd.objects.visible_to(actor).select_related("carrier")
    return rows.filter(number=fax.to_number, until__gt=clock.now()).first()
