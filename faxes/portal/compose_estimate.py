"""What a fax that is being written would take and cost, in a few words."""

from dataclasses import dataclass
from math import ceil

from accounts.errors import AccountSuspended
from accounts.scoping import Actor
from faxes.errors import InvalidRequest
from faxes.services.estimate import estimate
from faxes.services.order import FaxRequest

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Told:
    """Minutes on the line for each number, at least one; what all of them cost, if that is known.

    ``price`` are micro-units of ``currency``, which is empty where nobody is billed.
    """

    minutes: int
    numbers: int
    price: int
    currency: str


def told(actor: Actor, request: FaxRequest) -> Told | None:
    """What is told of a fax; None as long as that cannot be known."""
    if not request.upload_id or not request.to.strip():
        return None
    try:
        found = estimate(actor, request=request)
    except (InvalidRequest, AccountSuspended):
        return None  # what is wrong is told when it is sent
    if found.refused or any(each.refused for each in found.numbers):
        return None
    return Told(
        minutes=max(1, ceil(found.line_seconds / _MINUTE)),
        numbers=len(found.numbers),
        price=sum(each.price or 0 for each in found.numbers),
        currency=next((each.currency for each in found.numbers if each.currency), ""),
    )
