"""Submit faxes: an order is stored as a whole and set on its way, or nothing is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.ids import new_id
from accounts.models import Account
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require, require_sending
from faxes import lifecycle, phone
from faxes.enums import (
    TERMINAL_STATES,
    Direction,
    ErrorCode,
    FaxState,
    Paper,
    Quality,
)
from faxes.errors import (
    InvalidRequest,
    MoveNotAllowed,
    NotAffordable,
    NumberError,
    RequestError,
)
from faxes.models import Fax
from faxes.queries.access import require_work_in
from faxes.queries.faxes import detail_for
from faxes.services import intake, uploads
from faxes.services.admission import admit, admit_unread
from faxes.services.carrier_options import Wishes, check
from faxes.services.cover_pages import keep_cover
from faxes.services.documents import attach
from faxes.services.echo import without_document
from faxes.services.extensions import machines_at, require_machines
from faxes.services.extras import Extras, index_metadata
from faxes.services.fax_papers import Papers, brought, copied
from faxes.services.fetch_documents import fetch_later
from faxes.services.intake import IncomingFile, KeptFile, incoming
from faxes.services.order import Checks, FaxRequest, Marks, Order, read_numbers, understood
from faxes.services.sender import from_number_to, sending_number
from faxes.services.undo import undoable_until

__all__ = ["FaxRequest", "IncomingFile", "forward_fax", "incoming", "resend_fax", "submit_fax"]


def submit_fax(
    actor: Actor,
    *,
    request: FaxRequest,
    origin: str,
    also: Callable[[list[Fax]], None] = lambda _faxes: None,
    sent_for: UUID | None = None,
) -> list[Fax]:
    """Set a fax on its way to each number asked for.

    ``sent_for`` is the person of the account whose faxes they are, if not whoever hands them in.
    ``also`` is called within the transaction that makes the faxes; what it raises undoes them.

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

    def papers() -> Papers:
        return brought(wanted, kept, cover, undoable=undoable)

    def then(faxes: list[Fax]) -> None:
        if (until := faxes[0].undo_until) is not None:
            taken = wanted.uploads.values()
            uploads.hold_for_undo(taken, batch_id=faxes[0].batch_id, until=until)
        also(faxes)

    undoable = undoable_until(origin, now) is not None
    try:
        if wanted.cover is not None:
            cover.append(keep_cover(account.pk, wanted.cover, wanted.cover_pages))
        wanted = replace(wanted, sent_for=sent_for)
        return create(actor, wanted=wanted, files=papers, origin=origin, now=now, also=then)
    except BaseException:
        intake.drop(kept + cover)
        raise


def resend_fax(actor: Actor, *, fax_id: UUID, origin: str = "portal") -> Fax:
    """Send a finished fax again, to the same number, as a new fax.

    Raises:
        FaxNotFound, NotAllowed, AccountSuspended
        InvalidRequest: it cannot be paid for, a limit is reached, or its extension is gone.
        MoveNotAllowed: it is under way, it came in, or its pages are gone.

    """
    account = require_sending(actor)
    require(actor, Action.FAX_PAGES)  # where they go, they can be read
    detail = detail_for(actor, fax_id)
    if detail.fax.direction == Direction.INBOUND:
        raise MoveNotAllowed(ErrorCode.FAX_CAME_IN)

    def files() -> Papers:
        return copied(actor, fax=detail.fax, same_number=True)

    numbers = [detail.fax.to_number]
    try:
        require_machines(numbers)
    except NumberError as gone:
        raise InvalidRequest((gone,)) from None
    wanted = _copy_of(account, detail.fax, numbers, Extras.of(detail.fax), Marks.of(detail.fax))
    return create(actor, wanted=wanted, files=files, origin=origin, now=clock.now())[0]


def forward_fax(
    actor: Actor,
    *,
    fax_id: UUID,
    to: str,
    origin: str = "portal",
    metadata: Mapping[str, str] = MappingProxyType({}),
    webhook_url: str = "",
    notify: Sequence[str] = (),
    keep_documents: bool = True,
) -> list[Fax]:
    """Send the pages of a finished fax, sent or received, to other numbers, without its cover.

    Raises:
        FaxNotFound, NotAllowed, AccountSuspended
        InvalidRequest: the numbers or another field are not right, or it cannot be paid for.
        MoveNotAllowed: it is under way, or its pages are gone.

    """
    account = require_sending(actor)
    require(actor, Action.FAX_PAGES)  # where they go, they can be read
    detail = detail_for(actor, fax_id)
    checks, none = Checks(), list[str]()
    numbers = checks.get(lambda: read_numbers(to, account), none)
    asked = FaxRequest(
        to,
        metadata=metadata,
        webhook_url=webhook_url,
        notify=notify,
        keep_documents=keep_documents,
    )
    extras = checks.extras(asked)
    if checks.errors:
        raise InvalidRequest(tuple(checks.errors))

    def files() -> Papers:
        return copied(actor, fax=detail.fax, same_number=False)

    marks = replace(Marks.of(detail.fax), to_name="")  # it goes to somebody else
    if detail.fax.direction == Direction.INBOUND:
        marks = Marks()  # those are the sender's, who does not send it on
    extras = replace(
        extras,
        notify_sms=detail.fax.notify_sms,
        echo=without_document(detail.fax.echo),
    )
    wanted = _copy_of(account, detail.fax, numbers, extras, marks)
    return create(actor, wanted=wanted, files=files, origin=origin, now=clock.now())


