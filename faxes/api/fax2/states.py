"""Where a fax that is sent stands, in this dialect's words."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from faxes.api.common.places import ENDED, Place, place_of
from faxes.enums import Outcome
from faxes.wire import fax2 as wire
from faxes.wire.fax2 import REASONS, Status

if TYPE_CHECKING:
    from faxes.models import Fax

STATUS: Final = {
    Place.PREPARING: Status.WAITING,
    Place.QUEUED: Status.WAITING,
    Place.RETRY_WAIT: Status.WAITING,
    Place.DIALING: Status.SENDING,
    Place.SENDING: Status.SENDING,
    Place.DELIVERED: Status.SENT,
}
REASON: Final = {
    Place.BUSY: REASONS[Outcome.BUSY],
    Place.NO_ANSWER: REASONS[Outcome.NO_ANSWER],
    Place.NO_CARRIER: REASONS[Outcome.NO_CARRIER],
    Place.DIAL_FAILED: REASONS[Outcome.DIAL_FAILED],
    Place.TRANSMIT_ERROR: REASONS[Outcome.TRANSMIT_ERROR],
    Place.CANCELED: REASONS[Outcome.CANCELED],
    Place.FAILED: REASONS[Outcome.INTERNAL_ERROR],
}


def sent_fax(fax: "Fax") -> dict[str, Any]:
    """A fax that goes, or went, out; it comes out of ``faxes.queries.faxes``.

    A try under way does not count yet. The pages that went are those of the last try.
    """
    place = place_of(fax)
    status = STATUS.get(place, Status.FAILED)
    told = wire.SentFax(
        status=status, pages=fax.pages, send_attempts=fax.tries - (status == Status.SENDING)
    )
    if place in ENDED:
        delivered = status == Status.SENT
        told = replace(
            told,
            sent_at=fax.finished_at,
            reason="" if delivered else REASON[place],
            pages_sent=fax.pages if delivered else min(fax.pages_done, fax.pages),
        )
    return told.written()
