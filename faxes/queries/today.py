"""What an account is greeted with: today's faxes in figures, what needs a hand, first steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import F
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from accounts.ids import first_id_at
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services.first_steps import has_company
from accounts.tenancy import require
from faxes.enums import Direction, FaxState, Outcome
from faxes.models import CoverTemplate, Fax, Faxbox, Number
from faxes.queries.fax_ids import FaxFilter, counts_up_to
from faxes.queries.faxes import UNDER_WAY, in_order

MOST: Final = 999  # what is more is told as “more than”
LATELY: Final = timedelta(days=7)
SHOWN: Final = 8
_LOOKED_AT: Final = 200  # of what failed, since most may have been sent again


@dataclass(frozen=True, slots=True)
class Counts:
    """Faxes of today, and those that are under way; one above ``MOST`` stands for any more."""

    received: int
    delivered: int
    failed: int
    under_way: int


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Faxes that somebody should look at, the latest first; ``more`` if there are others."""

    faxes: Sequence[Fax]
    more: bool


class Step(StrEnum):
    """What a new account does first."""

    NUMBER = "number"
    FAX = "fax"
    COLLEAGUE = "colleague"
    TOLD = "told"
    COVER = "cover"


def counts_since(actor: Actor, midnight: datetime) -> Counts:
    """How many faxes there were since midnight.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)

    today = FaxFilter(since=midnight, direction=Direction.OUTBOUND)
    arrived = replace(today, direction=Direction.INBOUND, states=(FaxState.RECEIVED,))
    asked = [
        arrived,
        replace(today, states=(FaxState.DELIVERED,)),
        replace(today, states=(FaxState.FAILED,)),
        FaxFilter(direction=Direction.OUTBOUND, states=UNDER_WAY),
    ]
    return Counts(*counts_up_to(actor, asked, most=MOST + 1))


def not_sent_again(actor: Actor, now: datetime) -> Unsettled:
    """Faxes out that failed within a week, and that nobody has stopped, sent again or put away.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    failed = Fax.objects.visible_to(actor).filter(
        # as an expression, so that what failed is found by when it did
        Exact(Coalesce(F("direction"), F("direction")), Direction.OUTBOUND.value),
        state=FaxState.FAILED,
        finished_at__gte=now - LATELY,
        archived_at__isnull=True,
    )
    failed = failed.exclude(outcome=Outcome.CANCELED)  # somebody stopped it, after a try or more
    ids = list(failed.order_by("-finished_at").values_list("pk", flat=True)[:_LOOKED_AT])
    # By what they are copies of alone, which an index holds: they are the same account's.
    copies = Fax.objects.across_tenants(why="copies of faxes that are the actor's")
    again = set(copies.filter(copied_from__in=ids).values_list("copied_from", flat=True))
    waiting = [each for each in ids if each not in again]
    return Unsettled(in_order(actor, waiting[:SHOWN]), len(waiting) > SHOWN)


def broken_off(actor: Actor, now: datetime) -> Unsettled:
    """Arrivals within a week that broke off, and that nobody has read or put away.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    rows = Fax.objects.visible_to(actor).filter(
        state=FaxState.RECEIVED,
        read_at__isnull=True,
        archived_at__isnull=True,
        pk__gte=first_id_at(now - LATELY),
    )
    incomplete = rows.exclude(outcome=Outcome.DELIVERED).order_by("-pk")
    ids = list(incomplete.values_list("pk", flat=True)[: SHOWN + 1])
    return Unsettled(in_order(actor, ids[:SHOWN]), len(ids) > SHOWN)


def steps_done(actor: Actor, machines: Sequence[Faxbox]) -> frozenset[Step]:
    """Which of the first steps an account has made, whose fax machines are given."""
    sent = Fax.objects.visible_to(actor).filter(direction=Direction.OUTBOUND)
    facts = {
        Step.NUMBER: Number.objects.visible_to(actor).filter(faxbox__isnull=False).exists(),
        Step.FAX: sent.exists(),
        Step.COLLEAGUE: has_company(actor),
        Step.TOLD: any(
            each.inbound_emails or each.inbound_sms or each.owner_id for each in machines
        ),
        Step.COVER: CoverTemplate.objects.visible_to(actor).exists(),
    }
    return frozenset(step for step, done in facts.items() if done)
