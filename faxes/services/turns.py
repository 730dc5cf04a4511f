"""Whose turn it is: the line is shared by tenants, however much one of them has waiting.

The next call is that of the account with the fewest calls under way; among those with as many,
of the one that was served longest ago. Within an account the fax that is due longest goes first.
What waits in an account that is suspended, or below one, waits for that to end.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Account, Status
from accounts.services.limits import limits_of
from accounts.tenancy import blocked
from faxes.enums import FaxState
from faxes.models import Attempt, AttemptState, Carrier, Fax, Number

_LOOKED_AT: Final = 50  # accounts in turn, of which some may have nothing for this carrier now


def next_to_send(
    carrier: Carrier | None, *, now: datetime, most: int, number: str = ""
) -> list[Fax]:
    """Faxes that the carrier could send now, in the order of turns; only those to ``number``.

    Without a carrier those that any could.
    """
    found: list[Fax] = []
    waiting = _waiting(carrier, now, number)
    accounts = list(_by_turn(carrier, now, number))
    offers = [_offers(waiting, account, most) for account in accounts]
    while offers and len(found) < most:  # one of each, then a second one of each
        left = []
        for offer in offers:
            fax = next(offer, None)
            if fax is not None:
                found.append(fax)
                left.append(offer)
            if len(found) == most:
                break
        offers = left
    return found


def may_call(account: Account) -> bool:
    """Whether the account has fewer calls on the line than it may have at once."""
    allowed = limits_of(account).calls_at_once
    if allowed is None:
        return True
    calling = Attempt.objects.for_account(account.pk).filter(state=AttemptState.CALLING)
    return calling.count() < allowed


def _offers(waiting: QuerySet[Fax], account: Account, most: int) -> Iterator[Fax]:
    """The faxes of an account that could go now, longest due first; looked up when asked for."""
    if may_call(account):
        chosen = waiting.filter(account=account).select_related("account", "faxbox")
        yield from chosen.order_by("due_at")[:most]


def _by_turn(carrier: Carrier | None, now: datetime, number: str) -> QuerySet[Account]:
    """Accounts with faxes that are due, whose turn it is first."""
    calling = Attempt.rows.filter(account=OuterRef("pk"), state=AttemptState.CALLING)
    if carrier is not None:
        calling = calling.filter(carrier=carrier)
    calls = calling.order_by().values("account").annotate(count=Count("pk")).values("count")
    served = Attempt.rows.filter(account=OuterRef("pk")).order_by("-started_at")
    return (
        Account.objects.filter(
            ~blocked(),
            pk__in=_due(now, number).order_by().values("account_id").distinct(),
            status=Status.ACTIVE,
        )
        .annotate(
            calls=Coalesce(Subquery(calls, output_field=IntegerField()), 0),
            served=Subquery(served.values("started_at")[:1]),
        )
        .order_by("calls", F("served").asc(nulls_first=True), "pk")[:_LOOKED_AT]
    )


def _waiting(carrier: Carrier | None, now: datetime, number: str) -> QuerySet[Fax]:
    """Due faxes that go by this carrier, to numbers that no call of its is under way to.

    By that of the number that they are sent from, unless it was noted that they wait for another.
    """
    engaged = Attempt.rows.filter(to_number=OuterRef("to_number"), state=AttemptState.CALLING)
    if carrier is None:
        return _due(now, number).filter(~Exists(engaged))
    waiting = _due(now, number).filter(~Exists(engaged.filter(carrier=carrier)))
    ours = Number.rows.filter(
        account=OuterRef("account"),
        e164=OuterRef("from_number"),
        faxbox__isnull=False,
        carrier=carrier,
    )
    return waiting.filter(Q(waits_for=carrier) | Q(waits_for__isnull=True) & Exists(ours))


def _due(now: datetime, number: str) -> QuerySet[Fax]:
    queued = (
        Fax.objects.across_tenants(why="the line is shared")
        .filter(state=FaxState.QUEUED, due_at__lte=now)
        .exclude(try_until__lte=now)
    )
    return queued.filter(to_number=number) if number else queued
