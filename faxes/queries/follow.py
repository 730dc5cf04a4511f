"""A fax looked at again and again while it is under way, at the cost of one small query a look."""

from dataclasses import dataclass
from uuid import UUID

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.enums import TERMINAL_STATES, FaxState
from faxes.models import Event, Fax


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a fax stands right now. A new event comes with another ``state`` or ``tries``."""

    state: FaxState
    outcome: str
    tries: int
    pages: int
    pages_done: int

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in TERMINAL_STATES


def moment_of(actor: Actor, fax_id: UUID) -> Moment | None:
    """Where a fax of the actor's stands; None if there is none.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    columns = ("state", "outcome", "tries", "pages", "pages_done")
    row = Fax.objects.visible_to(actor).filter(pk=fax_id).values_list(*columns).first()
    if row is None:
        return None
    return Moment(FaxState(row[0]), *row[1:])


def events_after(actor: Actor, fax_id: UUID, last: UUID | None) -> list[Event]:
    """The events of a fax of the actor's that came after one of them, or all, oldest first.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    events = Event.objects.visible_to(actor).filter(fax_id=fax_id)
    if last is not None:
        events = events.filter(pk__gt=last)
    return list(events.order_by("pk"))
