"""Broadcasts: one document to very many numbers, begun, canceled, deleted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, idempotency
from accounts.tenancy import require, require_sending
from faxes import jobs, lifecycle, phone, vault
from faxes.enums import ErrorCode, RecipientState
from faxes.errors import FaxError, InvalidRequest, MoveNotAllowed, NotAffordable, RequestError
from faxes.models import Broadcast, BroadcastRecipient, Fax
from faxes.queries.access import require_work_in
from faxes.queries.broadcasts import broadcast_for
from faxes.queries.do_not_fax import unwanted
from faxes.services import admission, broadcasting, erasure, export_reach, intake, legal_holds
from faxes.services.carrier_options import Wishes, check
from faxes.services.cover_pages import keep_cover
from faxes.services.fax_papers import Papers, brought
from faxes.services.intake import KeptFile
from faxes.services.order import FaxRequest, Order, read_text, understood
from faxes.services.order_parts import pages_together
from faxes.services.recipients import (
    RecipientRequest,
    Recipients,
    RecipientsRefused,
    read_recipients,
)

MOST_UNDER_WAY: Final = 20
_NAME_LENGTH: Final = 120
_AT_ONCE: Final = 1000  # rows written by one statement
# What covers are tried on while no recipient is right.
_SAMPLE_NUMBER: Final = "+12025550100"


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastRequest:
    """What somebody wants to send to many, just as it was typed.

    ``fax`` is what each gets; its ``to`` is left aside. They are those of ``recipients`` and the
    members of ``group``, an id of contacts or empty. ``name`` is for the sender's own lists.
    """

    fax: FaxRequest
    recipients: Sequence[RecipientRequest] = ()
    group: str = ""
    name: str = ""


def create_broadcast(
    actor: Actor,
    *,
    request: BroadcastRequest,
    origin: str,
    also: Callable[[], None] = lambda: None,
) -> Broadcast:
    """Send documents to very many numbers, each as a fax of its own.

    The whole is looked at, and could be paid for as things stand. The faxes are made later, a
    portion at a time; documents are turned into fax pages once. ``also`` is called within the
    transaction that makes it; what it raises undoes that.

    Raises:
        InvalidRequest: with everything that is wrong, also that it cannot be paid for; nothing was
            stored.
        NotAllowed: the actor may not send, or not see the group of contacts.
        AccountSuspended: the account may not send.

    """
    account = require_sending(actor)
    now = clock.now()
    recipients, errors = _read(actor, account, request)
    numbers = recipients.numbers
    called = [number for number in numbers if not phone.is_extension(number)]
    first = next(iter(called or numbers), _SAMPLE_NUMBER)
    fax = replace(request.fax, to=first, fetch_later=False)
    try:
        with understood(actor, account=account, request=fax, now=now) as (wanted, files):
            _require_none(errors)
            wishes = Wishes.of(request.fax, None)  # the quality was looked at with the first
            check(account, from_number=wanted.from_number, numbers=called, wishes=wishes)
            pages = wanted.cover_pages + pages_together(wanted.parts, files)
            _require_affordable(account, recipients, wanted, pages, now)
            kept = intake.keep(account.pk, files)
    except InvalidRequest as refused:
        raise InvalidRequest((*errors, *refused.errors)) from None
    broadcast = _row(actor, request, wanted, recipients, origin, now, pages)
    cover: list[KeptFile] = []

    def papers() -> Papers:
        return brought(wanted, kept, cover)

    try:
        if wanted.cover is not None:
            cover.append(keep_cover(account.pk, wanted.cover, wanted.cover_pages))
        enter(broadcast, recipients)
        set_out(actor, broadcast=broadcast, files=papers, also=also)
    except BaseException:
        intake.drop(kept + cover)
        broadcasting.forget(broadcast)
        raise
    return broadcast


def cancel_broadcast(actor: Actor, *, broadcast_id: UUID) -> Broadcast:
    """Stop a broadcast: who waits gets no fax, and faxes that wait are taken back.

    Those on the line at this moment go to their end, and are not tried again. Doing it again does
    nothing.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it is finished.

    """
    require(actor, Action.FAX_CANCEL)
    detail = broadcast_for(actor, broadcast_id)
    broadcast = detail.broadcast
    require_work_in(actor, faxbox_id=broadcast.faxbox_id)
    if broadcast.canceled_at is not None:
        return broadcast
    if detail.finished:
        raise MoveNotAllowed(ErrorCode.BROADCAST_FINISHED)
    with transaction.atomic(durable=True):
        if broadcasting.stop(broadcast, now=clock.now()):
            audit.record(
                actor,
                action="broadcast.cancel",
                object_type="broadcast",
                object_id=broadcast.pk,
            )
    return broadcast_for(actor, broadcast_id).broadcast


def delete_broadcast(actor: Actor, *, broadcast_id: UUID) -> None:
    """Remove a finished broadcast with its list of recipients; its faxes stay, as faxes.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it is under way, or it or one of its faxes is under legal hold.

    """
    require(actor, Action.FAX_DELETE)
    detail = broadcast_for(actor, broadcast_id)
    broadcast = detail.broadcast
    require_work_in(actor, faxbox_id=broadcast.faxbox_id)
    if not detail.finished:
        raise MoveNotAllowed(ErrorCode.BROADCAST_NOT_FINISHED)
    with transaction.atomic(durable=True):
        rows = Broadcast.objects.visible_to(actor).filter(pk=broadcast.pk)
        if not rows.update(wake_at=None):  # held, as two may delete it
            return
        legal_holds.require_free_broadcast(broadcast)
        BroadcastRecipient.objects.for_account(actor.account_id).filter(
            broadcast=broadcast
        ).delete()
        faxes = Fax.objects.for_account(actor.account_id).filter(broadcast_id=broadcast.pk)
        faxes.update(broadcast_id=None)
        rows.delete()
        export_reach.take_out_lists(actor.account_id)
        audit.record(
            actor, action="broadcast.delete", object_type="broadcast", object_id=broadcast.pk
        )
        idempotency.forget(actor.account_id, object_ids=[broadcast.pk])
        transaction.on_commit(erasure.scrub, robust=True)


def _read(
    actor: Actor, account: Account, request: BroadcastRequest
) -> tuple[Recipients, tuple[FaxError, ...]]:
    """Those to send to; and what is wrong with them, or with the broadcast itself."""
    errors: list[FaxError] = []
    try:
        read_text(request.name, name="name", limit=_NAME_LENGTH)
    except RequestError as error:
        errors.append(error)
    try:
        require_room(account)
    except RequestError as error:
        errors.append(error)
    try:
        read = read_recipients(
            actor,
            account=account,
            written=request.recipients,
            group=request.group,
            shared=request.fax.metadata,
        )
    except RecipientsRefused as refused:
        return Recipients((), 0), (*errors, *refused.errors)
    return read, tuple(errors)


def require_room(account: Account) -> None:
    """Let pass one more broadcast.

    Raises:
        RequestError: too many are under way.

    """
    live = Broadcast.objects.for_account(account.pk).filter(handed_over_at__isnull=True)
    if live.count() >= MOST_UNDER_WAY:
        raise RequestError(ErrorCode.TOO_MANY_BROADCASTS, limit=MOST_UNDER_WAY)


def _require_none(errors: Sequence[FaxError]) -> None:
    if errors:
        raise InvalidRequest(())  # they are told with what is wrong besides


def _require_affordable(
    account: Account, recipients: Recipients, wanted: Order, pages: int, now: datetime
) -> None:
    """Let pass what could be sent to all, as things stand.

    Raises:
        InvalidRequest

    """
    at = wanted.send_at or now
    try:
        admission.foresee(account, numbers=recipients.numbers, pages=pages, now=at)
    except NotAffordable as refused:
        raise InvalidRequest((refused,)) from None


def _row(
    actor: Actor,
    request: BroadcastRequest,
    wanted: Order,
    recipients: Recipients,
    origin: str,
    now: datetime,
    pages: int,
) -> Broadcast:
    return Broadcast(
        account_id=actor.account_id,
        name=read_text(request.name, name="name", limit=_NAME_LENGTH),
        faxbox=wanted.faxbox,
        recipients_total=len(recipients.each),
        duplicates=recipients.duplicates,
        pages=pages,
        created_by=actor.user_id,
        origin=origin,
        from_number=wanted.from_number,
        subject=wanted.subject,
        message=wanted.message,
        quality=wanted.quality,
        paper=wanted.paper,
        retries=wanted.retries,
        metadata=dict(wanted.extras.metadata),
        webhook_url=wanted.extras.webhook_url,
        notify=list(wanted.extras.notify),
        keep_documents=wanted.extras.keep_documents,
        created_at=now,
        send_at=wanted.send_at,
    )


def enter(broadcast: Broadcast, recipients: Recipients) -> None:
    """Write the recipients, in portions that keep nobody waiting; nobody sees them yet."""
    broadcast.save(force_insert=True)
    for start in range(0, len(recipients.each), _AT_ONCE):
        rows = [
            BroadcastRecipient(
                account_id=broadcast.account_id,
                broadcast=broadcast,
                position=position,
                number=each.number,
                name=each.name,
                metadata=dict(each.metadata),
                **_standing(each.number, recipients),
            )
            for position, each in enumerate(recipients.each[start : start + _AT_ONCE], start + 1)
        ]
        BroadcastRecipient.objects.bulk_create(rows)


def _standing(number: str, recipients: Recipients) -> dict[str, Any]:
    """Who is on a do-not-fax list gets no fax, and is told of with the others."""
    if number not in recipients.unwanted:
        return {}
    told = unwanted(number)
    state = RecipientState.REFUSED
    return {"state": state, "error_code": told.code, "error_params": told.params}


def set_out(
    actor: Actor,
    *,
    broadcast: Broadcast,
    files: Callable[[], Papers],
    also: Callable[[], None] = lambda: None,
) -> None:
    """Set it on its way, with all that belongs to it, in one transaction.

    Raises:
        AccountSuspended, NotAllowed: since a moment ago.
        InvalidRequest: an upload is gone.

    """
    require_work_in(actor, faxbox_id=broadcast.faxbox_id)
    with transaction.atomic(durable=True):
        # reading documents takes a while, in which the account may be moved or suspended
        require_sending(actor)
        papers = files()
        broadcast.sources = [file.as_json() for file in papers.sources]
        broadcast.cover = [file.as_json() for file in papers.cover]
        broadcast.body = [file.as_json() for file in (*papers.rendered, *papers.body)]
        broadcast.entered, broadcast.wake_at = True, clock.now() + lifecycle.GRACE
        broadcast.save(update_fields=["sources", "cover", "body", "entered", "wake_at"])
        vault.named(file["key"] for file in (*broadcast.sources, *broadcast.cover))
        audit.record(
            actor,
            action="broadcast.create",
            object_type="broadcast",
            object_id=broadcast.pk,
            recipients=broadcast.recipients_total,
            pages=broadcast.pages,
        )
        jobs.enqueue("broadcast", broadcast=broadcast.pk)
        also()
