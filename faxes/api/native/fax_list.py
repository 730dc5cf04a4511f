"""The filters of the list of faxes, read out of its address."""

from typing import Final

from rest_framework.request import Request

from faxes import phone
from faxes.api.native.asked import (
    ID,
    SEARCH,
    TIME,
    YES_OR_NO,
    Asked,
    a_time,
    an_id,
    enum,
    one_of,
    words_to_find,
    yes_or_no,
)
from faxes.api.native.base import PAGING
from faxes.api.native.schema import Query
from faxes.enums import Direction, FaxState
from faxes.errors import NumberError
from faxes.queries.faxes import FaxFilter

_SORTS: Final = {"-created_at": False, "created_at": True}
_STATES: Final = "|".join(each.value for each in FaxState)
FILTERS: Final = (
    Query("direction", "Which way.", enum(Direction)),
    Query(
        "status",
        "One status, or several with commas between.",
        {"type": "string", "pattern": f"^({_STATES})(,({_STATES}))*$"},
    ),
    Query("number", "The number at either end, in E.164.", SEARCH),
    Query("faxbox", "The faxbox.", ID),
    Query("batch", "The faxes of one request.", ID),
    Query("broadcast", "The faxes of one broadcast.", ID),
    Query(
        "q",
        "Words in subject, numbers, station id and file names, and whole words on the pages if "
        "the account has that switched on. Reads every fax: slow.",
        SEARCH,
    ),
    Query("unread", "Only arrivals that nobody has read.", YES_OR_NO),
    Query("legal_hold", "Only faxes under legal hold.", YES_OR_NO),
    Query("created_from", "Not older than this.", TIME),
    Query("created_until", "Older than this.", TIME),
    Query(
        "metadata",
        "As `metadata[key]=value`: only faxes with this entry.",
        {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 5},
    ),
    Query("sort", "The order.", enum(_SORTS)),
    *PAGING,
)
_METADATA_AT_ONCE: Final = 5


def read_filter(request: Request) -> FaxFilter:
    """Which faxes are asked for.

    Raises:
        Problem: with every filter that cannot be read.

    """
    asked = Asked(request)
    metadata = _metadata(request)
    if len(metadata) > _METADATA_AT_ONCE:
        told = f"At most {_METADATA_AT_ONCE} entries of metadata can be asked for at once."
        asked.fault("metadata", told)
    shown = FaxFilter(
        direction=asked.read("direction", one_of(Direction), None),
        states=asked.read("status", _states, ()),
        number=asked.read("number", _number, ""),
        faxbox_id=asked.read("faxbox", an_id, None),
        batch_id=asked.read("batch", an_id, None),
        broadcast_id=asked.read("broadcast", an_id, None),
        q=asked.read("q", words_to_find, ""),
        unread=asked.read("unread", yes_or_no, otherwise=False),
        on_hold=asked.read("legal_hold", yes_or_no, otherwise=False),
        since=asked.read("created_from", a_time, None),
        until=asked.read("created_until", a_time, None),
        metadata=metadata,
        oldest_first=asked.read("sort", _SORTS.__getitem__, otherwise=False),
    )
    asked.require()
    return shown


def _states(written: str) -> tuple[FaxState, ...]:
    return tuple(FaxState(each) for each in written.split(","))


def _number(written: str) -> str:
    """A number in E.164; one that a far end called itself by may be anything, and is as written."""
    found = words_to_find(written)
    plus = f"+{found.strip()}" if found.startswith(" ") else found  # "+" as forms write it
    try:
        return phone.parse_recipient(plus, country="")
    except NumberError:
        return plus.strip()


def _metadata(request: Request) -> dict[str, str]:
    return {
        name[len("metadata[") : -1]: str(value)
        for name, value in request.query_params.items()
        if name.startswith("metadata[") and name.endswith("]")
    }
