"""Ids on this wire: a fax's own, a service's, which is its number, and where a list goes on."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from faxes.errors import FaxNotFound
from faxes.queries.arrivals import Behind
from faxes.wire.fax2 import number_of

_ID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SERVICE: Final = re.compile("[0-9]{1,15}")
_BEHIND: Final = re.compile("([0-9]{1,18})-([0-9a-f]{32})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT: Final = timedelta(microseconds=1)


def read_id(written: str) -> UUID:
    """The id of a fax.

    Raises:
        FaxNotFound: it is none.

    """
    if not _ID.fullmatch(written.lower()):
        raise FaxNotFound
    return UUID(written)


def read_service(written: str) -> str:
    """The number, in E.164, of a service.

    Raises:
        FaxNotFound: it is no id of a service.

    """
    if not _SERVICE.fullmatch(written):
        raise FaxNotFound
    return number_of(written)


def place_word(behind: Behind) -> str:
    """Where a list goes on, as one word."""
    return f"{(behind.received_at - _EPOCH) // _UNIT}-{behind.fax_id.hex}"


def read_place(written: str) -> Behind | None:
    """Where a list goes on; None if the word is not one of ours."""
    found = _BEHIND.fullmatch(written)
    if found is None:
        return None
    try:
        return Behind(_EPOCH + int(found[1]) * _UNIT, UUID(found[2]))
    except OverflowError:
        return None
