"""Submit faxes: an order is stored as a whole and set on its way, or nothing is."""

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
from faxes.errors import FaxError, InvalidRequest, MoveNotAllowed, RequestError
from faxes.models import Fax
from faxes.queries.faxes import FaxDetail, detail_for
from faxes.services import intake, uploads
from faxes.services.documents import attach
from faxes.services.intake import IncomingFile, KeptFile, incoming
from faxes.services.order import FaxRequest, Order, read_numbers, sending_number, understood

__all__ = ["FaxRequest", "IncomingFile", "forward_fax", "incoming", "resend_fax", "submit_fax"]


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
    try:
        sources, rendered = _with_upload(wanted, kept)
        return _create(actor, wanted, sources, rendered, origin, now)
    except BaseException:
        intake.drop(kept)
        raise


def resend_fax(actor: Actor, *, fax_id: UUID, origin: str = "portal") -> Fax:
    """Send a finished fax again, to the same number, as a new fax.

    Raises:
        FaxNotFound, NotAllowed, AccountSuspended
        MoveNotAllowed: it is under way, it came in, or its pages are gone.

    """
    account = require_sending(actor)
    detail = detail_for(actor, fax_id)
    if detail.fax.direction == Direction.INBOUND:
        raise MoveNotAllowed(ErrorCode.FAX_NOT_FINISHED)
    return _send_copy(actor, account, detail, [detail.fax.to_number], origin)[0]


def forward_fax(actor: Actor, *, fax_id: UUID, to: str, origin: str = "portal") -> list[Fax]:
    """Send the pages of a finished fax, sent or received, to other numbers.

    Raises:
        FaxNotFound, NotAllowed, AccountSuspended
        InvalidRequest: the numbers are not right.
        MoveNotAllowed: it is under way, or its pages are gone.

    """
    account = require_sending(actor)
    detail = detail_for(actor, fax_id)
    try:
        numbers = read_numbers(to, account)
    except FaxError as error:
        raise InvalidRequest((error,)) from None
    return _send_copy(actor, account, detail, numbers, origin)


def _send_copy(
    actor: Actor, account: Account, detail: FaxDetail, numbers: list[str], origin: str
) -> list[Fax]:
    fax = detail.fax
    if fax.state not in TERMINAL_STATES:
        raise MoveNotAllowed(ErrorCode.FAX_NOT_FINISHED)
    if not detail.documents:
        raise MoveNotAllowed(ErrorCode.DOCUMENTS_GONE)
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
    by_role = {
        role: [KeptFile.of(each) for each in detail.documents if each.role == role]
        for role in DocumentRole
    }
    # Arrivals go through conversion again: another machine's coding is not ours to send on.
    sources = by_role[DocumentRole.SOURCE] or by_role[DocumentRole.RECEIVED]
    rendered = by_role[DocumentRole.RENDERED]
    return _create(actor, wanted, sources, rendered[0] if rendered else None, origin, clock.now())


def _create(
    actor: Actor,
    wanted: Order,
    sources: list[KeptFile],
    rendered: KeptFile | None,
    origin: str,
    now: datetime,
) -> list[Fax]:
    """The rows of the faxes, in one transaction with all that belongs to them."""
    pages = rendered.pages if rendered else sum(source.pages for source in sources)
    batch = new_id()
    faxes = [
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
    with transaction.atomic(durable=True):
        if wanted.upload is not None:
            taken = [*sources, rendered] if rendered else sources
            if not uploads.consume(wanted.upload, keep=taken):
                raise InvalidRequest((RequestError(ErrorCode.UPLOAD_NOT_FOUND, field="documents"),))
        lifecycle.begin(faxes, because="submitted", now=now)
        for fax in faxes:
            attach(fax, DocumentRole.SOURCE, sources)
            if rendered is not None:
                attach(fax, DocumentRole.RENDERED, [rendered])
                lifecycle.move(fax, FaxState.QUEUED, because="prepared", now=now)
            audit.record(actor, action="fax.send", object_type="fax", object_id=fax.pk, pages=pages)
    return faxes


def _with_upload(wanted: Order, kept: list[KeptFile]) -> tuple[list[KeptFile], KeptFile | None]:
    """The documents in order, and the fax TIFF if the upload's is just what is to be sent."""
    if wanted.upload is None:
        return kept, None
    sources, rendered = uploads.files_of(wanted.upload)
    same = (wanted.upload.quality, wanted.upload.paper) == (wanted.quality, wanted.paper)
    return sources + kept, rendered if same and not kept else None
