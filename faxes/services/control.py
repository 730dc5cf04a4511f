"""What people do with a fax that is there: cancel it, mark it read."""

from contextlib import suppress
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes import jobs, lifecycle
from faxes.carriers.base import CarrierError
from faxes.enums import Direction, ErrorCode, FaxState, Outcome
from faxes.errors import MoveNotAllowed
from faxes.models import Attempt, AttemptState, Fax
from faxes.queries.access import require_work_in
from faxes.queries.faxes import fax_for
from faxes.services.carrier_tools import opened
from faxes.services.outgoing import sent_fax
from faxes.services.route import carrier_of


def cancel_fax(actor: Actor, *, fax_id: UUID) -> Fax:
    """Take a fax back. One that is being sent is hung up on, and ends a moment later.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it is finished, or it comes in.

    """
    require(actor, Action.FAX_CANCEL)
    fax = fax_for(actor, fax_id)
    require_work_in(actor, faxbox_id=fax.faxbox_id)
    if fax.state == FaxState.SENDING:
        _hang_up(actor, fax)
        return fax
    if fax.outcome == Outcome.CANCELED and fax.direction == Direction.OUTBOUND:
        return fax  # as wished, by an earlier press of the same button
    if fax.state not in {FaxState.PREPARING, FaxState.QUEUED}:
        raise MoveNotAllowed(ErrorCode.FAX_FINISHED)
    with transaction.atomic(durable=True):
        if lifecycle.cancel(fax, now=clock.now()):
            _record(actor, fax, "fax.cancel")
            return fax
    # It moved meanwhile: most likely the call has just begun.
    return cancel_fax(actor, fax_id=fax_id)


def mark_read(actor: Actor, *, fax_id: UUID, read: bool) -> Fax:
    """Mark an arrival as read or not.

    Raises:
        FaxNotFound, NotAllowed

    """
    require(actor, Action.FAX_MARK)
    fax = fax_for(actor, fax_id)
    if fax.direction == Direction.INBOUND and (fax.read_at is not None) != read:
        fax.read_at = clock.now() if read else None
        Fax.objects.visible_to(actor).filter(pk=fax.pk).update(read_at=fax.read_at)
    return fax


def _hang_up(actor: Actor, fax: Fax) -> None:
    attempt = (
        Attempt.objects.visible_to(actor)
        .select_related("carrier", "fax")
        .filter(fax=fax, state=AttemptState.CALLING)
        .first()
    )
    if attempt is None or not opened(carrier_of(attempt)).capabilities.cancels:
        raise MoveNotAllowed(ErrorCode.FAX_ON_THE_LINE)
    with transaction.atomic(durable=True):
        Attempt.objects.visible_to(actor).filter(pk=attempt.pk).update(hang_up=True)
        _record(actor, fax, "fax.hang_up")
    with suppress(CarrierError):  # it does not hear us: the call goes on, and is the last
        opened(carrier_of(attempt)).hang_up(sent_fax(attempt))
    jobs.enqueue("follow", key=attempt.key)


def _record(actor: Actor, fax: Fax, action: str) -> None:
    audit.record(actor, action=action, object_type="fax", object_id=fax.pk)
