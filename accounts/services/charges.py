"""A fax is paid for by every billed account on its path, each to its own provider.

Money is set aside when the fax is handed in, and settled when it ends: what it cost is charged as
``pricing`` says, the rest is free again. Both happen in the transaction that writes, or ends, the
fax, so that neither is ever found without the other; and each only once, as the row of the charge
says which of them was done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.errors import InsufficientCredit, PlanUsedUp, RateMissing
from accounts.models import (
    Account,
    Balance,
    Beyond,
    Billing,
    Charge,
    DayUsage,
    EntryKind,
    MonthSum,
    Rate,
    Unit,
)
from accounts.prepared import Prepared
from accounts.services import ledger, limits, pricing
from accounts.services.ledger import Posting
from accounts.services.paths import path_of
from accounts.services.periods import day_of, month_of
from accounts.services.pricing import Try
from accounts.services.rates import rates_for

SENT, RECEIVED = "sent", "received"


@dataclass(frozen=True, slots=True)
class Intended:
    """A fax that is handed in: its key, number in E.164, and pages as far as is known.

    One that goes without a call costs nothing and needs no rate; its pages are counted.
    """

    fax_id: UUID
    number: str
    pages: int
    calls: bool = True


def hold(account: Account, *, faxes: Sequence[Intended], now: datetime) -> None:
    """Set aside what the faxes of an account will cost, in the caller's transaction.

    Raises:
        InsufficientCredit, RateMissing, PlanUsedUp: they cannot be paid for; the caller's
            transaction must not be kept.

    """
    # Locked first: terms that are changed meanwhile are changed before or after, not in between.
    balances = ledger.locked(path_of(account))
    charges = _agreed(account, faxes, balances, now)
    postings = [_entry(each, EntryKind.HOLD, -each.held) for each in charges]
    ledger.post(balances, postings, at=now)
    ledger.use_included(_by_month(charges, [each.included for each in charges]))
    day, priced = day_of(account, now), {each.fax_id for each in charges if each.own}
    charges += [
        Charge(account=account, fax_id=f.fax_id, day=day, pages=f.pages, own=True, billed=False)
        for f in faxes
        if f.fax_id not in priced
    ]
    Charge.objects.bulk_create(charges, batch_size=500)


def require_affordable(account: Account, *, faxes: Sequence[Intended], now: datetime) -> None:
    """Let pass what could be paid for as things stand; nothing is set aside.

    Raises:
        InsufficientCredit, RateMissing, PlanUsedUp: it could not.

    """
    _agreed(account, faxes, ledger.read(path_of(account)), now)


def settle(fax_id: UUID, *, tries: Sequence[Try], now: datetime) -> None:
    """Charge what a fax out cost and free the rest, in the transaction that ends it.

    A fax without any try never went out: its pages do not count as handed in either. Doing it
    again does nothing.
    """
    with transaction.atomic():
        rows = Charge.objects.across_tenants(why="a fax is paid for by each account on its path")
        charges = list(
            rows.filter(fax_id=fax_id, settled_at__isnull=True)
            .select_related("account")
            .select_for_update(of=("self",))
            .order_by("id")
        )
        for charge in charges:
            if charge.own and not tries:
                limits.give_back(charge.account_id, day=charge.day, pages=charge.pages)
        billed = [each for each in charges if each.billed]
        balances = ledger.locked(each.account_id for each in billed)
        set_aside = [each.included for each in billed]
        for charge in billed:
            _reckon(charge, tries)
        postings = [
            posting
            for each in billed
            for posting in (
                _entry(each, EntryKind.RELEASE, each.held),
                _entry(each, EntryKind.CHARGE, -each.cost),
            )
        ]
        ledger.post(balances, postings, at=now)
        more = [each.included - before for each, before in zip(billed, set_aside, strict=True)]
        ledger.use_included(_by_month(billed, more))
        for charge in charges:
            charge.settled_at = now
        Charge.objects.across_tenants(why="settled together").bulk_update(
            charges, ["settled_at", "cost", "included"]
        )
        _count_sent(charges, tries, now)


def receive(
    account: Account, *, fax_id: UUID, pages: int, now: datetime, called: bool = True
) -> None:
    """Charge a fax that came in, in the transaction that stores it. It is kept in any case.

    One that came without a call costs nothing: its sender paid nothing either, and could else spend
    somebody else's money.
    """
    billings = billings_of(account)
    prices = {each.account_id: each.plan.received_price if called else 0 for each in billings}
    balances = ledger.locked(each.account_id for each in billings)
    postings = [
        Posting(
            account_id=each.account_id,
            kind=EntryKind.CHARGE,
            amount=-prices[each.account_id] * pages,
            key=f"received/{fax_id}",
            fax_id=fax_id,
        )
        for each in billings
    ]
    ledger.post(balances, postings, at=now)
    seen = [_Seen(each.account, "", pages, 0, prices[each.account_id] * pages) for each in billings]
    if all(each.account_id != account.pk for each in billings):
        seen.append(_Seen(account, "", pages, 0, 0))
    _count(seen, RECEIVED, now)


def _agreed(
    account: Account, faxes: Sequence[Intended], balances: ledger.Balances, now: datetime
) -> list[Charge]:
    """What each billed account on the path is going to pay for calls, as its balance allows it.

    Raises:
        InsufficientCredit, RateMissing, PlanUsedUp

    """
    faxes = [fax for fax in faxes if fax.calls]
    billings = billings_of(account) if faxes else []
    rates = rates_for({each.plan.deck_id for each in billings}, {fax.number for fax in faxes})
    used = included_used(billings, now)
    charges: list[Charge] = []
    for billing in billings:
        agreed = _Agreement(billing, rates, own=billing.account_id == account.pk, now=now)
        mine = agreed.charges(faxes, used.get(billing.account_id, 0))
        agreed.require_credit(balances[billing.account_id], sum(each.held for each in mine))
        charges += mine
    return charges


@dataclass(frozen=True, slots=True)
class _Agreement:
    """The terms between a billed account and its provider, for the faxes at hand."""

    billing: Billing
    rates: Mapping[tuple[UUID, str], Rate]
    own: bool
    now: datetime

    def charges(self, faxes: Sequence[Intended], included_used: int) -> list[Charge]:
        """What each fax is going to cost.

        Raises:
            RateMissing, PlanUsedUp

        """
        plan = self.billing.plan
        left = max(0, plan.included_pages - included_used)
        made = []
        for fax in faxes:
            charge = self._charge(fax, left)
            left -= charge.included
            made.append(charge)
        return made

    def require_credit(self, balance: Balance, needed: int) -> None:
        """Let pass what the account can pay.

        Raises:
            InsufficientCredit

        """
        available = balance.posted - balance.held + self.billing.credit
        if needed > max(0, available):
            raise InsufficientCredit(
                own=self.own,
                needed=needed,
                available=available,
                currency=self.billing.currency,
            )

    def _charge(self, fax: Intended, left: int) -> Charge:
        plan = self.billing.plan
        rate = self.rates.get((plan.deck_id, fax.number))
        if rate is None:
            raise RateMissing(own=self.own, number=fax.number)
        cost = pricing.estimate(fax.pages, rate, included=left)
        beyond = rate.unit == Unit.PAGE and cost.included < fax.pages
        if beyond and plan.beyond == Beyond.REFUSE:
            raise PlanUsedUp(own=self.own, limit=plan.included_pages)
        return Charge(
            account=self.billing.account,
            fax_id=fax.fax_id,
            day=day_of(self.billing.account, self.now),
            pages=fax.pages,
            own=self.own,
            billed=True,
            prefix=rate.prefix,
            unit=rate.unit,
            price=rate.price,
            increment=rate.increment,
            connection_fee=rate.connection_fee,
            allowance=plan.included_pages,
            included=cost.included,
            held=cost.amount,
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one account sees of a fax that ended."""

    account: Account
    destination: str
    pages: int
    seconds: int
    charged: int


