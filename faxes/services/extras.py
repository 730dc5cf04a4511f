"""What programs hang on a fax: metadata, whom to tell of it, and whether its documents stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.reach import may_ask, read_url
from faxes import phone
from faxes.enums import ErrorCode
from faxes.errors import NumberError, RequestError
from faxes.models import Fax, FaxMetadata
from faxes.services.echo import without_document
from faxes.services.intake import printable

MOST_METADATA: Final = 50
_KEY_LENGTH: Final = 40
_VALUE_LENGTH: Final = 500
_URL_LENGTH: Final = 500
_CALLBACK_LENGTH: Final = 2000
_MOST_NOTIFIED: Final = 10
_EMAIL_LENGTH: Final = 254  # RFC 5321, 4.5.3.1.3


@dataclass(frozen=True, slots=True)
class Extras:
    """Metadata by name, an address for webhooks, whom to tell; as columns of a fax.

    ``echo`` is what a client said and is told again; ``callback`` is who is told of this fax alone
    in other words than ours.
    """

    metadata: Mapping[str, str] = field(default_factory=dict)
    webhook_url: str = ""
    notify: Sequence[str] = ()
    keep_documents: bool = True
    notify_sms: Sequence[str] = ()
    echo: Mapping[str, Any] = field(default_factory=dict)
    callback: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, fax: Fax) -> "Extras":
        """Those of a fax, for another one with its pages."""
        return cls(
            fax.metadata,
            fax.webhook_url,
            fax.notify,
            fax.keep_documents,
            fax.notify_sms,
            without_document(fax.echo),
        )


def read_metadata(given: Mapping[str, Any]) -> dict[str, str]:
    """Metadata: texts by name.

    Raises:
        RequestError: too many, too long, or no texts.

    """
    right = len(given) <= MOST_METADATA and all(
        _is_text(key, _KEY_LENGTH) and key and _is_text(value, _VALUE_LENGTH)
        for key, value in given.items()
    )
    if not right:
        raise metadata_invalid()
    return dict(given)


def metadata_invalid() -> RequestError:
    """What says how much metadata there may be."""
    return RequestError(
        ErrorCode.METADATA_INVALID,
        field="metadata",
        most=MOST_METADATA,
        name=_KEY_LENGTH,
        value=_VALUE_LENGTH,
    )


def read_webhook_url(written: str) -> str:
    """An address to tell of the fax, or none; where a name leads shows when it is asked.

    Raises:
        RequestError: it is no full address of http or https, or one that is never asked.

    """
    return _read_address(written, name="webhook_url", longest=_URL_LENGTH)


def read_callback(given: Mapping[str, Any]) -> dict[str, Any]:
    """Whom to tell of the fax in other words than ours, or nobody if it has no ``url``.

    Raises:
        RequestError: its ``url`` is no full address, or one that is never asked.

    """
    url = _read_address(str(given.get("url", "")), name="callback", longest=_CALLBACK_LENGTH)
    return {**given, "url": url} if url else {}


def read_number_webhook(written: str) -> str:
    """The address of a program that is asked about a number's faxes, or none.

    Raises:
        RequestError: it is no full address, or one that is never asked.

    """
    return _read_address(written, name="webhook_url", longest=_CALLBACK_LENGTH)


def _read_address(written: str, *, name: str, longest: int) -> str:
    text = written.strip()
    if not text:
        return ""
    target = read_url(text) if len(text) <= longest else None
    if target is None:
        raise RequestError(ErrorCode.URL_INVALID, field=name)
    if not may_ask(target, allowed=settings.FETCH_ALLOW):
        raise RequestError(ErrorCode.URL_NOT_ALLOWED, field=name)
    return text


def read_notify(given: Sequence[str]) -> list[str]:
    """E-mail addresses to tell how the fax ended, each once.

    Raises:
        RequestError: one of them is none, or they are too many.

    """
    addresses = list(dict.fromkeys(each.strip() for each in given))
    if len(addresses) > _MOST_NOTIFIED:
        raise RequestError(ErrorCode.NOTIFY_TOO_MANY, field="notify", limit=_MOST_NOTIFIED)
    return [read_email(address, name="notify") for address in addresses]


def read_email(written: str, *, name: str) -> str:
    """An e-mail address, of the field ``name``.

    Raises:
        RequestError: it is none, or too long.

    """
    address = written.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise RequestError(ErrorCode.EMAIL_INVALID, field=name) from None
    if len(address) > _EMAIL_LENGTH:
        raise RequestError(ErrorCode.EMAIL_INVALID, field=name)
    return address


def read_notify_sms(given: Sequence[str], *, country: str) -> list[str]:
    """E.164 of numbers to tell how the fax ended, each once.

    Raises:
        RequestError: they are too many.
        NumberError: one of them is none.

    """
    try:
        numbers = [phone.parse_number(each, country=country) for each in given]
    except NumberError as error:
        error.field = "notify_sms"
        raise
    numbers = list(dict.fromkeys(numbers))
    if len(numbers) > _MOST_NOTIFIED:
        raise RequestError(ErrorCode.NOTIFY_TOO_MANY, field="notify_sms", limit=_MOST_NOTIFIED)
    return numbers


def index_metadata(faxes: Sequence[Fax]) -> None:
    """Write the rows by which faxes are found by their metadata, in the caller's transaction."""
    pairs = [
        FaxMetadata(account_id=fax.account_id, fax=fax, key=key, value=value)
        for fax in faxes
        for key, value in fax.metadata.items()
    ]
    FaxMetadata.objects.bulk_create(pairs, batch_size=500)


def _is_text(given: object, longest: int) -> bool:
    """Whether this is a text that can be stored: not too long, without control characters."""
    return (
        isinstance(given, str)
        and len(given) <= longest
        and printable(given, lines=True) == given.replace("\r\n", "\n")
    )
