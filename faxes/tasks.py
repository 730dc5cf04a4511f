"""What workers run: each job hands its ids to one service."""

from uuid import UUID

from accounts import clock
from accounts.services import low_balance
from faxes.services import closing, erasure
from faxes.services import convert as conversion
from faxes.services import export as exports
from faxes.services import sync as arrivals
from faxes.services import transmit as sending


def convert(*, fax: str) -> None:
    """Turn the documents of a fax (and of its batch) into fax pages."""
    conversion.convert_batch(UUID(fax))


def transmit(*, fax: str) -> None:
    """Begin the next try of a fax, if it is due and its number free."""
    sending.transmit(UUID(fax))


def follow(*, key: str) -> None:
    """Ask the carrier how a try stands, and settle it when it has ended."""
    sending.follow(UUID(key))


def receive(*, carrier: str, ref: str) -> None:
    """Look at one arrival, and store it when it is complete."""
    arrivals.receive(UUID(carrier), ref)


def sync(*, carrier: str) -> None:
    """Store all that a carrier has received."""
    arrivals.sync(UUID(carrier))


def export(*, export: str) -> None:
    """Pack a portion of what an account takes along."""
    exports.pack(UUID(export))


def wind_up(*, account: str) -> None:
    """Cancel what a closed account still has waiting; erase it when its time has come."""
    closing.wind_up(UUID(account))


def erase() -> None:
    """Destroy stored objects whose rows are gone."""
    erasure.erase_due()


def tell_low(*, account: str) -> None:
    """Tell the people of an account that its balance is low."""
    low_balance.tell(UUID(account), now=clock.now())
