"""What somebody asks to be faxed: read as a whole, with everything that is wrong told at once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import Account
from accounts.scoping import Actor
from faxes import phone
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import FaxError, InvalidRequest, NumberError, RequestError
from faxes.models import Faxbox, Upload
from faxes.queries.access import faxboxes_to_send_from
from faxes.services import intake, uploads
from faxes.services.cover_pages import ChosenCover, cover_for, facts, pages_of
from faxes.services.intake import IncomingFile

T = TypeVar("T")
_SUBJECT_LENGTH = 200
_MESSAGE_LENGTH = 5000
MOST_RETRIES = 10
_LATEST = timedelta(days=366)
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class FaxRequest:
    """What somebody asks for, as text, just as it was typed.

    ``to`` holds one or many numbers; ``cover`` names a cover page, or none if empty; ``upload_id``
    names documents that were brought ahead, which go before ``documents``; ``send_at`` is a time in
    the account's zone unless it says otherwise.
    """

    to: str
    documents: Sequence[IncomingFile] = ()
    upload_id: str = ""
    subject: str = ""
    message: str = ""
    cover: str = ""
    faxbox: str = ""
    quality: str = ""
    send_at: str = ""
    retries: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request whose every part was understood, in the portal's own terms."""

    numbers: list[str]
    faxbox: Faxbox
    from_number: str
    quality: Quality
    paper: Paper
    subject: str
    message: str
    send_at: datetime | None
    retries: int | None
    copied_from: UUID | None = None
    upload: Upload | None = None
    cover: ChosenCover | None = None
    cover_pages: int = 0


@dataclass(slots=True)
class Checks:
    """Collects what is wrong, so that everything is told at once."""

    errors: list[FaxError] = field(default_factory=list)

    def get(self, read: Callable[[], T], otherwise: T) -> T:
        """What ``read`` returns; what it says is wrong is noted, and the other value taken."""
        try:
            return read()
        except FaxError as error:
            self.errors.append(error)
            return otherwise


@contextmanager
def understood(
    actor: Actor, *, account: Account, request: FaxRequest, now: datetime
) -> Iterator[tuple[Order, list[intake.SpooledFile]]]:
    """The request as an order, with its documents spooled and looked at for as long as needed.

    Raises:
        InvalidRequest: with everything that is wrong.

    """
    checks = Checks()
    faxbox = checks.get(lambda: read_faxbox(actor, written=request.faxbox), None)
    none: list[str] = []
    numbers = checks.get(lambda: read_numbers(request.to, account), none)
    quality = checks.get(lambda: read_quality(request.quality), Quality.FINE)
    send_at = checks.get(lambda: read_send_at(request.send_at, account, now), None)
    retries = checks.get(lambda: _retries(request.retries), None)
    subject = checks.get(lambda: read_subject(request.subject), "")
    message = checks.get(lambda: read_message(request.message), "")
    from_number = checks.get(lambda: sending_number(faxbox), "") if faxbox else ""
    upload = checks.get(lambda: uploads.upload_for(actor, written=request.upload_id), None)
    cover = checks.get(lambda: cover_for(actor, written=request.cover), None)
    if not request.documents and not request.upload_id:
        checks.errors.append(RequestError(ErrorCode.DOCUMENT_MISSING, field="documents"))
    try:
        with intake.spooled(request.documents, paper=Paper(account.paper)) as files:
            if checks.errors or faxbox is None:
                raise InvalidRequest(tuple(checks.errors))
            wanted = Order(
                numbers=numbers,
                faxbox=faxbox,
                from_number=from_number,
                quality=quality,
                paper=Paper(account.paper),
                subject=subject,
                message=message,
                send_at=send_at,
                retries=faxbox.retries if retries is None else retries,
                upload=upload,
                cover=cover,
            )
            body_pages = sum(file.pages for file in files)
            pages = _cover_pages(account, wanted, body_pages, now)
            yield replace(wanted, cover_pages=pages), files
    except FaxError as error:
        raise InvalidRequest((*checks.errors, error)) from None


