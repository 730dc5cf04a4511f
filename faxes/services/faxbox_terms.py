"""What a fax machine has, read as a whole: everything that is wrong is told at once."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from uuid import UUID

from django.conf import settings

from accounts.models import GONE, Account, Membership
from accounts.reach import may_ask, read_url
from accounts.scoping import Actor
from faxes.enums import ErrorCode
from faxes.errors import FaxError, InvalidRequest, RequestError
from faxes.models import Faxbox, MailPages
from faxes.services.cover_pages import cover_for
from faxes.services.echo import read_echo
from faxes.services.extensions import read_extension
from faxes.services.extras import read_email
from faxes.services.intake import printable
from faxes.services.mail_senders import is_usable
from faxes.services.order import MOST_RETRIES
from faxes.services.terms import read_header, read_station_id, read_time_zone

T = TypeVar("T")
NAME_LENGTH: Final = 128
NUMBER_LENGTH: Final = 40
MOST_TOLD: Final = 20
MOST_SENDERS: Final = 100
CALLBACK_METHODS: Final = ("post", "put")
CALLBACK_TYPES: Final = ("json", "www-url-form-encoded")
MAIL_PAGES: Final = tuple(each.value for each in MailPages)
_ADDRESS_LENGTH: Final = 254  # RFC 5321, 4.5.3.1.3
_SHOWN_LENGTH: Final = 60
_FEWEST_DIGITS: Final = 3  # a short number for text messages
_DOMAIN: Final = re.compile(r"(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]+")
_PHONE: Final = re.compile(r"[+\d][\d\s().\-/]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxboxTerms:
    """What a fax machine has; ``retries`` None leaves it to how each try came out.

    Without an ``extension`` it keeps its own, or is given the next that is free.
    ``caller_number`` is any text; a fax fails later that is to come from a number not the
    account's. ``mail_address`` is an address, or a whole mail domain, beside the one that the
    machine has anyway. ``mail_senders`` are addresses and patterns of such. A callback is ``url``,
    ``method`` and ``type``, or empty. ``echo`` is kept for who said it.
    """

    name: str
    extension: str = ""
    station_id: str = ""
    header: str = ""
    time_zone: str = ""  # the account's if empty
    retries: int | None = None
    owner_id: UUID | None = None
    caller_name: str = ""
    caller_number: str = ""
    mail_address: str = ""
    mail_senders: Sequence[str] = ()
    mail_cover: str = ""  # a layout's name or the id of a cover; none if empty
    inbound_emails: Sequence[str] = ()
    inbound_sms: Sequence[str] = ()
    inbound_callback: Mapping[str, str] = field(default_factory=dict)
    outbound_emails: Sequence[str] = ()
    outbound_sms: Sequence[str] = ()
    outbound_callback: Mapping[str, str] = field(default_factory=dict)
    mail_pages: str = MailPages.LINK.value
    echo: Mapping[str, Any] = field(default_factory=dict)


def read_terms(terms: FaxboxTerms, *, account_id: UUID, held: UUID | None) -> dict[str, Any]:
    """The columns of a fax machine of an account; ``held`` is the one that has them so far.

    Raises:
        InvalidRequest: something cannot be; all of it is told.

    """
    errors: list[FaxError] = []

    def checked(read: Callable[..., T], *given: Any, **more: Any) -> T | None:
        try:
            return read(*given, **more)
        except FaxError as error:
            errors.append(error)
            return None

    columns = {
        "name": checked(_name, terms.name),
        "extension": checked(read_extension, terms.extension, account_id=account_id, held=held),
        "station_id": checked(read_station_id, terms.station_id),
        "header": checked(read_header, printable(terms.header)),
        "time_zone": checked(read_time_zone, terms.time_zone),
        "retries": checked(_retries, terms.retries),
        "owner_id": checked(_owner, terms.owner_id, account_id),
        "caller_name": checked(_line, terms.caller_name, name="caller_name", limit=NAME_LENGTH),
        "caller_number": checked(
            _line, terms.caller_number, name="caller_number", limit=NUMBER_LENGTH
        ),
        "mail_address": checked(_mail_address, terms.mail_address, account_id, held),
        "mail_senders": checked(_senders, terms.mail_senders),
        "mail_cover": checked(_mail_cover, terms.mail_cover, account_id),
        "inbound_callback": checked(_callback, terms.inbound_callback, name="inbound_callback"),
        "outbound_callback": checked(_callback, terms.outbound_callback, name="outbound_callback"),
        "mail_pages": checked(_mail_pages, terms.mail_pages),
        "echo": checked(read_echo, terms.echo),
    }
    for name in ("inbound_emails", "outbound_emails"):
        columns[name] = checked(_each, getattr(terms, name), name=name, each=read_email)
    for name in ("inbound_sms", "outbound_sms"):
        columns[name] = checked(_each, getattr(terms, name), name=name, each=_sms_number)
    if errors:
        raise InvalidRequest(tuple(errors))
    return columns


def _name(written: str) -> str:
    name = printable(" ".join(written.split()))
    if not 0 < len(name) <= NAME_LENGTH:
        raise RequestError(ErrorCode.FAXBOX_NAME_MISSING, field="name", limit=NAME_LENGTH)
    return name


def _line(written: str, *, name: str, limit: int) -> str:
    text = printable(" ".join(written.split()))
    if len(text) > limit:
        raise RequestError(ErrorCode.TEXT_TOO_LONG, field=name, limit=limit)
    return text


def _retries(count: int | None) -> int | None:
    if count is not None and not 0 <= count <= MOST_RETRIES:
        raise RequestError(ErrorCode.RETRIES_INVALID, field="retries", limit=MOST_RETRIES)
    return count


def _owner(user_id: UUID | None, account_id: UUID) -> UUID | None:
    if user_id is None:
        return None
    if not Membership.objects.filter(account_id=account_id, user_id=user_id).exists():
        raise RequestError(ErrorCode.OWNER_NOT_MEMBER, field="owner_id")
    return user_id


def _mail_address(written: str, account_id: UUID, held: UUID | None) -> str | None:
    """An address or a domain that no other fax machine or account has; None without one."""
    address = written.strip().lower()
    if not address:
        return None
    name, _, domain = address.rpartition("@")
    if not _DOMAIN.fullmatch(domain) or len(address) > _ADDRESS_LENGTH:
        raise RequestError(ErrorCode.MAIL_ADDRESS_INVALID, field="mail_address")
    if name or "@" in address:
        with _as_code(ErrorCode.MAIL_ADDRESS_INVALID, "mail_address"):
            read_email(address, name="mail_address")
    ours = settings.MAIL_DOMAIN
    if domain == ours or domain.endswith(f".{ours}"):
        raise RequestError(ErrorCode.MAIL_ADDRESS_OURS, field="mail_address", domain=ours)
    others = Faxbox.objects.across_tenants(why="an address leads to one fax machine of the site")
    holder = others.filter(mail_address=address).values_list("pk", flat=True).first()
    owners = Account.objects.filter(realm=domain).exclude(status__in=GONE)
    if holder not in {None, held} or owners.exclude(pk=account_id).exists():
        raise mail_address_taken(address)
    return address


def mail_address_taken(address: str) -> RequestError:
    """What says that an address is another fax machine's."""
    return RequestError(ErrorCode.MAIL_ADDRESS_TAKEN, field="mail_address", address=address)


