"""Mail addresses that are fax numbers: ``+1 202 555 0100@front.fax.example`` and the like."""

import re
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Final

from faxes import phone
from faxes.enums import ErrorCode
from faxes.errors import NumberError

_LONGEST_LOCAL: Final = 128
_LONGEST_DOMAIN: Final = 253
_MOST_DIGITS: Final = 40
_NOT_A_DIGIT: Final = re.compile(r"[^0-9]+")
_ABROAD: Final = "00"
_UNFIT: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # bytes that were no text, too


@dataclass(frozen=True, slots=True)
class FaxAddress:
    """An address that mail is sent to; ``local`` is what stands before the last @.

    ``domain`` is in lower case and plain letters (RFC 5890), without a dot at its end.
    """

    local: str
    domain: str

    @property
    def digits(self) -> str:
        """The digits before the @, and a plus if they begin with one."""
        plus = "+" if self.local.lstrip(" (").startswith("+") else ""
        return plus + _NOT_A_DIGIT.sub("", self.local)

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def read_address(written: str) -> FaxAddress | None:
    """An address in its parts; None if it is none."""
    local, at, domain = written.strip().rpartition("@")
    local = local.strip().strip('"')
    domain = plain_domain(domain)
    if not (at and domain and 0 < len(local) <= _LONGEST_LOCAL) or _UNFIT.search(local):
        return None
    return FaxAddress(local, domain)


def plain_domain(written: str) -> str:
    """A domain in lower case and plain letters; empty if it cannot be one."""
    domain = written.strip().strip("[]").rstrip(".").lower()
    try:
        domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        return ""
    return domain if len(domain) <= _LONGEST_DOMAIN else ""


def read_number(digits: str, *, country: str) -> str:
    """E.164 of the digits of an address: as one dials them in the country, or with its code.

    Raises:
        NumberError: there are none, or they are no number in any reading.

    """
    bare = digits.lstrip("+")
    if not bare or len(bare) > _MOST_DIGITS:
        raise NumberError(ErrorCode.NUMBER_INVALID, field="to", number=digits[:_MOST_DIGITS])
    try:
        return phone.parse_number(digits, country=country)
    except NumberError:
        if digits.startswith("+"):
            raise
    return phone.parse_number(f"+{bare.removeprefix(_ABROAD)}", country=country)


def sender_of(written: str) -> str:
    """The one address that a ``From`` names, in lower case; empty if it is not just one."""
    try:
        found = {address.strip().lower() for _, address in getaddresses([written]) if address}
    except Exception:  # noqa: BLE001 - Python stumbles over strangers' headers in many ways
        return ""
    return normal_sender(found.pop()) if len(found) == 1 else ""


def normal_sender(written: str) -> str:
    """An address that a mail comes from, in lower case; empty if it is none."""
    address = written.strip().strip("<>").lower()
    local, at, domain = address.rpartition("@")
    if not (at and local) or " " in address or _UNFIT.search(address):
        return ""
    domain = plain_domain(domain)
    return f"{local}@{domain}" if domain else ""