def billings_of(account: Account) -> list[Billing]:
    """The terms of all billed accounts on the path, the account's own first."""
    found = _TERMS.rows(path=path_of(account))
    return sorted(found, key=lambda each: -len(each.account.path))


_TERMS: Final = Prepared(
    lambda path: (
        Billing.objects.across_tenants(why="a fax is paid for by each account on its path")
        .filter(account_id__in=path)
        .select_related("account", "plan")
    )
)


def included_used(billings: Iterable[Billing], now: datetime) -> dict[UUID, int]:
    """Included pages that each account has used this month; their balances are locked."""
    months = {
        each.account_id: month_of(day_of(each.account, now))
        for each in billings
        if each.plan.included_pages
    }
    if not months:
        return {}
    found = _SUMS.rows(account_ids=list(months), months=sorted(set(months.values())))
    return {
        row.account_id: row.included_used for row in found if months[row.account_id] == row.month
    }


_SUMS: Final = Prepared(
    lambda account_ids, months: MonthSum.objects.across_tenants(
        why="a fax is paid for by each account on its path"
    ).filter(account_id__in=account_ids, month__in=months)
)


def _reckon(charge: Charge, tries: Sequence[Try]) -> None:
    """Set what a charge comes to. More pages than were thought may use more of those included."""
    month = MonthSum.objects.for_account(charge.account_id).filter(month=month_of(charge.day))
    used = month.values_list("included_used", flat=True).first() or 0 if charge.allowance else 0
    left = max(0, charge.allowance - used)
    cost = pricing.cost_of(tries, charge, included=charge.included + left)
    charge.cost, charge.included = cost.amount, cost.included


def _entry(charge: Charge, kind: EntryKind, amount: int) -> Posting:
    return Posting(
        account_id=charge.account_id,
        kind=kind,
        amount=amount,
        key=f"{kind}/{charge.fax_id}",
        fax_id=charge.fax_id,
    )


def _by_month(charges: Sequence[Charge], pages: Sequence[int]) -> dict[tuple[UUID, date], int]:
    sums: dict[tuple[UUID, date], int] = {}
    for charge, count in zip(charges, pages, strict=True):
        key = (charge.account_id, month_of(charge.day))
        sums[key] = sums.get(key, 0) + count
    return sums


def _count_sent(charges: Sequence[Charge], tries: Sequence[Try], now: datetime) -> None:
    pages = sum(each.pages for each in tries)
    seconds = sum(each.seconds for each in tries if each.pages)
    if pages:
        seen = [_Seen(each.account, each.prefix, pages, seconds, each.cost) for each in charges]
        _count(seen, SENT, now)


def _count(seen: Sequence[_Seen], direction: str, now: datetime) -> None:
    """Add a fax to the day of each account that sees it."""
    rows = [
        DayUsage(
            account=each.account,
            day=day_of(each.account, now),
            direction=direction,
            destination=each.destination,
        )
        for each in seen
    ]
    DayUsage.objects.bulk_create(rows, ignore_conflicts=True)
    for row, each in zip(rows, seen, strict=True):
        DayUsage.objects.for_account(row.account_id).filter(
            day=row.day, direction=direction, destination=row.destination
        ).update(
            faxes=F("faxes") + 1,
            pages=F("pages") + each.pages,
            seconds=F("seconds") + each.seconds,
            charged=F("charged") + each.charged,
        )
