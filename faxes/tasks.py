"""What workers run: each job hands its ids to one service."""

from uuid import UUID

from faxes.services import convert as conversion
from faxes.services import erasure
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


def erase() -> None:
    """Destroy stored objects whose rows are gone."""
    erasure.erase_due()
