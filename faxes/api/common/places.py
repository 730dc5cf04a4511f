"""Where a fax stands, finer than its state: what every dialect's own words are made of."""

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from faxes.enums import CONNECTED_PHASES, Direction, FaxState, Outcome

if TYPE_CHECKING:
    from faxes.models import Fax


class Place(StrEnum):
    """A place on the way of a fax. None is stored: they are read off the fax and its call."""

    PREPARING = "preparing"
    QUEUED = "queued"  # and never dialled yet
    RETRY_WAIT = "retry_wait"
    DIALING = "dialing"
    SENDING = "sending"
    DELIVERED = "delivered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    NO_CARRIER = "no_carrier"
    DIAL_FAILED = "dial_failed"
    TRANSMIT_ERROR = "transmit_error"
    CANCELED = "canceled"
    FAILED = "failed"  # for a reason that is none of these
    RECEIVING = "receiving"
    RECEIVED = "received"
    REJECTED = "rejected"  # an arrival that its account did not take


ENDED: Final = frozenset(Place) - {
    Place.PREPARING,
    Place.QUEUED,
    Place.RETRY_WAIT,
    Place.DIALING,
    Place.SENDING,
    Place.RECEIVING,
}
_AS_IT_IS: Final = {
    FaxState.PREPARING: Place.PREPARING,
    FaxState.DELIVERED: Place.DELIVERED,
    FaxState.CANCELED: Place.CANCELED,
    FaxState.RECEIVING: Place.RECEIVING,
    FaxState.RECEIVED: Place.RECEIVED,
}
_FAILED: Final = {
    Outcome.BUSY: Place.BUSY,
    Outcome.NO_ANSWER: Place.NO_ANSWER,
    Outcome.NO_CARRIER: Place.NO_CARRIER,
    Outcome.DIAL_FAILED: Place.DIAL_FAILED,
    Outcome.TRANSMIT_ERROR: Place.TRANSMIT_ERROR,
    Outcome.CANCELED: Place.CANCELED,
}


def place_of(fax: "Fax") -> Place:
    """Where a fax stands, which comes out of ``faxes.queries.faxes``: that adds its call's phase.

    One that was stopped between two tries, or during a call, was canceled to all dialects.
    """
    state = FaxState(fax.state)
    if state in _AS_IT_IS:
        return _AS_IT_IS[state]
    if state == FaxState.QUEUED:
        return Place.RETRY_WAIT if fax.tries else Place.QUEUED
    if state == FaxState.SENDING:
        phase = getattr(fax, "phase", None) or ""
        return Place.SENDING if phase in CONNECTED_PHASES else Place.DIALING
    place = _FAILED.get(Outcome(fax.outcome)) if fax.outcome else None
    if fax.direction == Direction.INBOUND and place == Place.CANCELED:
        return Place.REJECTED
    return place or Place.FAILED
