"""The one reader of fax numbers."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from faxes.enums import ErrorCode
from faxes.errors import NumberError

# The block that the North American plan keeps for fiction, where the test exchange lives:
# valid to dial on the embedded line though no library calls it a valid number.
_FICTION = re.compile(r"^\+1\d{3}55501\d{2}$")
_SEPARATORS = re.compile(r"[,;\n\r]+")
_WHOLE = re.compile(r"\+\d{7,15}")
_WRITTEN = re.compile(r"^[+(]?[\d\s().\-/]+$")


def parse_number(written: str, *, country: str) -> str:
    """E.164 of a number as people write it; without ``+`` it is read as one of ``country``.

    Raises:
        NumberError: it is empty, no number, or one that no plan has.

    """
    text = written.strip()
    if not text:
        raise NumberError(ErrorCode.NUMBER_MISSING, field="to")
    failure = NumberError(ErrorCode.NUMBER_INVALID, field="to", number=text[:40])
    if not _WRITTEN.match(text):
        raise failure
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        raise failure from None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if not phonenumbers.is_valid_number(number) and not _FICTION.match(e164):
        raise failure
    return e164


def parse_numbers(written: str, *, country: str) -> list[str]:
    """E.164 of one or many numbers between commas, semicolons or line ends, each once, in order.

    Raises:
        NumberError: there is none, or one of them is none.

    """
    parts = [part.strip() for part in _SEPARATORS.split(written)]
    numbers = [parse_number(part, country=country) for part in parts if part]
    if not numbers:
        raise NumberError(ErrorCode.NUMBER_MISSING, field="to")
    return list(dict.fromkeys(numbers))


def readable(e164: str, *, country: str = "") -> str:
    """A number as people read it: nationally in its own country, else internationally.

    What is no number (a sender may call itself anything) is handed back as it is.
    """
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return e164
    at_home = phonenumbers.region_code_for_country_code(number.country_code or 0) == country
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def whole(written: str) -> str:
    """A number in E.164; empty for anything else that a sender called itself."""
    return written if _WHOLE.fullmatch(written) else ""


def masked(written: str) -> str:
    """A number without its middle, such as +1202•••0121; empty for what is none."""
    number = whole(written)
    return f"{number[:-7]}•••{number[-4:]}" if number else ""
