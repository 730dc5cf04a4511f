"""Take back a fax that was never dialled, as dialects want that know no hanging up."""

from contextlib import suppress
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes import lifecycle
from faxes.enums import ErrorCode, FaxState
from faxes.errors import MoveNotAllowed
from faxes.models import Fax
from faxes.queries.access import require_work_in
from faxes.queries.faxes import fax_for
from faxes.services import legal_holds, privacy

_WAITS = frozenset({FaxState.PREPARING, FaxState.QUEUED})


def withdraw(actor: Actor, *, fax_id: UUID) -> Fax:
    """Cancel a fax that waits for its first try; a call that has begun meanwhile goes on.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it was dialled already, or it comes in.

    """
    require(actor, Action.FAX_CANCEL)
    fax = fax_for(actor, fax_id)
    require_work_in(actor, faxbox_id=fax.faxbox_id)
    while _waits(fax):
        with transaction.atomic(durable=True):
            if lifecycle.cancel(fax, now=clock.now()):
                audit.record(actor, action="fax.cancel", object_type="fax", object_id=fax.pk)
                return fax
        fax = fax_for(actor, fax_id)  # it moved meanwhile
    raise MoveNotAllowed(ErrorCode.FAX_FINISHED)


def discard(actor: Actor, *, fax_id: UUID) -> None:
    """Delete a fax that has ended, or that waits for its first try, which is canceled first.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it is under way, or under legal hold.

    """
    require(actor, Action.FAX_DELETE)
    fax = fax_for(actor, fax_id)
    if _waits(fax):
        with transaction.atomic():
            legal_holds.require_free(fax)  # else it would be canceled and stay
        with suppress(MoveNotAllowed):  # it moved meanwhile: whether it may go now is told next
            withdraw(actor, fax_id=fax_id)
    privacy.delete_fax(actor, fax_id=fax_id)


def _waits(fax: Fax) -> bool:
    """Whether it is on its way and was never dialled."""
    return fax.state in _WAITS and not fax.tries
