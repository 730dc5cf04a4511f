"""Broadcasts as lists and one by one, with how far they are. A stranger's and none look alike."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from accounts import clock
from accounts.models import Billing, Charge
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes import paging
from faxes.enums import (
    TERMINAL_STATES,
    BroadcastState,
    ErrorCode,
    FaxState,
    RecipientState,
    RecipientStatus,
)
from faxes.errors import FaxNotFound, RequestError
from faxes.models import Broadcast, BroadcastRecipient, Fax

PAGE_SIZE: Final = 30
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class BroadcastDetail:
    """A broadcast, and how many recipients and faxes of it stand where; what is 0 may be left out.

    Of ``recipients`` that were sent on, ``faxes`` tells where their faxes stand, as far as those
    were not deleted.
    """

    broadcast: Broadcast
    recipients: Mapping[RecipientState, int]
    faxes: Mapping[FaxState, int]
    now: datetime

    @property
    def deleted(self) -> int:
        """Faxes that were deleted."""
        return self.recipients.get(RecipientState.SENT_ON, 0) - sum(self.faxes.values())

    @property
    def finished(self) -> bool:
        """Whether nothing of it is under way any more."""
        ended = set(self.faxes) <= TERMINAL_STATES
        return ended and self.broadcast.handed_over_at is not None

    @property
    def state(self) -> BroadcastState:
        """Where it stands as a whole."""
        one = self.broadcast
        if one.canceled_at is not None:
            return BroadcastState.CANCELED
        if one.error_code:
            return BroadcastState.FAILED
        if self.finished:
            return BroadcastState.DONE
        if one.handed_over_at is None and not one.body:
            return BroadcastState.PREPARING
        later = one.send_at is not None and one.send_at > self.now
        return BroadcastState.SCHEDULED if later else BroadcastState.SENDING


@dataclass(frozen=True, slots=True)
class BroadcastPage:
    """One page of broadcasts, newest first; ``next_cursor`` is empty on the last."""

    broadcasts: Sequence[BroadcastDetail]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class RecipientPage:
    """One page of recipients in their order, each with its fax; no ``next_cursor`` on the last."""

    recipients: Sequence[BroadcastRecipient]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What faxes that have ended cost: micro-units, and pages that the plan paid for."""

    cost: int
    currency: str
    included: int


def list_broadcasts(actor: Actor, *, cursor: str = "", size: int = PAGE_SIZE) -> BroadcastPage:
    """A page of the actor's broadcasts, newest first.

    Raises:
        NotAllowed: the actor may not see what faxes hold: subject, recipients' names.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.FAX_PAGES)
    rows = _visible(actor)
    if cursor:
        rows = rows.filter(id__lt=paging.decode(cursor))
    found = list(rows.order_by("-id")[: size + 1])
    following = paging.encode(found[size - 1].pk) if len(found) > size else ""
    return BroadcastPage(_detailed(actor, found[:size]), following)


def broadcast_for(actor: Actor, broadcast_id: UUID) -> BroadcastDetail:
    """One broadcast of the actor's.

    Raises:
        NotAllowed: the actor may not see what faxes hold: subject, recipients' names.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.FAX_PAGES)
    return _detailed(actor, [_one(actor, broadcast_id)])[0]