@contextmanager
def _as_code(code: ErrorCode, name: str) -> Iterator[None]:
    try:
        yield
    except FaxError:
        raise RequestError(code, field=name) from None


def _senders(given: Sequence[str]) -> list[str]:
    entries = list(dict.fromkeys(each.strip() for each in given if each.strip()))
    if len(entries) > MOST_SENDERS:
        raise RequestError(ErrorCode.TOO_MANY_ENTRIES, field="mail_senders", limit=MOST_SENDERS)
    for entry in entries:
        if len(entry) > _ADDRESS_LENGTH or entry != printable(entry) or not is_usable(entry):
            shown = printable(entry)[:_SHOWN_LENGTH]
            raise RequestError(ErrorCode.MAIL_SENDER_INVALID, field="mail_senders", entry=shown)
    return entries


def _each(given: Sequence[str], *, name: str, each: Callable[..., str]) -> list[str]:
    """A list with each entry once, each read by itself."""
    entries = [entry for entry in given if entry.strip()]
    if len(entries) > MOST_TOLD:
        raise RequestError(ErrorCode.TOO_MANY_ENTRIES, field=name, limit=MOST_TOLD)
    return list(dict.fromkeys(each(entry, name=name) for entry in entries))


def _sms_number(written: str, *, name: str) -> str:
    number = " ".join(written.split())
    digits = sum(char.isdecimal() for char in number)
    if len(number) > NUMBER_LENGTH or digits < _FEWEST_DIGITS or not _PHONE.fullmatch(number):
        shown = printable(number)[:NUMBER_LENGTH]
        raise RequestError(ErrorCode.SMS_NUMBER_INVALID, field=name, number=shown)
    return number


def _callback(given: Mapping[str, str], *, name: str) -> dict[str, str]:
    """Which address is told, and how; nothing without an address."""
    url = str(given.get("url") or "").strip()
    if not url:
        return {}
    target = read_url(url)
    if target is None:
        raise RequestError(ErrorCode.URL_INVALID, field=name)
    if not may_ask(target, allowed=settings.FETCH_ALLOW):
        raise RequestError(ErrorCode.URL_NOT_ALLOWED, field=name)
    method, form = given.get("method") or CALLBACK_METHODS[0], given.get("type")
    form = form or CALLBACK_TYPES[0]
    if method not in CALLBACK_METHODS or form not in CALLBACK_TYPES:
        raise RequestError(ErrorCode.CALLBACK_INVALID, field=name)
    return {"url": url, "method": method, "type": form}


def _mail_cover(written: str, account_id: UUID) -> str:
    try:
        cover_for(Actor.system(account_id), written=written)
    except RequestError as error:
        raise RequestError(error.code, field="mail_cover") from None
    return written.strip().lower()


def _mail_pages(given: str) -> str:
    if given not in MAIL_PAGES:
        raise RequestError(ErrorCode.MAIL_PAGES_INVALID, field="mail_pages")
    return given
