"""What somebody asks to be faxed: read as a whole, with everything that is wrong told at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import Account
from accounts.scoping import Actor
from faxes import phone
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import FaxError, InvalidRequest, NumberError, RequestError
from faxes.models import Fax, Faxbox, Upload
from faxes.queries.do_not_fax import require_wanted
from faxes.services import intake
from faxes.services.carrier_options import Wishes, check
from faxes.services.cover_pages import NO_COVER, ChosenCover, CoverSize, cover_for, facts, size_of
from faxes.services.echo import read_echo
from faxes.services.extensions import require_machines
from faxes.services.extras import (
    Extras,
    read_callback,
    read_metadata,
    read_notify,
    read_notify_sms,
    read_webhook_url,
)
from faxes.services.order_parts import (
    Part,
    check_remote,
    pages_together,
    planned,
    read_parts,
    spooled_parts,
)
from faxes.services.remote_documents import DocumentUrl
from faxes.services.sender import read_sender
from faxes.services.terms import read_header, read_station_id, read_time_zone

T = TypeVar("T")
E = TypeVar("E")
_SUBJECT_LENGTH, _MESSAGE_LENGTH, _NAME_LENGTH = 200, 5000, 128
MOST_RETRIES = 10
_LATEST = timedelta(days=366)
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class FaxRequest:
    """What somebody asks for, as text, just as it was typed.

    ``to`` holds one or many numbers; ``documents`` go in their order, whether they come along, were
    brought ahead or lie at a web address. ``upload_id`` names such as were brought ahead and go
    before them. ``from_number`` leads to the fax machine, unless ``faxbox`` names it; ``cover``
    names a cover page, or none if empty; ``send_at`` is a time in the account's zone unless it says
    otherwise. With ``keep_documents`` off, documents and pages go once the fax has ended.

    ``from_name`` and ``to_name`` stand on the cover page; ``station_id``, ``header`` and
    ``time_zone`` go instead of the fax machine's. ``notify_sms`` are numbers to tell how the fax
    ended; ``echo`` is told again just as it is. With ``fetch_later`` documents at web addresses
    are fetched once the fax is stored, and a fax fails if they cannot be had; with
    ``check_sender_later`` it fails when its turn comes if ``from_number`` is not the account's.

    ``try_for`` says for how many minutes it is tried; ``callback`` whom to tell of this fax in
    other words than ours, and how: ``kind``, ``url`` and what that kind wants to know.
    """

    to: str
    documents: Sequence[Part] = ()
    upload_id: str = ""
    subject: str = ""
    message: str = ""
    cover: str = ""
    faxbox: str = ""
    quality: str = ""
    send_at: str = ""
    retries: str = ""
    from_number: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    webhook_url: str = ""
    notify: Sequence[str] = ()
    keep_documents: bool = True
    from_name: str = ""
    to_name: str = ""
    station_id: str = ""
    header: str = ""
    time_zone: str = ""
    notify_sms: Sequence[str] = ()
    echo: Mapping[str, Any] = field(default_factory=dict)
    fetch_later: bool = False
    check_sender_later: bool = False
    try_for: int | None = None
    callback: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a fax itself says of both ends; as columns of a fax. What is empty is its machine's."""

    from_name: str = ""
    to_name: str = ""
    station_id: str = ""
    header: str = ""
    time_zone: str = ""

    @classmethod
    def of(cls, fax: Fax) -> "Marks":
        """Those of a fax."""
        return cls(fax.from_name, fax.to_name, fax.station_id, fax.header, fax.time_zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request whose every part was understood, in the portal's own terms.

    ``parts`` are its documents in order: an upload, a web address that is fetched later, or None
    where the next file goes.
    """

    numbers: list[str]
    faxbox: Faxbox
    from_number: str
    quality: Quality
    paper: Paper
    subject: str
    message: str
    send_at: datetime | None
    retries: int | None
    extras: Extras
    marks: Marks = field(default_factory=Marks)
    copied_from: UUID | None = None
    sent_for: UUID | None = None  # whose they are, if not of whoever hands them in
    try_for: timedelta | None = None
    parts: Sequence[Upload | DocumentUrl | None] = ()
    cover: ChosenCover | None = None
    cover_size: CoverSize = NO_COVER

    @property
    def cover_pages(self) -> int:
        """How many pages its cover takes; of several, that of the first number."""
        return self.cover_size.pages

    @property
    def ready_upload(self) -> Upload | None:
        """The upload whose fax pages are just what will go, if there is one."""
        upload = self.parts[0] if self.parts else None
        return upload if isinstance(upload, Upload) and self.goes_as(upload) else None

    def goes_as(self, upload: Upload) -> bool:
        """Whether the fax pages of one of its uploads are just what will go."""
        alike = (upload.quality, upload.paper) == (self.quality, self.paper)
        return alike and len(self.parts) == 1

    @property
    def uploads(self) -> dict[UUID, Upload]:
        """The uploads among its documents, each once."""
        return {part.pk: part for part in self.parts if isinstance(part, Upload)}

    @property
    def remote(self) -> list[DocumentUrl]:
        """Those of its documents that are fetched later, in order."""
        return [part for part in self.parts if isinstance(part, DocumentUrl)]


@dataclass(slots=True)
class Checks:
    """Collects what is wrong, so that everything is told at once."""

    errors: list[FaxError] = field(default_factory=list)

    def get(self, read: Callable[[], T], otherwise: E) -> T | E:
        """What ``read`` returns; what it says is wrong is noted, and the other value taken."""
        try:
            return read()
        except FaxError as error:
            self.errors.append(error)
            return otherwise

    def extras(self, asked: FaxRequest, *, country: str = "") -> Extras:
        """What programs hang on a fax, as far as it is right."""
        none: list[str] = []
        return Extras(
            metadata=self.get(lambda: read_metadata(asked.metadata), {}),
            webhook_url=self.get(lambda: read_webhook_url(asked.webhook_url), ""),
            notify=self.get(lambda: read_notify(asked.notify), none),
            keep_documents=asked.keep_documents,
            notify_sms=self.get(lambda: read_notify_sms(asked.notify_sms, country=country), none),
            echo=self.get(lambda: read_echo(asked.echo), {}),
            callback=self.get(lambda: read_callback(asked.callback), {}),
        )

    def marks(self, asked: FaxRequest) -> Marks:
        """What the fax itself says of both ends, as far as it is right."""
        return Marks(
            from_name=self.get(lambda: read_name(asked.from_name, name="from_name"), ""),
            to_name=self.get(lambda: read_name(asked.to_name, name="to_name"), ""),
            station_id=self.get(lambda: read_station_id(asked.station_id), ""),
            header=self.get(lambda: read_header(asked.header), ""),
            time_zone=self.get(lambda: read_time_zone(asked.time_zone), ""),
        )


@contextmanager
def understood(
    actor: Actor, *, account: Account, request: FaxRequest, now: datetime
) -> Iterator[tuple[Order, list[intake.SpooledFile]]]:
    """The request as an order, with its documents spooled and looked at for as long as needed.

    Raises:
        InvalidRequest: with everything that is wrong.

    """
    checks, none = Checks(), list[str]()
    faxbox, from_number = checks.get(lambda: _sender(actor, account, request), (None, ""))
    numbers = checks.get(lambda: read_numbers(request.to, account), none)
    quality = checks.get(lambda: read_quality(request.quality), Quality.FINE)
    send_at = checks.get(lambda: read_send_at(request.send_at, account, now), None)
    retries = checks.get(lambda: _retries(request.retries), None)
    subject = checks.get(lambda: read_subject(request.subject), "")
    message = checks.get(lambda: read_message(request.message), "")
    extras, marks = checks.extras(request, country=account.country), checks.marks(request)
    wishes = Wishes.of(request, quality if request.quality.strip() else None)
    checks.get(
        lambda: check(account, from_number=from_number, numbers=numbers, wishes=wishes), None
    )
    parts, gone = read_parts(actor, documents=request.documents, upload_id=request.upload_id)
    checks.errors += gone
    if request.fetch_later:
        checks.get(lambda: check_remote(parts), None)
    cover = checks.get(lambda: cover_for(actor, written=request.cover), None)
    if not parts and not gone:
        checks.errors.append(RequestError(ErrorCode.DOCUMENT_MISSING, field="documents"))
    try:
        paper = Paper(account.paper)
        fetching = not checks.errors and not request.fetch_later
        with spooled_parts(parts, owner=account.pk, paper=paper, fetching=fetching) as files:
            if checks.errors or faxbox is None:
                raise InvalidRequest(tuple(checks.errors))
            wanted = Order(
                numbers=numbers,
                faxbox=faxbox,
                from_number=from_number,
                quality=quality,
                paper=paper,
                subject=subject,
                message=message,
                send_at=send_at,
                retries=faxbox.retries if retries is None else retries,
                extras=extras,
                marks=marks,
                try_for=None if request.try_for is None else timedelta(minutes=request.try_for),
                parts=planned(parts, fetch_later=request.fetch_later),
                cover=cover,
            )
            size = _cover_size(account, wanted, pages_together(wanted.parts, files), now)
            yield replace(wanted, cover_size=size), files
    except FaxError as error:
        raise InvalidRequest((*checks.errors, error)) from None


def _cover_size(account: Account, wanted: Order, body_pages: int, now: datetime) -> CoverSize:
    """How much the cover of the first of the faxes takes.

    Raises:
        DocumentError: it cannot be set, or takes too many.

    """
    if wanted.cover is None:
        return NO_COVER
    told = facts(
        account,
        wanted.faxbox,
        from_number=wanted.from_number,
        to=wanted.numbers[0],
        subject=wanted.subject,
        message=wanted.message,
        at=wanted.send_at or now,
        from_name=wanted.marks.from_name,
        to_name=wanted.marks.to_name,
        time_zone=wanted.marks.time_zone,
    )
    return size_of(
        wanted.cover, told, body_pages=body_pages, quality=wanted.quality, paper=wanted.paper
    )


def read_numbers(written: str, account: Account) -> list[str]:
    """E.164 of the numbers to send to, or full extensions, each once.

    Raises:
        NumberError, NotAffordable: one of them is none or unwanted, or they are none or too many.

    """
    numbers = phone.parse_numbers(written, country=account.country)
    if len(numbers) > settings.MAX_RECIPIENTS:
        raise NumberError(ErrorCode.TOO_MANY_NUMBERS, field="to", limit=settings.MAX_RECIPIENTS)
    require_machines(numbers)
    require_wanted(account, numbers)
    return numbers


def _sender(actor: Actor, account: Account, asked: FaxRequest) -> tuple[Faxbox, str]:
    return read_sender(
        actor,
        account=account,
        from_number=asked.from_number,
        faxbox=asked.faxbox,
        check_later=asked.check_sender_later,
        calls=phone.needs_call(asked.to),
    )


def read_quality(written: str) -> Quality:
    """The quality asked for; fine if none was.

    Raises:
        RequestError: it is none of them.

    """
    try:
        return Quality(written.strip().lower() or Quality.FINE)
    except ValueError:
        raise RequestError(ErrorCode.QUALITY_INVALID, field="quality") from None


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


def read_name(written: str, *, name: str) -> str:
    """The name of somebody at one end, one line; ``name`` is the field's.

    Raises:
        RequestError: it is too long.

    """
    return read_text(written, name=name, limit=_NAME_LENGTH)


def read_text(written: str, *, name: str, limit: int, lines: bool = False) -> str:
    """What was typed into the field ``name``, without what cannot be printed.

    Raises:
        RequestError: it is longer than ``limit`` characters.

    """
    text = intake.printable(written, lines=lines).strip()
    if len(text) > limit:
        raise RequestError(ErrorCode.TEXT_TOO_LONG, field=name, limit=limit)
    return text
