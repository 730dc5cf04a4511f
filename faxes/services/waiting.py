"""Faxes that wait: for a carrier's turn, until it is out of trouble, or as somebody asked."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from faxes import jobs, lifecycle, waking
from faxes.enums import ErrorCode, FaxState
from faxes.models import Carrier, Event, Fax

_LEAST: Final = timedelta(seconds=1)


def wait_in_turn(fax: Fax, carrier: Carrier, *, own: UUID) -> None:
    """Note whose turn a fax waits for; its number's own carrier (``own``) goes without saying."""
    waits_for = None if carrier.pk == own else carrier.pk
    if fax.waits_for_id != waits_for:
        _queued(fax).update(waits_for=waits_for)


def wait_for_recovery(fax: Fax, shut: list[Carrier], *, now: datetime) -> None:
    """Put a fax off until the first of its carriers, all of which are shut, is asked again.

    One that has waited so for a day ends.
    """
    if lifecycle.has_waited_long(fax, now=now):
        lifecycle.give_up(fax, now=now, code=ErrorCode.CARRIERS_DOWN)
        return
    first = min(shut, key=lambda each: each.shut_until or now)
    due_at = max(first.shut_until or now, now + _LEAST)
    wake_at = due_at if fax.try_until is None else min(due_at, fax.try_until)
    _queued(fax).update(waits_for=first.pk, due_at=due_at, wake_at=wake_at)


def wake_all(carrier_id: UUID, *, now: datetime) -> None:
    """Let all go that were put off until a carrier is out of trouble."""
    # what waits for a turn is due; whoever waits after a try waits for nobody's turn yet
    Fax.objects.across_tenants(why="a carrier serves all").filter(
        state=FaxState.QUEUED, waits_for=carrier_id, due_at__gt=now
    ).update(due_at=now, wake_at=now)


def begin_next_try(fax: Fax, *, at: datetime, because: str, now: datetime) -> bool:
    """Have the next try of a fax begin at another time; whether it still waited for it.

    In the caller's transaction. It counts as asked for at that time, and waits as patiently for its
    carriers from then on.
    """
    wake_at = at if at > now else waking.wake_at(fax, FaxState.QUEUED, now)
    if fax.try_until is not None:
        wake_at = min(wake_at, max(fax.try_until, now))
    waiting = _queued(fax).filter(false_starts=fax.false_starts, held_for__isnull=True)
    send_at = at if at > now or (fax.send_at is not None and fax.send_at > now) else fax.send_at
    # whose turn it waited for is forgotten: who is out of trouble would else wake it before
    if not waiting.update(due_at=at, wake_at=wake_at, waits_for=None, send_at=send_at):
        return False
    Event.rows.create(
        account_id=fax.account_id,
        fax=fax,
        at=now,
        from_state=FaxState.QUEUED,
        to_state=FaxState.QUEUED,
        because=because,
        facts={"due_at": at.isoformat()},
    )
    if wake_at > now >= at:
        jobs.enqueue("transmit", fax=fax.pk)
    return True


def _queued(fax: Fax) -> QuerySet[Fax]:
    return Fax.rows.filter(pk=fax.pk, state=FaxState.QUEUED, tries=fax.tries)
