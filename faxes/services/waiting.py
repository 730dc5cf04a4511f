"""Faxes that wait for a carrier: for its turn, or until it is out of trouble."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from faxes import lifecycle
from faxes.enums import ErrorCode, FaxState
from faxes.models import Carrier, Fax

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


def _queued(fax: Fax) -> QuerySet[Fax]:
    return Fax.rows.filter(pk=fax.pk, state=FaxState.QUEUED, tries=fax.tries)
