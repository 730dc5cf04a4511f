"""SignalWire's Compatibility API, and Twilio's fax API before it, as both its sides write them."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final
from xml.sax.saxutils import quoteattr  # only writes  # nosec B406

from faxes.enums import Direction, Outcome, Quality
from faxes.wire.times import read_iso

TIFF: Final = "image/tiff"
LAML_TYPE: Final = "text/xml"
# Each vendor's validators look for their own; both are sent.
SIGNATURES: Final = ("X-SignalWire-Signature", "X-Twilio-Signature")


class Status(StrEnum):
    """How a fax stands, in the vendors' words."""

    QUEUED = "queued"
    PROCESSING = "processing"
    SENDING = "sending"
    DELIVERED = "delivered"
    RECEIVING = "receiving"
    RECEIVED = "received"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    FAILED = "failed"
    CANCELED = "canceled"


UNDER_WAY: Final = frozenset({Status.QUEUED, Status.PROCESSING, Status.SENDING, Status.RECEIVING})
# What went wrong on the line: the vendors' code and its text.
OF_CALL: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.BUSY: ("34002", "Callee busy"),
    Outcome.NO_ANSWER: ("34003", "Callee did not answer"),
    Outcome.NO_CARRIER: ("34004", "No fax machine answered"),
    Outcome.DIAL_FAILED: ("21217", "The number cannot be reached"),
    Outcome.TRANSMIT_ERROR: ("34004", "The call dropped prematurely"),
}
NOT_KNOWN: Final = ("20001", "It is not known whether it arrived")
NOT_SENT: Final = ("20504", "The fax could not be sent")
_ENDED: Final = {
    Status.DELIVERED: Outcome.DELIVERED,
    Status.RECEIVED: Outcome.DELIVERED,
    Status.NO_ANSWER: Outcome.NO_ANSWER,
    Status.BUSY: Outcome.BUSY,
    Status.CANCELED: Outcome.CANCELED,
}
# Of a fax that failed: its code and text together, else its code.
_BY_BOTH: Final = {told: outcome for outcome, told in OF_CALL.items()} | {
    NOT_KNOWN: Outcome.UNKNOWN
}
_BY_CODE: Final = {
    "34002": Outcome.BUSY,
    "34003": Outcome.NO_ANSWER,
    "34004": Outcome.TRANSMIT_ERROR,
    "21211": Outcome.DIAL_FAILED,
    "21217": Outcome.DIAL_FAILED,
    **dict.fromkeys(
        ("11200", "20001", "20003", "20429", "20500", "20503", "20504", "21210", "21212", "21213",
         "21219", "21402", "21601", "21611", "21612", "21620", "30002", "4001"),
        Outcome.INTERNAL_ERROR,
    ),
}  # fmt: skip
_URL: Final = re.compile(r"\S+://\S+")
_SIP_USER: Final = re.compile(r"sips?:(\+?[0-9]{7,15})@.*", re.IGNORECASE | re.DOTALL)
_DIGITS: Final = re.compile(r"\+?[0-9]{7,15}")
_SID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_TOO_DEAR: Final = Decimal(100_000)  # no fax costs that: it is no price
_PORTS: Final = {"https": 443, "http": 80}
_HOST_PORT: Final = re.compile(r"(.+):[0-9]+", re.DOTALL)


