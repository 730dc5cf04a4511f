"""Fax2's words: statuses and reasons, error codes, and the objects of its answers, both ways.

After the vendor's document of version 1.1. What is written is exactly that; what is read may have
more members than there were, and numbers and ids as the other kind of JSON.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self

from faxes.enums import Outcome
from faxes.wire.times import iso, read_iso

_LONG: Final = 10  # digits


class Unreadable(ValueError):
    """What came is not as the document says."""


class Code(StrEnum):
    """What an error is called, for software."""

    INVALID_REQUEST = "invalid_request"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    INVALID_CLIENT = "invalid_client"
    FORBIDDEN = "forbidden"
    UNAUTHORIZED = "unauthorized"
    INVALID_ENDPOINT = "invalid_endpoint"
    NOT_FOUND = "not_found"
    BAD_PARAMETER = "bad_parameter"
    INSUFFICIENT_CREDIT = "insufficient_credit"
    UNSUPPORTED_DOCUMENT_TYPE = "unsupported_document_type"
    EMPTY_DOCUMENT = "empty_document"
    CONVERSION_ERROR = "conversion_error"
    TOO_MANY_REQUESTS = "too_many_requests"  # the portal's own: the document has no limits
    UNKNOWN_ERROR = "unknown_error"


class Status(StrEnum):
    """Where a fax that is sent stands."""

    WAITING = "waiting"  # also between two tries
    SENDING = "sending"  # from shortly before it is dialled
    SENT = "sent"
    FAILED = "failed"  # for good


# Why a fax failed; the vendor's spelling of the last but one is British.
REASONS: Final[Mapping[Outcome, str]] = MappingProxyType(
    {
        Outcome.BUSY: "busy",
        Outcome.NO_ANSWER: "no_answer",
        Outcome.NO_CARRIER: "no_carrier",
        Outcome.DIAL_FAILED: "dial_failed",
        Outcome.TRANSMIT_ERROR: "transmit_error",
        Outcome.CANCELED: "cancelled",
        Outcome.INTERNAL_ERROR: "internal_error",
    }
)
OUTCOMES: Final[Mapping[str, Outcome]] = MappingProxyType(
    {reason: outcome for outcome, reason in REASONS.items()}
)


def digits_of(e164: str) -> str:
    """A number as it is written here: with its country code, without the plus."""
    return e164.removeprefix("+")


def number_of(written: str) -> str:
    """The number, in E.164, that is written so."""
    return f"+{digits_of(written)}"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be had; ``code`` is empty where the body does not say."""

    code: str = ""
    description: str = ""
    parameter: str = ""  # the one at fault: the portal tells it, the vendor's document does not

    def written(self, *, more_info: str) -> dict[str, str]:
        """The body of an error; ``more_info`` is the address of a page about it."""
        told = {
            "error": self.code,
            "error_description": self.description,
            "more_info": more_info,
        }
        return told | ({"parameter": self.parameter} if self.parameter else {})

    @classmethod
    def read(cls, told: Any) -> Self:
        """Whatever can be read of the body of an error."""
        if not isinstance(told, dict):
            return cls()
        names = ("error", "error_description", "parameter")
        return cls(*(each if isinstance(each := told.get(name), str) else "" for name in names))


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and the seconds that it lasts."""

    token: str
    seconds: int

    def written(self) -> dict[str, Any]:
        """The answer of the token endpoint."""
        return {
            "access_token": self.token,
            "expires_in": self.seconds,
            "token_type": "bearer",
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """The answer of the token endpoint.

        Raises:
            Unreadable: it is none.

        """
        token = _text(told, "access_token")
        if not (token.isascii() and token.isprintable()):
            raise Unreadable("access_token")
        return cls(token, _whole(told, "expires_in"))


@dataclass(frozen=True, slots=True)
class SentFax:
    """A fax that is sent. ``sent_at`` and ``pages_sent`` are there once it has ended."""

    status: Status
    pages: int
    send_attempts: int  # without the one under way
    sent_at: datetime | None = None
    reason: str = ""
    pages_sent: int | None = None

    def written(self) -> dict[str, Any]:
        """Its members."""
        told: dict[str, Any] = {
            "status": self.status.value,
            "pages": self.pages,
            "send_attempts": self.send_attempts,
        }
        if self.pages_sent is not None:
            told["pages_sent"] = self.pages_sent
        if self.sent_at is not None:
            told["sent_at"] = iso(self.sent_at)
        if self.reason:
            told["reason"] = self.reason
        return told

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """A fax from its members; only its status must be there.

        Raises:
            Unreadable: it has none, or one that nobody knows.

        """
        try:
            status = Status(_text(told, "status"))
        except ValueError:
            raise Unreadable("status") from None
        reason, sent_at = told.get("reason"), told.get("sent_at")
        return cls(
            status,
            read_count(told, "pages") or 0,
            read_count(told, "send_attempts") or 0,
            read_iso(sent_at) if isinstance(sent_at, str) else None,
            reason if isinstance(reason, str) else "",
            read_count(told, "pages_sent"),
        )

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; None while it has not. A reason that nobody knows is no better known."""
        if self.status == Status.SENT:
            return Outcome.DELIVERED
        if self.status == Status.FAILED:
            return OUTCOMES.get(self.reason, Outcome.INTERNAL_ERROR)
        return None


