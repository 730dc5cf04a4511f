"""Keys of rows: UUIDs that sort by the time they were made (RFC 9562, version 7)."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

_TIME_SHIFT: Final = 80  # the milliseconds are the first 48 bits (RFC 9562, 5.7)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_ID: Final = (1 << 128) - 1
# The version and the variant stand in these bits (RFC 9562, 4.1 and 4.2).
_FORM_BITS: Final = 0xF << 76 | 0b11 << 62
_FORM_OF_7: Final = 7 << 76 | 0b10 << 62


def new_id() -> UUID:
    """A new key; later ones sort after earlier ones."""
    return UUID(int=uuid7().int)


def first_id_at(moment: datetime) -> UUID:
    """The key that sorts before all that are made from a moment on."""
    milliseconds = max(0, (moment - _EPOCH) // timedelta(milliseconds=1))
    return UUID(int=min(milliseconds << _TIME_SHIFT, _LAST_ID))


def id_at(moment: datetime, *, seed: bytes) -> UUID:
    """The key of something that was at a moment, told apart by its seed: the same every time.

    ``seed`` are 10 bytes that look like chance, a digest's.
    """
    told = first_id_at(moment).int | int.from_bytes(seed[:10], "big")
    return UUID(int=(told & ~_FORM_BITS) | _FORM_OF_7)
