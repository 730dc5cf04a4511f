"""What a fax machine says of itself on the line and on pages; a fax may have its own instead."""

from functools import cache
from zoneinfo import available_timezones

from faxes.enums import ErrorCode
from faxes.errors import RequestError
from faxes.line.errors import StationInvalid
from faxes.line.station import MAX_HEADER_BYTES, MAX_STATION_ID, Station


def read_station_id(written: str) -> str:
    """What the other end is shown as the caller.

    Raises:
        RequestError: it is too long, or has letters that do not go over the line.

    """
    station_id = written.strip()
    try:
        Station(station_id=station_id)
    except StationInvalid:
        code = ErrorCode.FAXBOX_STATION_INVALID
        raise RequestError(code, field="station_id", limit=MAX_STATION_ID) from None
    return station_id


def read_header(written: str) -> str:
    """What is printed above each page.

    Raises:
        RequestError: it is too long.

    """
    header = " ".join(written.split())
    if len(header) > MAX_HEADER_BYTES:
        code = ErrorCode.FAXBOX_HEADER_INVALID
        raise RequestError(code, field="header", limit=MAX_HEADER_BYTES)
    return header


def read_time_zone(written: str) -> str:
    """The IANA name of the zone whose time is printed; empty for the one above.

    Raises:
        RequestError: there is no such zone.

    """
    if written and written not in _zones():
        raise RequestError(ErrorCode.TIME_ZONE_INVALID, field="time_zone")
    return written


@cache
def _zones() -> set[str]:
    return available_timezones()
