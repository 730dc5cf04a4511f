"""Legal hold: while it lasts nothing is removed, by nobody.

Whoever removes asks ``require_free`` in their transaction. It holds the account's audit chain, as
does placing a hold: of the two, one is first, and the other sees it.
"""

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, idempotency
from accounts.tenancy import require
from faxes.enums import ErrorCode
from faxes.errors import FaxNotFound, MoveNotAllowed, RequestError
from faxes.models import Broadcast, Fax, Faxbox, LegalHold
from faxes.queries.faxes import fax_for
from faxes.queries.legal_holds import hold_for, is_broadcast_held, is_held, lasting
from faxes.services.intake import printable

REASON_LENGTH: Final = 200
NOTED: Final = "legal_hold"  # as what a hold is noted under the key of the request that places it


def require_free(fax: Fax) -> None:
    """Let pass a fax that is under no legal hold, in the transaction that removes something of it.

    Raises:
        MoveNotAllowed

    """
    audit.hold_chains([fax.account_id])
    if is_held(fax):
        raise MoveNotAllowed(ErrorCode.LEGAL_HOLD)


def require_free_machine(faxbox: Faxbox) -> None:
    """The same for a fax machine that is to go.

    Raises:
        MoveNotAllowed

    """
    audit.hold_chains([faxbox.account_id])
    if lasting(faxbox.account_id).filter(fax__isnull=True, faxbox=faxbox.pk).exists():
        raise MoveNotAllowed(ErrorCode.LEGAL_HOLD)


def require_free_broadcast(broadcast: Broadcast) -> None:
    """The same for a broadcast: its list names whom the faxes went to.

    Raises:
        MoveNotAllowed

    """
    audit.hold_chains([broadcast.account_id])
    if is_broadcast_held(broadcast):
        raise MoveNotAllowed(ErrorCode.LEGAL_HOLD)


def holds_anything(account_id: UUID) -> bool:
    """Whether something of an account is under legal hold."""
    return lasting(account_id).exists()


def place(
    actor: Actor, *, reason: str, fax_id: UUID | None = None, faxbox_id: UUID | None = None
) -> LegalHold:
    """Put a fax, or all of a fax machine, or all of the account, under legal hold.

    Raises:
        NotAllowed
        FaxNotFound: the account has no such fax or fax machine.
        RequestError: no reason is given, or one too long.

    """
    require(actor, Action.LEGAL_HOLD)
    reason = printable(" ".join(reason.split()))
    if not 0 < len(reason) <= REASON_LENGTH:
        raise RequestError(ErrorCode.LEGAL_HOLD_REASON, field="reason", limit=REASON_LENGTH)
    with transaction.atomic():
        audit.hold_chains([actor.account_id])
        if fax_id is not None:
            fax_for(actor, fax_id)
        elif faxbox_id is not None:
            machines = Faxbox.objects.ever_of(actor.account_id)
            if not machines.filter(pk=faxbox_id).exists():
                raise FaxNotFound
        hold = LegalHold.objects.create(
            account_id=actor.account_id,
            fax_id=fax_id,
            faxbox_id=None if fax_id else faxbox_id,
            reason=reason,
            placed_at=clock.now(),
            placed_by=actor.user_id,
            placed_name=actor.name,
        )
        if actor.request_key is not None:
            idempotency.note(actor.request_key, object_type=NOTED, object_id=hold.pk)
        _record(actor, "legal_hold.place", hold)
    return hold


def lift(actor: Actor, *, hold_id: UUID) -> LegalHold:
    """End a hold; what else holds the same fax goes on doing so.

    Raises:
        NotAllowed
        FaxNotFound: the account has no such hold.
        MoveNotAllowed: it was lifted before.

    """
    hold = hold_for(actor, hold_id)
    with transaction.atomic():
        rows = lasting(actor.account_id).filter(pk=hold.pk)
        hold.lifted_at, hold.lifted_by, hold.lifted_name = clock.now(), actor.user_id, actor.name
        columns = ("lifted_at", "lifted_by", "lifted_name")
        if not rows.update(**{each: getattr(hold, each) for each in columns}):
            raise MoveNotAllowed(ErrorCode.LEGAL_HOLD_LIFTED)
        _record(actor, "legal_hold.lift", hold)
    return hold


def _record(actor: Actor, action: str, hold: LegalHold) -> None:
    """What is held, in its own log; the reason names people, and stays with the hold."""
    kind = "fax" if hold.fax_id else "faxbox" if hold.faxbox_id else "account"
    audit.record(
        actor,
        action=action,
        object_type=kind,
        object_id=hold.fax_id or hold.faxbox_id or hold.account_id,
    )
