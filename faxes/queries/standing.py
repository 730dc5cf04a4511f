"""Where a fax stands, from its row: the one bridge between rows and ``wording``."""

from datetime import datetime

from faxes.enums import Direction, FaxState, Outcome
from faxes.models import Fax
from faxes.standings import Progress, Standing, standing


def standing_of(fax: Fax, now: datetime) -> Standing:
    """Where a fax stands, in words; ``fax`` comes from ``queries.faxes`` (which adds ``phase``)."""
    return standing(
        Progress(
            direction=Direction(fax.direction),
            state=FaxState(fax.state),
            outcome=Outcome(fax.outcome) if fax.outcome else None,
            tries=fax.tries,
            pages=fax.pages,
            pages_done=fax.pages_done,
            phase=getattr(fax, "phase", None) or "",
            due_at=None if fax.waits_for_id else fax.due_at,  # until it has its turn, or is well
            incomplete=fax.incomplete,
            held=bool(fax.held_for),
            undoable=fax.undo_until is not None
            and fax.undo_until == fax.due_at
            and fax.undo_until > now,
        ),
        now,
    )
