"""Addresses at which a carrier that takes no documents fetches the pages of one try.

Whoever knows such an address is handed the pages, so it cannot be guessed, is for one try alone,
and leads nowhere once that has ended (``carrier_calls.pages_at``) or the address is old.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner

# As long as a carrier may take to begin with what it was handed, at most; the try ends before.
LASTS: Final = timedelta(minutes=75)
_SIGNER: Final = TimestampSigner(salt="pages of a try", sep=".")


def address_of(key: UUID) -> str:
    """The address of the pages of the try with this key."""
    return f"{settings.BASE_URL}/hooks/pages/{_SIGNER.sign(key.hex)}.pdf"


def key_in(token: str) -> UUID | None:
    """The key of the try that an address is of; None if it is too old, or none of ours."""
    try:
        return UUID(hex=_SIGNER.unsign(token, max_age=LASTS))
    except (BadSignature, ValueError):
        return None