@dataclass(frozen=True, slots=True)
class ReceivedFax:
    """A fax that came in; ``to`` is written as digits."""

    id: str
    to: str
    received_at: datetime
    service_id: str
    pages: int

    def written(self) -> dict[str, Any]:
        """Its members."""
        return {
            "id": self.id,
            "to": self.to,
            "received_at": iso(self.received_at),
            "service_id": self.service_id,
            "pages": self.pages,
        }

    @classmethod
    def read(cls, told: Any) -> Self:
        """A fax from its members; its id, number and time must be there.

        Raises:
            Unreadable: they are not.

        """
        if not isinstance(told, dict):
            raise Unreadable("data")
        received_at = read_iso(_text(told, "received_at"))
        if received_at is None:
            raise Unreadable("received_at")
        service = told.get("service_id")
        return cls(
            _text(told, "id"),
            digits_of(_text(told, "to")),
            received_at,
            "" if service is None else str(service),
            read_count(told, "pages") or 0,
        )


@dataclass(frozen=True, slots=True)
class ReceivedPage:
    """A page of a list of faxes that came in; the last has no next one.

    ``unread``: so many entries cannot be read, and are not among ``data``.
    """

    data: tuple[ReceivedFax, ...]
    next_page_url: str = ""
    unread: int = 0

    def written(self) -> dict[str, Any]:
        """Its members."""
        told: dict[str, Any] = {"data": [each.written() for each in self.data]}
        return told | ({"next_page_url": self.next_page_url} if self.next_page_url else {})

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """A page from its members.

        Raises:
            Unreadable: it is none.

        """
        data, onward = told.get("data"), told.get("next_page_url")
        if not isinstance(data, list) or not isinstance(onward, str | None):
            raise Unreadable("data")
        faxes = []
        for each in data:
            with suppress(Unreadable):
                faxes.append(ReceivedFax.read(each))
        return cls(tuple(faxes), onward or "", unread=len(data) - len(faxes))


@dataclass(frozen=True, slots=True)
class Service:
    """A fax number of the account, written as digits, and the id that lists know it by."""

    id: str
    fax_number: str

    def written(self) -> dict[str, Any]:
        """Its members."""
        return {"id": self.id, "fax_number": self.fax_number}

    @classmethod
    def read(cls, told: Any) -> Self:
        """A service from its members.

        Raises:
            Unreadable: they are not there.

        """
        if not isinstance(told, dict):
            raise Unreadable("data")
        return cls(_text(told, "id"), digits_of(_text(told, "fax_number")))


def read_services(told: Mapping[str, Any]) -> list[Service]:
    """The services of an account.

    Raises:
        Unreadable: it is no list of such.

    """
    data = told.get("data")
    if not isinstance(data, list):
        raise Unreadable("data")
    return [Service.read(each) for each in data]


def read_id(told: Mapping[str, Any], name: str) -> str:
    """An id that was made, of a fax or a document.

    Raises:
        Unreadable: there is none.

    """
    return _text(told, name)


def read_count(told: Mapping[str, Any], name: str) -> int | None:
    """A whole number from 0 on, also where it is written as a text; None if there is none."""
    value = told.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < _LONG:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value


def _text(told: Mapping[str, Any], name: str) -> str:
    """A member that is a text, or a whole number where a text was meant."""
    value = told.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise Unreadable(name)
    return value


def _whole(told: Mapping[str, Any], name: str) -> int:
    found = read_count(told, name)
    if found is None:
        raise Unreadable(name)
    return found