def outcome_of(status: str, code: str = "", text: str = "") -> Outcome | None:
    """How a fax ended; None while it has not. What is not known is taken to be under way.

    A fax that failed broke off on the line unless its code tells more.
    """
    if status != Status.FAILED:
        return _ENDED.get(Status(status)) if status in set(Status) else None
    return _BY_BOTH.get((code, text)) or _BY_CODE.get(code, Outcome.TRANSMIT_ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxTold:
    """A fax as it is told: what is not known is None or empty. Numbers are E.164 if they can be."""

    sid: str
    direction: Direction | None
    status: str
    from_number: str
    to_number: str
    created_at: datetime
    updated_at: datetime
    pages: int | None
    cost: Decimal | None
    currency: str
    seconds: int | None
    quality: Quality
    media_sid: str
    media_url: str
    code: str
    message: str

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; None while it has not."""
        return outcome_of(self.status, self.code, self.message)


def read_fax(told: Mapping[str, Any]) -> FaxTold:
    """A fax as either vendor tells it, of any age: numbers as texts, and texts as numbers.

    Raises:
        ValueError: it has no id, or does not say when it was made.

    """
    sid, created = _text(told, "sid"), read_iso(_text(told, "date_created"))
    if not sid or created is None:
        raise ValueError("not a fax")
    cost, quality = _decimal(told, "price"), _text(told, "quality")
    ways = {each.value: each for each in Direction}
    return FaxTold(
        sid=sid,
        direction=ways.get(_text(told, "direction").lower()),
        status=_text(told, "status").lower(),
        from_number=read_number(_text(told, "from")),
        to_number=read_number(_text(told, "to")),
        created_at=created,
        updated_at=read_iso(_text(told, "date_updated")) or created,
        pages=_whole(told, "num_pages"),
        cost=None if cost is None else abs(cost),  # some are told as what is taken away
        currency=_text(told, "price_unit").upper(),
        seconds=_whole(told, "duration"),
        quality=Quality(quality) if quality in set(Quality) else Quality.FINE,
        media_sid=_text(told, "media_sid"),
        media_url=_text(told, "media_url"),
        code=_text(told, "error_code"),
        message=without_urls(_text(told, "error_message")),
    )


def is_sid(written: str) -> bool:
    """Whether it can be an id of a fax."""
    return _SID.fullmatch(written) is not None


def read_number(written: str) -> str:
    """A number in E.164, out of a SIP address too; what is none is left as it is."""
    bare = written.strip()
    if found := _SIP_USER.fullmatch(bare):
        bare = found[1]
    return f"+{bare.removeprefix('+')}" if _DIGITS.fullmatch(bare) else bare


def without_urls(text: str) -> str:
    """A text without addresses: those of documents are secret."""
    return _URL.sub("(an address)", text).strip()


def read_list(told: Mapping[str, Any], key: str) -> tuple[Sequence[Mapping[str, Any]], str]:
    """The rows of a page of a list, and the address of the next; empty at the end.

    SignalWire tells paths, and Twilio's newer lists whole addresses in ``meta``.

    Raises:
        ValueError: it is no such list.

    """
    rows, meta = told.get(key), told.get("meta")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"not a list of {key}")
    following = meta.get("next_page_url") if isinstance(meta, dict) else told.get("next_page_uri")
    return rows, following if isinstance(following, str) else ""


def receive_verb(action: str) -> bytes:
    """What a fax that comes in is answered with: take it, and tell ``action`` when it is there.

    As TIFF, that is just as it came over the line; PDF is the vendors' usual.
    """
    verb = f'<Receive action={quoteattr(action)} method="POST" mediaType="{TIFF}"/>'
    return _laml(verb)


def nothing_more() -> bytes:
    """What any other call is answered with."""
    return _laml("")


def _laml(verbs: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'.encode()


def signature_of(url: str, params: Mapping[str, str], *, key: str) -> str:
    """Of a form: HMAC-SHA1 over the URL and each name with its value, sorted by name, in base64.

    Of a GET the parameters are in the URL, and ``params`` is empty.
    """
    signed = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(_digest(signed.encode(), key)).decode()


def signature_of_body(url: str, body: bytes, *, key: str) -> str:
    """Of JSON, or any other body: HMAC-SHA1 over the URL and the body, in small hexadecimals."""
    return _digest(url.encode() + body, key).hex()


def is_signed(
    signature: str, *, url: str, params: Mapping[str, str], body: bytes, key: str
) -> bool:
    """Whether a request bears a signature that is right, as the vendors' validators find it.

    They take the URL with and without a port; a body that is no form has no ``params``.
    """
    right = [
        signature_of_body(each, body, key=key)
        if body and not params
        else signature_of(each, params, key=key)
        for each in _with_and_without_port(url)
    ]
    shown = signature.strip().encode()
    return any(hmac.compare_digest(shown, each.encode()) for each in right)


def headers_with(signature: str) -> dict[str, str]:
    """The headers that tell a signature."""
    return dict.fromkeys(SIGNATURES, signature)


def _digest(message: bytes, key: str) -> bytes:
    return hmac.new(key.encode(), message, hashlib.sha1).digest()


def _with_and_without_port(url: str) -> list[str]:
    """The URL as it is, and without its port, or with that of its scheme if it has none."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    found = _HOST_PORT.fullmatch(host)
    other = found[1] if found else f"{host}:{_PORTS.get(scheme.lower(), 80)}"
    return [url, f"{scheme}://{other}{slash}{path}"]


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def _whole(told: Mapping[str, Any], name: str) -> int | None:
    word = _text(told, name)
    return int(word) if _COUNT.fullmatch(word) else None


def _decimal(told: Mapping[str, Any], name: str) -> Decimal | None:
    try:
        value = Decimal(_text(told, name))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < _TOO_DEAR else None
