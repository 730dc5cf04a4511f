"""Submit faxes: an order is stored as a whole and set on its way, or nothing is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.ids import new_id
from accounts.models import Account
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require_sending
from faxes import lifecycle
from faxes.enums import (
    TERMINAL_STATES,
    Direction,
    DocumentRole,
    ErrorCode,
    FaxState,
    Paper,
    Quality,
)
from faxes.errors import FaxError, InvalidRequest, MoveNotAllowed, NotAffordable, RequestError
from faxes.models import Document, Fax
from faxes.queries.access import require_work_in
from faxes.queries.faxes import FaxDetail, detail_for
from faxes.services import intake, uploads
from faxes.services.admission import admit
from faxes.services.cover_pages import keep_cover
from faxes.services.documents import attach, files_by_role
from faxes.services.intake import IncomingFile, KeptFile, incoming
from faxes.services.order import FaxRequest, Order, read_numbers, sending_number, understood

__all__ = ["FaxRequest", "IncomingFile", "forward_fax", "incoming", "resend_fax", "submit_fax"]


@dataclass(frozen=True, slots=True)
class Papers:
    """The stored files that a fax begins with; of all but sources there is one or none.

    With ``rendered`` it is ready for the line; ``body`` are the pages that its cover goes before.
    """

    sources: list[KeptFile]
    rendered: list[KeptFile] = field(default_factory=list)
    cover: list[KeptFile] = field(default_factory=list)
    body: list[KeptFile] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """How many pages will go, as far as is known yet."""
        parts = self.rendered or [*self.cover, *(self.body or self.sources)]
        return sum(part.pages for part in parts)

    def by_role(self) -> dict[DocumentRole, list[KeptFile]]:
        """The files by what they are to the fax."""
        return {
            DocumentRole.SOURCE: self.sources,
            DocumentRole.RENDERED: self.rendered,
            DocumentRole.COVER: self.cover,
            DocumentRole.BODY: self.body,
        }


def submit_fax(actor: Actor, *, request: FaxRequest, origin: str) -> list[Fax]:
    """Set a fax on its way to each number asked for.

    Raises:
        InvalidRequest: with everything that is wrong; nothing was stored or queued.
        NotAllowed: the actor may not send.
        AccountSuspended: the account may not send.

    """
    account = require_sending(actor)
    now = clock.now()
    with understood(actor, account=account, request=request, now=now) as (wanted, files):
        kept = intake.keep(account.pk, files)
    cover: list[KeptFile] = []
    try:
        if wanted.cover is not None:
            cover.append(keep_cover(account.pk, wanted.cover, wanted.cover_pages))
        return _create(actor, wanted, lambda: _brought(wanted, kept, cover), origin, now)
    except BaseException:
        intake.drop(kept + cover)
        raise


def resend_fax(actor: Actor, *, fax_id: UUID, origin: str = "portal") -> Fax:
    """Send a finished fax again, to the same number, as a new fax.

    Raises:
        FaxNotFound, NotAllowed, AccountSuspended
        InvalidRequest: it cannot be paid for, or a limit is reached.
        MoveNotAllowed: it is under way, it came in, or its pages are gone.

    """
    account = require_sending(actor)
    detail = detail_for(actor, fax_id)
    if detail.fax.direction == Direction.INBOUND:
        raise MoveNotAllowed(ErrorCode.FAX_CAME_IN)

    def files() -> Papers:
        return _copied(actor, detail.fax, same_number=True)

    return _send_copy(actor, account, detail, [detail.fax.to_number], files, origin)[0]


def forward_fax(actor: Actor, *, fax_id: UUID, to: str, origin: str = "portal") -> list[Fax]:
    """Send the pages of a finished fax, sent or received, to other numbers, without its cover.

    Raises:
        FaxNotFound, NotAllowed, AccountSuspended
        InvalidRequest: the numbers are not right, or it cannot be paid for.
        MoveNotAllowed: it is under way, or its pages are gone.

    """
    account = require_sending(actor)
    detail = detail_for(actor, fax_id)
    try:
        numbers = read_numbers(to, account)
    except FaxError as error:
        raise InvalidRequest((error,)) from None

    def files() -> Papers:
        return _copied(actor, detail.fax, same_number=False)

    return _send_copy(actor, account, detail, numbers, files, origin)


def _send_copy(
    actor: Actor,
    account: Account,
    detail: FaxDetail,
    numbers: list[str],
    files: Callable[[], Papers],
    origin: str,
) -> list[Fax]:
    fax = detail.fax
    if fax.state not in TERMINAL_STATES:
        raise MoveNotAllowed(ErrorCode.FAX_NOT_FINISHED)
    wanted = Order(
        numbers=numbers,
        faxbox=fax.faxbox,
        from_number=sending_number(fax.faxbox),
        quality=Quality(fax.quality),
        paper=Paper(account.paper),
        subject=fax.subject,
        message=fax.message,
        send_at=None,
        retries=fax.retries,
        copied_from=fax.pk,
    )
    return _create(actor, wanted, files, origin, clock.now())


def _create(
    actor: Actor,
    wanted: Order,
    files: Callable[[], Papers],
    origin: str,
    now: datetime,
) -> list[Fax]:
    """The rows of the faxes, in one transaction with all that belongs to them.

    ``files`` is called within it: what it reads must not go before the new rows name it.

    Raises:
        AccountSuspended: since a moment ago; nothing was stored.
        InvalidRequest: they cannot be paid for, or a limit is reached; nothing was stored.

    """
    require_work_in(actor, faxbox_id=wanted.faxbox.pk)
    try:
        with transaction.atomic(durable=True):
            # reading documents takes a while, in which the account may be moved or suspended
            account = require_sending(actor)
            papers = files()
            faxes = _rows(actor, wanted, papers.pages, origin)
            lifecycle.begin(faxes, because="submitted", now=now)
            for fax in faxes:
                for role, kept in papers.by_role().items():
                    attach(fax, role, kept)
                if papers.rendered:
                    lifecycle.move(fax, FaxState.QUEUED, because="prepared", now=now)
            admit(account, faxes=faxes, now=now)
            for fax in faxes:
                audit.record(
                    actor,
                    action="fax.send",
                    object_type="fax",
                    object_id=fax.pk,
                    pages=papers.pages,
                )
    except NotAffordable as refused:
        raise InvalidRequest((refused,)) from None
    return faxes


def _rows(actor: Actor, wanted: Order, pages: int, origin: str) -> list[Fax]:
    batch = new_id()
    return [
        Fax(
            account_id=actor.account_id,
            direction=Direction.OUTBOUND,
            faxbox=wanted.faxbox,
            from_number=wanted.from_number,
            to_number=number,
            subject=wanted.subject,
            message=wanted.message,
            quality=wanted.quality,
            paper=wanted.paper,
            pages=pages,
            retries=wanted.retries,
            batch_id=batch,
            copied_from=wanted.copied_from,
            created_by=actor.user_id,
            origin=origin,
            send_at=wanted.send_at,
            due_at=wanted.send_at,
        )
        for number in wanted.numbers
    ]


def _brought(wanted: Order, kept: list[KeptFile], cover: list[KeptFile]) -> Papers:
    """The documents in order, and the upload's fax TIFF if its pages are just what will go."""
    if wanted.upload is None:
        return Papers(kept, cover=cover)
    try:
        upload = uploads.locked(wanted.upload)
    except RequestError as error:
        raise InvalidRequest((error,)) from None
    sources, rendered = uploads.files_of(upload)
    same = (upload.quality, upload.paper) == (wanted.quality, wanted.paper) and not kept
    uploads.remove(upload, keep=[*sources, rendered] if same else sources)
    pages = [rendered] if same else []
    if cover:
        return Papers(sources + kept, cover=cover, body=pages)
    return Papers(sources + kept, rendered=pages)


def _copied(actor: Actor, fax: Fax, *, same_number: bool) -> Papers:
    """The documents of a fax, and its fax TIFF if it was ours and names nobody else.

    An arrival goes through conversion again: another machine's coding is not ours to send on. A
    cover tells of the number that it was sent to, so it stays behind when the pages go elsewhere.

    Raises:
        MoveNotAllowed: they were removed.

    """
    list(Document.objects.visible_to(actor).select_for_update().filter(fax=fax))
    files = files_by_role(fax)
    sources = files[DocumentRole.SOURCE] or files[DocumentRole.RECEIVED]
    if not sources:
        raise MoveNotAllowed(ErrorCode.DOCUMENTS_GONE)
    cover, rendered = files[DocumentRole.COVER], files[DocumentRole.RENDERED]
    if same_number or not cover:
        return Papers(sources, rendered=rendered, cover=cover)
    return Papers(sources)