def _copy_of(account: Account, fax: Fax, numbers: list[str], extras: Extras, marks: Marks) -> Order:
    """The order for sending a fax once more.

    Raises:
        MoveNotAllowed: it is under way.

    """
    if fax.state not in TERMINAL_STATES:
        raise MoveNotAllowed(ErrorCode.FAX_NOT_FINISHED)
    return Order(
        numbers=numbers,
        faxbox=fax.faxbox,
        from_number=sending_number(
            fax.faxbox,
            country=account.country,
            calls=not all(phone.is_extension(number) for number in numbers),
        ),
        quality=Quality(fax.quality),
        paper=Paper(account.paper),
        subject=fax.subject,
        message=fax.message,
        send_at=None,
        retries=fax.retries,
        extras=extras,
        marks=marks,
        copied_from=fax.pk,
    )


def create(
    actor: Actor,
    *,
    wanted: Order,
    files: Callable[[], Papers],
    origin: str,
    now: datetime,
    also: Callable[[list[Fax]], None] = lambda _faxes: None,
    undoable: bool = True,
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
            if wanted.copied_from is not None:  # else its options were looked at with the rest
                _require_reachable(account, wanted)
            papers = files()
            pages = 0 if papers.gaps else papers.pages  # until all of them are known
            undo_until = undoable_until(origin, now) if undoable else None
            faxes = _rows(actor, wanted, pages, origin, now, undo_until)
            lifecycle.begin(faxes, because="submitted", now=now, complete=not papers.gaps)
            index_metadata(faxes)
            for fax in faxes:
                for role, kept in papers.by_role().items():
                    attach(fax, role, kept, gaps=papers.gaps)
                if papers.rendered:
                    lifecycle.move(fax, FaxState.QUEUED, because="prepared", now=now)
            if papers.gaps:
                fetch_later(faxes, dict(zip(papers.gaps, wanted.remote, strict=True)), now=now)
                admit_unread(account, faxes=faxes, pages=papers.pages + len(papers.gaps), now=now)
            else:
                admit(account, faxes=faxes, now=now)
            for fax in faxes:
                audit.record(
                    actor, action="fax.send", object_type="fax", object_id=fax.pk, pages=pages
                )
            also(faxes)
    except (NotAffordable, RequestError) as refused:
        raise InvalidRequest((refused,)) from None
    return faxes


def _require_reachable(account: Account, wanted: Order) -> None:
    """Let pass a fax sent once more that a carrier can take; pages go as well as they can be had.

    Raises:
        RequestError

    """
    wishes = Wishes(station_id=bool(wanted.marks.station_id), header=bool(wanted.marks.header))
    check(account, from_number=wanted.from_number, numbers=wanted.numbers, wishes=wishes)


def _callback(actor: Actor, wanted: Order) -> dict[str, Any]:
    """Whom to tell of a fax; one of a provider is told what the account shares."""
    callback = dict(wanted.extras.callback)
    if callback and actor.role == Role.PROVIDER:
        callback["by_provider"] = True
    return callback


def _rows(
    actor: Actor,
    wanted: Order,
    pages: int,
    origin: str,
    now: datetime,
    undo_until: datetime | None,
) -> list[Fax]:
    batch = new_id()
    from_then = wanted.send_at or now
    machines = machines_at(wanted.numbers)
    return [
        Fax(
            account_id=actor.account_id,
            direction=Direction.OUTBOUND,
            faxbox=wanted.faxbox,
            from_number=from_number_to(
                number, faxbox=wanted.faxbox, calling_from=wanted.from_number
            ),
            to_number=number,
            to_faxbox=machines.get(number),
            subject=wanted.subject,
            message=wanted.message,
            quality=wanted.quality,
            paper=wanted.paper,
            pages=pages,
            retries=wanted.retries,
            batch_id=batch,
            copied_from=wanted.copied_from,
            created_by=wanted.sent_for or actor.user_id,
            handed_in_by=actor.user_id if wanted.sent_for else None,
            origin=origin,
            send_at=wanted.send_at,
            undo_until=undo_until,
            due_at=max(filter(None, (wanted.send_at, undo_until)), default=None),
            try_until=None if wanted.try_for is None else from_then + wanted.try_for,
            metadata=dict(wanted.extras.metadata),
            webhook_url=wanted.extras.webhook_url,
            notify=list(wanted.extras.notify),
            keep_documents=wanted.extras.keep_documents,
            notify_sms=list(wanted.extras.notify_sms),
            echo=dict(wanted.extras.echo),
            callback=_callback(actor, wanted),
            **asdict(wanted.marks),
        )
        for number in wanted.numbers
    ]
