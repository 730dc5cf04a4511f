"""Prove that ledgers add up: every entry against the one before, every sum against its entries."""

from collections.abc import Iterator
from typing import Final

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Lag

from accounts.models import Balance, Charge, EntryKind, LedgerEntry, MonthSum

_SET_ASIDE: Final = (EntryKind.HOLD, EntryKind.RELEASE)
_MONTHLY: Final = {
    "top_ups": EntryKind.TOP_UP,
    "charges": EntryKind.CHARGE,
    "fees": EntryKind.FEE,
    "adjustments": EntryKind.ADJUSTMENT,
}


def discrepancies() -> Iterator[str]:
    """What does not add up, as sentences for an operator; none in a ledger that is whole."""
    yield from _balances()
    yield from _chain()
    yield from _holds()
    yield from _months()


def _entries() -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.across_tenants(why="the whole ledger is checked").order_by()


def _balances() -> Iterator[str]:
    sums = {
        row["account_id"]: row
        for row in _entries()
        .values("account_id")
        .annotate(
            count=Count("id"),
            posted=Coalesce(Sum("amount", filter=~Q(kind__in=_SET_ASIDE)), 0),
            held=Coalesce(Sum("amount", filter=Q(kind__in=_SET_ASIDE)), 0),
        )
    }
    for balance in Balance.objects.across_tenants(why="the whole ledger is checked").iterator():
        row = sums.pop(balance.account_id, {"count": 0, "posted": 0, "held": 0})
        kept = (balance.entries, balance.posted, balance.held)
        added = (row["count"], row["posted"], -row["held"])
        if kept != added:
            yield f"account {balance.account_id}: balance {kept}, entries add up to {added}"
    for account_id in sums:
        yield f"account {account_id}: entries without a balance"


def _chain() -> Iterator[str]:
    """Entries that do not follow from the one before."""
    linked = _entries().annotate(
        earlier=Coalesce(_before("number"), 0),
        spendable=Coalesce(_before(F("posted_after") - F("held_after")), 0),
    )
    follows = Q(
        number=F("earlier") + 1, posted_after=F("spendable") + F("amount") + F("held_after")
    )
    for entry in linked.filter(~follows):
        yield f"account {entry.account_id}: entry {entry.number} does not follow"


def _before(what: str | Combinable) -> Window:
    """Something of the account's entry before."""
    return Window(Lag(what), partition_by=F("account_id"), order_by=F("number").asc())


def _holds() -> Iterator[str]:
    charges = Charge.objects.across_tenants(why="the whole ledger is checked").order_by()
    opened = charges.filter(settled_at__isnull=True, billed=True)
    held = {
        row["account_id"]: row["held"]
        for row in opened.values("account_id").annotate(held=Sum("held"))
    }
    for balance in Balance.objects.across_tenants(why="the whole ledger is checked").iterator():
        open_holds = held.get(balance.account_id, 0)
        if balance.held != open_holds:
            yield (
                f"account {balance.account_id}: {balance.held} held, {open_holds} for faxes that "
                "are on their way"
            )


def _months() -> Iterator[str]:
    sums = {
        (row["account_id"], row["month"]): row
        for row in _entries()
        .values("account_id", "month")
        .annotate(
            **{name: Coalesce(Sum("amount", filter=Q(kind=k)), 0) for name, k in _MONTHLY.items()}
        )
    }
    nothing = dict.fromkeys(_MONTHLY, 0)
    for month in MonthSum.objects.across_tenants(why="the whole ledger is checked").iterator():
        row = sums.get((month.account_id, month.month), nothing)
        if any(getattr(month, name) != added for name, added in row.items() if name in _MONTHLY):
            yield f"account {month.account_id}: {month.month:%Y-%m} does not add up"
