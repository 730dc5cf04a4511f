"""What people change about the next try of a fax that waits: when it begins, where it goes, or if.

Whoever asks says how many calls of the fax they knew of (``seen``). A try that began meanwhile
wins: nothing is changed then, and that is told.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require, require_sending
from faxes import lifecycle
from faxes.enums import ErrorCode, FaxState
from faxes.errors import InvalidRequest, MoveNotAllowed, NumberError, RequestError
from faxes.models import Event, Fax
from faxes.queries.access import require_work_in
from faxes.queries.faxes import fax_for
from faxes.services.fax_papers import Papers, copied
from faxes.services.order import FaxRequest, Order, read_send_at
from faxes.services.send_again import as_it_was, order_as_it_was
from faxes.services.submit import create
from faxes.services.waiting import begin_next_try


def try_now(actor: Actor, *, fax_id: UUID, seen: int) -> None:
    """Begin the next try of a waiting fax at once.

    Raises:
        FaxNotFound, NotAllowed, AccountSuspended
        MoveNotAllowed: it does not wait any more.

    """
    require_sending(actor)
    now = clock.now()
    _try_at(actor, _waiting(actor, fax_id, seen), at=now, because="brought_forward", now=now)


def try_later(actor: Actor, *, fax_id: UUID, seen: int, at: str) -> None:
    """Put the next try of a waiting fax off to a time, which is read as that of a new fax is.

    Raises:
        FaxNotFound, NotAllowed
        RequestError: it is no time to come, or the fax is given up before.
        MoveNotAllowed: it does not wait any more.

    """
    require(actor, Action.FAX_SEND)
    fax, now = _waiting(actor, fax_id, seen), clock.now()
    moment = read_send_at(at, Account.objects.get(pk=actor.account_id), now)
    if moment is None:
        raise RequestError(ErrorCode.SEND_AT_INVALID, field="send_at")
    if fax.try_until is not None and moment >= fax.try_until:
        raise RequestError(ErrorCode.SEND_AT_TOO_LATE, field="send_at")
    _try_at(actor, fax, at=moment, because="put_off", now=now)


def try_no_more(actor: Actor, *, fax_id: UUID, seen: int) -> None:
    """End a waiting fax without another try.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it does not wait any more.

    """
    require(actor, Action.FAX_CANCEL)
    fax = _waiting(actor, fax_id, seen)
    with transaction.atomic(durable=True):
        if not lifecycle.cancel(fax, now=clock.now()):
            raise MoveNotAllowed(ErrorCode.FAX_NOT_WAITING)
        audit.record(actor, action="fax.cancel", object_type="fax", object_id=fax.pk)


def send_elsewhere(
    actor: Actor, *, fax_id: UUID, seen: int, to: str, origin: str = "portal"
) -> Fax:
    """End a waiting fax, and send its pages to another number instead, as a new fax.

    Both or neither: what the one had set aside is free for the other. Its cover page stays behind,
    as it names whom it was for; a time that was asked for, and until when it is tried, stay.

    Raises:
        FaxNotFound, NotAllowed, AccountSuspended
        InvalidRequest: the number is not right, or it cannot be paid for.
        MoveNotAllowed: it does not wait any more, or its pages are gone.

    """
    account = require_sending(actor)
    for action in (Action.FAX_CANCEL, Action.FAX_PAGES):  # where pages go, they can be read
        require(actor, action)
    fax, now = _waiting(actor, fax_id, seen), clock.now()
    wanted = _order(actor, account, fax, to, now)

    def files() -> Papers:
        if not lifecycle.cancel(fax, now=now):
            raise MoveNotAllowed(ErrorCode.FAX_NOT_WAITING)
        return copied(actor, fax=fax, same_number=wanted.numbers == [fax.to_number])

    def also(faxes: list[Fax]) -> None:
        _link(fax, faxes[0])
        audit.record(
            actor,
            action="fax.send_elsewhere",
            object_type="fax",
            object_id=fax.pk,
            instead=str(faxes[0].pk),
        )

    # not to be undone: that would leave neither
    return create(
        actor, wanted=wanted, files=files, origin=origin, now=now, also=also, undoable=False
    )[0]


def _waiting(actor: Actor, fax_id: UUID, seen: int) -> Fax:
    """The fax, if it waits for the try that was meant.

    Raises:
        FaxNotFound, NotAllowed, MoveNotAllowed

    """
    fax = fax_for(actor, fax_id)
    require_work_in(actor, faxbox_id=fax.faxbox_id)
    if fax.state != FaxState.QUEUED or fax.tries + fax.false_starts != seen or fax.held_for:
        raise MoveNotAllowed(ErrorCode.FAX_NOT_WAITING)
    return fax


def _try_at(actor: Actor, fax: Fax, *, at: datetime, because: str, now: datetime) -> None:
    with transaction.atomic(durable=True):
        if not begin_next_try(fax, at=at, because=because, now=now):
            raise MoveNotAllowed(ErrorCode.FAX_NOT_WAITING)
        audit.record(
            actor,
            action="fax.next_try",
            object_type="fax",
            object_id=fax.pk,
            due_at=at.isoformat(timespec="seconds"),
        )


def _order(actor: Actor, account: Account, fax: Fax, to: str, now: datetime) -> Order:
    """The order for the same pages to another number.

    Raises:
        InvalidRequest

    """
    asked = FaxRequest(**(as_it_was(fax) | {"to": to}))
    wanted = order_as_it_was(actor, account=account, fax=fax, asked=asked)
    if len(wanted.numbers) > 1:
        raise InvalidRequest((NumberError(ErrorCode.TOO_MANY_NUMBERS, field="to", limit=1),))
    send_at = fax.send_at if fax.send_at is not None and fax.send_at > now else None
    left = None if fax.try_until is None else fax.try_until - (send_at or now)
    return replace(wanted, send_at=send_at, try_for=left)


def _link(fax: Fax, instead: Fax) -> None:
    """Have either say which the other is. By ids: a number goes with the fax that it is of."""
    Event.rows.filter(fax=fax, because="canceled").update(facts={"instead": str(instead.pk)})
    Event.rows.filter(fax=instead, from_state="").update(facts={"instead_of": str(fax.pk)})
