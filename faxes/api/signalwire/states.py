"""How a fax stands and why it failed, in this dialect's words: the one table of them."""

from typing import TYPE_CHECKING, Final

from faxes.api.common.places import Place, place_of
from faxes.enums import ErrorCode, Outcome
from faxes.wire import signalwire
from faxes.wire.signalwire import Status

if TYPE_CHECKING:
    from faxes.models import Fax

STATUS: Final[dict[Place, str]] = {
    Place.PREPARING: Status.QUEUED,
    Place.QUEUED: Status.QUEUED,
    Place.RETRY_WAIT: Status.PROCESSING,
    Place.DIALING: Status.PROCESSING,
    Place.SENDING: Status.SENDING,
    Place.DELIVERED: Status.DELIVERED,
    Place.BUSY: Status.BUSY,
    Place.NO_ANSWER: Status.NO_ANSWER,
    Place.NO_CARRIER: Status.FAILED,
    Place.DIAL_FAILED: Status.FAILED,
    Place.TRANSMIT_ERROR: Status.FAILED,
    Place.CANCELED: Status.CANCELED,
    Place.FAILED: Status.FAILED,
    Place.RECEIVING: Status.RECEIVING,
    Place.RECEIVED: Status.RECEIVED,
    Place.REJECTED: Status.CANCELED,
}
# What went wrong on the line: the vendors' code and its text.
OF_CALL: Final[dict[Place, tuple[str, str]]] = {
    Place.BUSY: signalwire.OF_CALL[Outcome.BUSY],
    Place.NO_ANSWER: signalwire.OF_CALL[Outcome.NO_ANSWER],
    Place.NO_CARRIER: signalwire.OF_CALL[Outcome.NO_CARRIER],
    Place.DIAL_FAILED: signalwire.OF_CALL[Outcome.DIAL_FAILED],
    Place.TRANSMIT_ERROR: signalwire.OF_CALL[Outcome.TRANSMIT_ERROR],
}
# Why no call was made, by how the portal's own code begins. Which document it was is not told on.
BEFORE_A_CALL: Final[dict[str, tuple[str, str]]] = {
    "document": ("21612", "The document cannot be converted"),
    "cover": ("21612", "The document cannot be converted"),
    "too_many": ("21612", "The document cannot be converted"),
    "url": ("11200", "The document cannot be fetched"),
    "fetch": ("11200", "The document cannot be fetched"),
    "from_number": ("21210", "The number to send from is not one of the account's"),
    "number": ("21211", "The number to send to is not valid"),
    "insufficient": ("30002", "The balance is too low"),
    "rate": ("30002", "The number has no price"),
    "plan": ("30002", "The pages of the plan are used up"),
    "provider": ("30002", "The provider cannot send at present"),
    "limit": ("20429", "A limit of the account is reached"),
    "time": ("20001", "The time to live ended before it could be sent"),
    "option": ("20001", "No carrier can do what is asked for"),
    "no_carrier": ("21217", "No carrier reaches the number"),
    "carriers": ("20503", "No carrier could be reached"),
}


def status_of(place: Place) -> str:
    """The word for where a fax stands."""
    return STATUS[place]


def error_of(fax: "Fax") -> tuple[str | None, str | None]:
    """Code and text of why a fax failed; both None if it has not, or was canceled."""
    place = place_of(fax)
    if place in OF_CALL:
        return OF_CALL[place]
    if place != Place.FAILED:
        return None, None
    if fax.error_code and fax.error_code != ErrorCode.INTERNAL_ERROR:
        found = (
            told for begins, told in BEFORE_A_CALL.items() if fax.error_code.startswith(begins)
        )
        return next(found, signalwire.NOT_SENT)
    return signalwire.NOT_KNOWN if fax.outcome == Outcome.UNKNOWN else signalwire.NOT_SENT
