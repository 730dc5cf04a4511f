"""Faxes that wait for a second person: approved, declined, or ended as nobody said anything.

Each is a guarded UPDATE on what was read: of an approval, a refusal, the sender's own canceling and
the end of the time exactly one comes first, and the others change nothing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts import clock
from accounts.errors import NotAllowed
from accounts.models import Account, User
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes import jobs, lifecycle, waking
from faxes.enums import ErrorCode, FaxState, Outcome
from faxes.errors import MoveNotAllowed
from faxes.models import Event, Fax
from faxes.queries.access import require_work_in
from faxes.queries.faxes import fax_for
from faxes.services import notifying
from faxes.services.approval import may_approve, senders_of
from faxes.services.order import read_text

REASON_LENGTH: Final = 200
MOST_AT_ONCE: Final = 100
_WAITS: Final = frozenset({FaxState.PREPARING, FaxState.QUEUED})


def approve(actor: Actor, *, fax_id: UUID) -> Fax:
    """Let a fax go that somebody else sent; if that was done already, nothing happens.

    Raises:
        FaxNotFound
        NotAllowed: the actor may not, or sent it.
        MoveNotAllowed: it has ended meanwhile.

    """

    def release(fax: Fax) -> bool:
        return _released(actor, fax, clock.now())

    return _decided(actor, fax_id, release, "fax.approve")


def decline(actor: Actor, *, fax_id: UUID, reason: str) -> Fax:
    """End a fax that somebody else sent and that waits for approval, and tell them.

    Raises:
        FaxNotFound
        NotAllowed: the actor may not, or sent it.
        RequestError: the reason is too long.
        MoveNotAllowed: it was approved, or has ended, meanwhile.

    """
    why = read_text(reason, name="reason", limit=REASON_LENGTH)

    def end(fax: Fax) -> bool:
        facts = {"by": actor.name, "reason": why}
        return _ended(fax, because="declined", facts=facts, now=clock.now())

    return _decided(actor, fax_id, end, "fax.decline")


def expire(fax: Fax, *, now: datetime) -> bool:
    """End a fax that nobody approved in time; whether its time was over, and this call the one."""
    if not fax.held_for or fax.due_at is None or fax.due_at > now:
        return False
    with transaction.atomic():
        if not _ended(fax, because="not_approved", facts=None, now=now):
            return False
        audit.record(
            Actor.system(fax.account_id),
            action="fax.not_approved",
            object_type="fax",
            object_id=fax.pk,
        )
    return True


def decides_on(actor: Actor, *, fax: Fax, account: Account) -> bool:
    """Whether the actor may approve this fax, as far as its fax machine is theirs."""
    return (
        bool(fax.held_for)
        and may_approve(actor, account=account)
        and actor.user_id not in senders_of(fax)
    )


def _decided(actor: Actor, fax_id: UUID, decide: Callable[[Fax], bool], action: str) -> Fax:
    """Do to a fax that waits what was decided, and put that on record.

    Raises:
        FaxNotFound, NotAllowed, MoveNotAllowed

    """
    require(actor, Action.FAX_APPROVE)
    account = Account.objects.get(pk=actor.account_id)
    while True:
        fax = fax_for(actor, fax_id)
        require_work_in(actor, faxbox_id=fax.faxbox_id)
        if not may_approve(actor, account=account) or actor.user_id in senders_of(fax):
            raise NotAllowed(Action.FAX_APPROVE.value)
        taken_back = fax.state == FaxState.CANCELED or fax.outcome == Outcome.CANCELED
        if action == "fax.approve" and fax.approved_at is not None and not taken_back:
            return fax  # as wished, by an earlier press of the same button
        if not fax.held_for or fax.state not in _WAITS:
            raise MoveNotAllowed(ErrorCode.FAX_NOT_WAITING)
        facts: dict[str, Any] = {"waited_for": fax.held_for}
        with transaction.atomic(durable=True):
            if decide(fax):
                audit.record(actor, action=action, object_type="fax", object_id=fax.pk, **facts)
                return fax
        # it moved meanwhile: its pages became ready, or somebody else was quicker


def _released(actor: Actor, fax: Fax, now: datetime) -> bool:
    """Take the hold from a fax as it was read; whether it still was as it was read."""
    times = [each for each in (fax.send_at, fax.undo_until) if each is not None and each > now]
    due_at = max(times, default=None)
    changes: dict[str, Any] = {"held_for": None, "approved_at": now, "due_at": due_at}
    if fax.state == FaxState.QUEUED:
        changes["due_at"] = due_at or now
        changes["wake_at"] = due_at or waking.wake_at(fax, FaxState.QUEUED, now)
        if fax.try_until is not None:
            changes["wake_at"] = min(changes["wake_at"], max(fax.try_until, now))
    held = Fax.objects.visible_to(actor).filter(pk=fax.pk, state=fax.state, held_for=fax.held_for)
    if not held.update(**changes):
        return False
    for name, value in changes.items():
        setattr(fax, name, value)
    Event.objects.create(
        account_id=fax.account_id,
        fax=fax,
        at=now,
        from_state=fax.state,
        to_state=fax.state,
        because="approved",
        facts={"by": actor.name},
    )
    if fax.state == FaxState.QUEUED and due_at is None and changes["wake_at"] > now:
        jobs.enqueue("transmit", fax=fax.pk)
    return True


def _ended(fax: Fax, *, because: str, facts: dict[str, Any] | None, now: datetime) -> bool:
    """Cancel a fax that was held, and tell who sent it, in the caller's transaction."""
    if not lifecycle.cancel(fax, now=now, because=because, facts=facts):
        return False
    sender = User.objects.filter(pk=fax.created_by).first() if fax.created_by else None
    notifying.tell_of_decline(fax, [sender.email] if sender else [])
    return True


def approve_all(actor: Actor, *, fax_ids: Sequence[UUID]) -> int:
    """Approve several; how many wait no more. What has ended meanwhile, or is theirs, is left.

    Raises:
        FaxNotFound, NotAllowed

    """
    return _each(actor, fax_ids, lambda fax_id: approve(actor, fax_id=fax_id))


def decline_all(actor: Actor, *, fax_ids: Sequence[UUID], reason: str) -> int:
    """Decline several; how many were ended by that. Their own are left.

    Raises:
        FaxNotFound, NotAllowed, RequestError

    """
    return _each(actor, fax_ids, lambda fax_id: decline(actor, fax_id=fax_id, reason=reason))


def _each(actor: Actor, fax_ids: Sequence[UUID], decide: Callable[[UUID], Fax]) -> int:
    wanted = list(dict.fromkeys(fax_ids))[:MOST_AT_ONCE]
    me = Q(created_by=actor.user_id) | Q(handed_in_by=actor.user_id)
    own = Fax.objects.visible_to(actor).filter(me, pk__in=wanted)
    theirs = set(own.values_list("pk", flat=True)) if actor.user_id else set[UUID]()
    done = 0
    for fax_id in wanted:
        if fax_id in theirs:
            continue
        try:
            decide(fax_id)
        except MoveNotAllowed:
            continue
        done += 1
    return done