def list_recipients(
    actor: Actor,
    broadcast_id: UUID,
    *,
    status: RecipientStatus | None = None,
    among: Collection[RecipientStatus] = (),
    cursor: str = "",
    size: int = PAGE_SIZE,
) -> RecipientPage:
    """A page of the recipients of a broadcast, in the order of the request, with their faxes.

    ``among`` are several statuses of which each may have any.

    Raises:
        NotAllowed: the actor may not see what faxes hold: subject, recipients' names.
        FaxNotFound: there is no such broadcast for the actor.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.FAX_PAGES)
    broadcast = _one(actor, broadcast_id)
    rows = BroadcastRecipient.objects.visible_to(actor).filter(broadcast=broadcast)
    if cursor:
        rows = rows.filter(position__gt=_position(rows, cursor))
    if status == RecipientStatus.DELETED:
        rows = rows.filter(state=RecipientState.SENT_ON, fax__isnull=True)
    elif status is not None:
        rows = rows.filter(Q(state=status) | Q(fax__state=status))
    if among:
        rows = rows.filter(Q(state__in=among) | Q(fax__state__in=among))
    found = list(rows.select_related("fax").order_by("position")[: size + 1])
    following = paging.encode(found[size - 1].pk) if len(found) > size else ""
    return RecipientPage(found[:size], following)


def all_recipients(actor: Actor, broadcast_id: UUID) -> Iterator[BroadcastRecipient]:
    """Everybody whom a broadcast goes to, with their faxes, some hundred read at a time.

    Raises:
        NotAllowed: the actor may not see what faxes hold: subject, recipients' names.
        FaxNotFound: there is no such broadcast for the actor.

    """
    require(actor, Action.FAX_PAGES)
    broadcast = _one(actor, broadcast_id)
    rows = BroadcastRecipient.objects.visible_to(actor).filter(broadcast=broadcast)
    return rows.select_related("fax").order_by("position").iterator(chunk_size=_AT_ONCE)


def spent_on(actor: Actor, broadcast: Broadcast) -> Spent | None:
    """What its faxes cost so far; None for who may not know, or if nothing was billed."""
    if not (actor.may(Action.FAX_SEND) or actor.may(Action.USAGE_VIEW)):
        return None
    faxes = Fax.objects.for_account(actor.account_id).filter(broadcast_id=broadcast.pk)
    settled = Charge.objects.for_account(actor.account_id).filter(
        fax_id__in=faxes.values("pk"), billed=True, settled_at__isnull=False
    )
    sums = settled.aggregate(faxes=Count("pk"), cost=Sum("cost"), included=Sum("included"))
    if not sums["faxes"]:
        return None
    billing = Billing.objects.for_account(actor.account_id)
    currency = billing.values_list("currency", flat=True).first() or ""
    return Spent(sums["cost"] or 0, currency, sums["included"] or 0)


def status_of(recipient: BroadcastRecipient) -> RecipientStatus:
    """Where a recipient stands: its own state, or that of its fax."""
    if recipient.fax is not None:
        return RecipientStatus(recipient.fax.state)
    if recipient.state == RecipientState.SENT_ON:
        return RecipientStatus.DELETED
    return RecipientStatus(recipient.state)


def _visible(actor: Actor) -> QuerySet[Broadcast]:
    return Broadcast.objects.visible_to(actor).filter(entered=True).select_related("faxbox")


def _one(actor: Actor, broadcast_id: UUID) -> Broadcast:
    found = _visible(actor).filter(pk=broadcast_id).first()
    if found is None:
        raise FaxNotFound
    return found


def _position(rows: QuerySet[BroadcastRecipient], cursor: str) -> int:
    position = rows.filter(pk=paging.decode(cursor)).values_list("position", flat=True).first()
    if position is None:
        raise RequestError(ErrorCode.CURSOR_INVALID, field="cursor")
    return position


def _detailed(actor: Actor, broadcasts: Sequence[Broadcast]) -> list[BroadcastDetail]:
    """How far these are: two queries for one as for many, which indexes answer."""
    ids = [each.pk for each in broadcasts]
    now = clock.now()
    recipients: dict[UUID, dict[RecipientState, int]] = {pk: {} for pk in ids}
    faxes: dict[UUID, dict[FaxState, int]] = {pk: {} for pk in ids}
    entered = BroadcastRecipient.objects.for_account(actor.account_id).order_by()
    counted = entered.filter(broadcast_id__in=ids).values_list("broadcast_id", "state")
    for pk, state, count in counted.annotate(Count("pk")):
        recipients[pk][RecipientState(state)] = count
    made = Fax.objects.for_account(actor.account_id).order_by()
    grouped = made.filter(broadcast_id__in=ids).values_list("broadcast_id", "state")
    for pk, state, count in grouped.annotate(Count("pk")):
        faxes[pk][FaxState(state)] = count
    return [BroadcastDetail(each, recipients[each.pk], faxes[each.pk], now) for each in broadcasts]
