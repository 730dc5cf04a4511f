"""Which carrier a fax goes by, and the opening of carriers."""

from faxes.carriers import base
from faxes.carriers.registry import open_carrier
from faxes.models import Attempt, AttemptState, Carrier, Fax, Number
from faxes.services.exchange import BOOK


def carrier_for(fax: Fax) -> Carrier | None:
    """The carrier of the number that the fax is sent from; None if it is out of service."""
    number = (
        Number.objects.for_account(fax.account_id)
        .select_related("carrier")
        .filter(e164=fax.from_number, faxbox__isnull=False, carrier__enabled=True)
        .first()
    )
    return number.carrier if number else None


def has_lost_its_number(fax: Fax) -> bool:
    """Whether the number that the fax is sent from is not its account's any more."""
    numbers = Number.objects.for_account(fax.account_id).filter(e164=fax.from_number)
    return not numbers.filter(faxbox__isnull=False).exists()


def opened(carrier: Carrier) -> base.Carrier:
    """The carrier's protocol, ready for use."""
    return open_carrier(carrier.kind, exchange=BOOK)


def free_channels(carrier: Carrier) -> int:
    """How many more calls the carrier takes now."""
    calling = Attempt.objects.across_tenants(why="channels are shared").filter(
        carrier=carrier, state=AttemptState.CALLING
    )
    return max(0, carrier.channels - calling.count())
