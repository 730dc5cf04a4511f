"""How a fax stands and how it came out, in this dialect's words: the one table of them.

``status_of`` is the word for where a job is; ``result_of`` are the members of ``tx_result`` and
``rx_result``.
"""

from typing import TYPE_CHECKING, Any, Final

from faxes.enums import Direction, ErrorCode, FaxState, Outcome
from faxes.wire.kazoo import (
    CONNECTED,
    DIALING,
    NOTHING_YET,
    OUTCOMES,
    RESOLUTIONS,
    STATUS,
    TERMINATED,
    negotiated_text,
    page_text,
)

if TYPE_CHECKING:
    from faxes.models import Attempt, Fax
    from faxes.queries.told import Told

_REFUSED: Final = 400
_OURS: Final = 500
# Why a fax failed before any call, by how its code begins: code and text. The code is told along.
TROUBLES: Final[dict[str, tuple[int, str]]] = {
    "document": (0, "the file cannot be converted"),
    "cover": (0, "the file cannot be converted"),
    "too_many": (0, "the file cannot be converted"),
    "url": (_REFUSED, "the document cannot be fetched"),
    "fetch": (_REFUSED, "the document cannot be fetched"),
    "insufficient": (402, "not paid for"),
    "rate": (402, "not paid for"),
    "plan": (402, "not paid for"),
    "provider": (402, "not paid for"),
    "limit": (429, "a limit is reached"),
    "time": (_REFUSED, "not sent in time"),
    "option": (_REFUSED, "no carrier can do what is asked for"),
    "no_carrier": (404, "no carrier reaches the number"),
    "do_not_fax": (_REFUSED, "the number is not to be faxed"),
    "carriers": (503, "no carrier could be reached"),
    "internal": (_OURS, TERMINATED),
}


def status_of(  # noqa: PLR0911 (a table)
    fax: "Fax", attempt: "Attempt | None", *, remote: bool
) -> str:
    """The word, or the live text, for where a fax is.

    ``remote``: its document lies at a web address, so nothing is being attached while it prepares.
    The fax comes out of ``faxes.queries.faxes``, which adds the phase of its call.
    """
    state = FaxState(fax.state)
    if state == FaxState.PREPARING and remote:
        return STATUS[FaxState.QUEUED]
    if state != FaxState.SENDING:
        return STATUS[state]
    match getattr(fax, "phase", None) or "":
        case "dialing":
            return DIALING
        case "connected" | "page" if fax.pages_done:
            return page_text(min(fax.pages_done, fax.pages), fax.pages)
        case "connected" | "page" if attempt is not None and attempt.bit_rate:
            return negotiated_text(attempt.bit_rate)
        case "connected" | "page":
            return CONNECTED
        case _:
            return STATUS[state]


def result_of(fax: "Fax", attempt: "Attempt | None", told: "Told | None" = None) -> dict[str, Any]:
    """How a fax came out, or how its last try did; under the names of documents and of servers.

    ``told`` is what of the fax is told to who asks; the caller sees to it if it is not given.
    """
    code, cause, text = _told(fax, attempt, told)
    success = _succeeded(fax)
    pages = fax.pages_done
    found = {
        **NOTHING_YET,
        "success": success,
        "result_code": code,
        "result_cause": cause,
        "result_text": text,
        "error_message": "" if success else text,
        "total_pages": fax.pages,
        "transferred_pages": pages,
        "pages_sent": pages,
        "t38_used": False,
        "image_resolution": RESOLUTIONS.get(fax.quality, RESOLUTIONS["fine"]),
    }
    if attempt is not None:
        found |= _of_call(attempt)
    station = fax.remote_station_id or (attempt.remote_station_id if attempt else "")
    if station and (told is None or told.sees_content):
        found |= {"remote_station_id": station, "fax_receiver_id": station}
    return {name: value for name, value in found.items() if name != "result_cause" or value}


def _of_call(attempt: "Attempt") -> dict[str, Any]:
    """What is known of the call."""
    facts: dict[str, Any] = {
        "time_elapsed": None if attempt.line_seconds is None else round(attempt.line_seconds),
        "transfer_rate": attempt.bit_rate,
        "fax_speed": attempt.bit_rate,
        "bad_rows": attempt.bad_rows,
        "fax_bad_rows": attempt.bad_rows,
        "ecm_used": attempt.ecm,
        "ecm_requested": attempt.ecm,
        "fax_error_correction": attempt.ecm,
        "encoding_name": attempt.compression or None,
        "image_resolution": RESOLUTIONS.get(attempt.resolution),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _succeeded(fax: "Fax") -> bool:
    if fax.direction == Direction.INBOUND:
        return fax.state == FaxState.RECEIVED and not fax.incomplete
    return fax.state == FaxState.DELIVERED


def _told(fax: "Fax", attempt: "Attempt | None", told: "Told | None") -> tuple[int, str, str]:
    """Code, cause and text."""
    if fax.state == FaxState.CANCELED:
        return OUTCOMES[Outcome.CANCELED]
    sender, to = (told or fax).from_number, (told or fax).to_number
    outcome = fax.outcome or (attempt.outcome if attempt is not None else "")
    match fax.error_code:
        case ErrorCode.FROM_NUMBER_GONE | ErrorCode.FROM_NUMBER_NOT_YOURS:
            return _REFUSED, "", f"invalid fax cid number: {sender}"
        case ErrorCode.NUMBER_INVALID:
            return _REFUSED, "INVALID_NUMBER_FORMAT", f"invalid fax number: {to}"
        case "":
            pass
        case _ if outcome in {"", Outcome.INTERNAL_ERROR}:
            return _trouble(fax.error_code)
        case _:
            pass
    if outcome:
        return OUTCOMES[Outcome(outcome)]
    return OUTCOMES[Outcome.DELIVERED] if _succeeded(fax) else (0, "", "")


def _trouble(error_code: str) -> tuple[int, str, str]:
    """Of a fax that no call was made for. What the words of the portal name is not told on."""
    found = (told for begins, told in TROUBLES.items() if error_code.startswith(begins))
    code, text = next(found, (_OURS, TERMINATED))
    return code, "", text if text == TERMINATED else f"{text}: {error_code}"