def _cover_pages(account: Account, wanted: Order, body_pages: int, now: datetime) -> int:
    """How many pages the cover of the first of the faxes takes.

    Raises:
        DocumentError: it cannot be set, or takes too many.

    """
    if wanted.cover is None:
        return 0
    told = facts(
        account,
        wanted.faxbox,
        from_number=wanted.from_number,
        to=wanted.numbers[0],
        subject=wanted.subject,
        message=wanted.message,
        at=wanted.send_at or now,
    )
    if wanted.upload is not None:
        body_pages += int(wanted.upload.rendered["pages"])
    return pages_of(
        wanted.cover, told, body_pages=body_pages, quality=wanted.quality, paper=wanted.paper
    )


def read_numbers(written: str, account: Account) -> list[str]:
    """E.164 of the numbers to send to, each once.

    Raises:
        NumberError: one of them is none, or they are none or too many.

    """
    numbers = phone.parse_numbers(written, country=account.country)
    if len(numbers) > settings.MAX_RECIPIENTS:
        raise NumberError(ErrorCode.TOO_MANY_NUMBERS, field="to", limit=settings.MAX_RECIPIENTS)
    return numbers


def read_faxbox(actor: Actor, *, written: str) -> Faxbox:
    """The fax machine asked for, or the only (first) one if none was.

    Raises:
        RequestError: the actor has no such fax machine, or may not send from it.

    """
    faxboxes = faxboxes_to_send_from(actor)
    for faxbox in faxboxes:
        if not written.strip() or str(faxbox.pk) == written.strip().lower():
            return faxbox
    raise RequestError(ErrorCode.FAXBOX_NOT_FOUND, field="faxbox")


def read_quality(written: str) -> Quality:
    """The quality asked for; fine if none was.

    Raises:
        RequestError: it is none of them.

    """
    try:
        return Quality(written.strip().lower() or Quality.FINE)
    except ValueError:
        raise RequestError(ErrorCode.QUALITY_INVALID, field="quality") from None


def sending_number(faxbox: Faxbox) -> str:
    """The number that a fax machine sends from.

    Raises:
        RequestError: it has none.

    """
    number = min((number.e164 for number in faxbox.numbers.all()), default="")
    if not number:
        raise RequestError(ErrorCode.FROM_NUMBER_MISSING, field="faxbox")
    return number


def read_send_at(written: str, account: Account, now: datetime) -> datetime | None:
    """When a fax is to be sent; None for at once.

    Raises:
        RequestError: it is no time, or too far away.

    """
    if not written.strip():
        return None
    wrong = RequestError(ErrorCode.SEND_AT_INVALID, field="send_at")
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        raise wrong from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(account.time_zone))
    if not now - _CLOCKS_DIFFER <= moment <= now + _LATEST:
        raise wrong
    return moment if moment > now else None


def _retries(written: str) -> int | None:
    if not written.strip():
        return None
    if not written.strip().isdecimal() or int(written) > MOST_RETRIES:
        raise RequestError(ErrorCode.RETRIES_INVALID, field="retries", limit=MOST_RETRIES)
    return int(written)


def read_subject(written: str) -> str:
    """The subject, one line.

    Raises:
        RequestError: it is too long.

    """
    return read_text(written, name="subject", limit=_SUBJECT_LENGTH)


def read_message(written: str) -> str:
    """The message, of many lines.

    Raises:
        RequestError: it is too long.

    """
    return read_text(written, name="message", limit=_MESSAGE_LENGTH, lines=True)


def read_text(written: str, *, name: str, limit: int, lines: bool = False) -> str:
    """What was typed into the field ``name``, without what cannot be printed.

    Raises:
        RequestError: it is longer than ``limit`` characters.

    """
    text = intake.printable(written, lines=lines).strip()
    if len(text) > limit:
        raise RequestError(ErrorCode.TEXT_TOO_LONG, field=name, limit=limit)
    return text
