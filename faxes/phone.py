"""The one reader of fax numbers, and of the extensions of fax machines here."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from faxes.enums import ErrorCode
from faxes.errors import NumberError

# The block that the North American plan keeps for fiction, where the test exchange lives:
# valid to dial on the embedded line though no library calls it a valid number.
_FICTION = re.compile(r"^\+1\d{3}55501\d{2}$")
_UNKNOWN = "ZZ"
_SEPARATORS = re.compile(r"[,;\n\r]+")
_WHOLE = re.compile(r"\+\d{7,15}")
_WRITTEN = re.compile(r"^[+(]?[\d\s().\-/]+$")
# A fax machine of this site: its account's code and its extension, such as 0003*210.
_EXTENSION = re.compile(r"[0-9]{4,9}\*[0-9]{1,10}")


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


def is_extension(number: str) -> bool:
    """Whether it stands for a fax machine of this site, which is reached without a call."""
    return _EXTENSION.fullmatch(number) is not None


def parse_recipient(written: str, *, country: str) -> str:
    """Where a fax can go: a number in E.164, or a full extension just as it is written.

    Whether there is such an extension is not looked at.

    Raises:
        NumberError: it is neither.

    """
    text = written.strip()
    return text if is_extension(text) else parse_number(text, country=country)


def parse_numbers(written: str, *, country: str) -> list[str]:
    """One or many recipients between commas, semicolons or line ends, each once, in order.

    Raises:
        NumberError: there is none, or one of them is none.

    """
    parts = [part.strip() for part in _SEPARATORS.split(written)]
    numbers = [parse_recipient(part, country=country) for part in parts if part]
    if not numbers:
        raise NumberError(ErrorCode.NUMBER_MISSING, field="to")
    return list(dict.fromkeys(numbers))


def needs_call(written: str) -> bool:
    """Whether any of several recipients, as ``parse_numbers`` reads them, is no full extension."""
    parts = [part.strip() for part in _SEPARATORS.split(written)]
    return not all(is_extension(part) for part in parts if part)


def country_of(e164: str) -> str:
    """The country of a number (ISO 3166), the first of those that share its code; or nothing."""
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return ""
    shared = phonenumbers.region_code_for_country_code(number.country_code or 0)
    country = phonenumbers.region_code_for_number(number) or shared
    return country if country.isalpha() and country != _UNKNOWN else ""


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
    """A number or full extension; empty for anything else that a sender called itself."""
    return written if _WHOLE.fullmatch(written) or is_extension(written) else ""


def masked(written: str) -> str:
    """A number without its middle, such as +1202•••0121; empty for what is none.

    Of a full extension the account's code, which says whose it is.
    """
    number = whole(written)
    if is_extension(number):
        return f"•••*{number.partition('*')[2]}"
    return f"{number[:-7]}•••{number[-4:]}" if number else ""
