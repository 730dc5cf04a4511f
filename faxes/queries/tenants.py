"""Accounts below one's own as a list: with their numbers, pages and balances, page by page.

What a row tells is read for the rows of a page only, out of sums that are kept: a page of fifty
costs the same few queries whoever has how many tenants and how long a ledger.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Lower

from accounts import clock
from accounts.errors import AccountNotFound
from accounts.models import Account, Billing, DayUsage, Kind, MonthSum, Status
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import limits, money, tree
from accounts.services.charges import RECEIVED, SENT
from accounts.services.limits import Allowed
from accounts.services.money import Funds
from accounts.services.paths import account_below, path_of
from accounts.services.periods import day_of, month_of, next_month
from accounts.tenancy import require, worst
from faxes import paging
from faxes.models import Number

PAGE_SIZE: Final = 50
_COUNTED: Final = 1000  # more are told of as “more than”
_MOST_PLACES: Final = 500  # to move an account to
_AT_ONCE: Final = 200
_WHY: Final = "read for accounts that the asker provides for"
_DIGITS: Final = 15  # of E.164
_NOT_DIGITS: Final = re.compile(r"\D+")
_NUMBER: Final = re.compile(r"[+\d\s().\-/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantFilter:
    """What a list shows; what is empty does not narrow it.

    ``below`` is the reseller whose accounts are listed, the asker's own account if it is None. With
    ``q``, a part of a name, realm or number, all that are below it are searched, at any depth.
    """

    q: str = ""
    status: str = ""
    kind: str = ""
    low: bool = False
    below: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRow:
    """An account as a list tells of it: pages and money of this month, micro-units.

    ``status`` is the worst of its own and of those above. ``funds`` and ``billing`` are None if it
    is not billed. ``number`` is the lowest of its ``numbers``.
    """

    account: Account
    status: Status
    number: str
    numbers: int
    sent: int
    received: int
    charged: int
    funds: Funds | None
    billing: Billing | None


@dataclass(frozen=True, slots=True)
class LimitsTold:
    """The limits that are set for an account itself, and those that count with all above it."""

    own: Allowed
    effective: Allowed


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are; with ``more`` there are more than that."""

    count: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantPage:
    """One page of a list by name; ``next_cursor`` is empty on the last.

    ``above`` are the resellers from the asker's account (which is left out) down to the one whose
    accounts these are. ``count`` is how many there are in all; None on further pages.
    """

    rows: Sequence[TenantRow]
    next_cursor: str
    above: Sequence[Account]
    count: Counted | None


def list_tenants(
    actor: Actor,
    shown: TenantFilter,
    *,
    cursor: str = "",
    size: int = PAGE_SIZE,
    counted: bool = True,
) -> TenantPage:
    """A page of the accounts below, by name; ``counted`` also how many there are.

    Raises:
        NotAllowed
        AccountNotFound: the reseller that is named is not below the actor's account.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.TENANTS_MANAGE)
    base = _base(actor, shown)
    rows = _narrowed(base, shown)
    found = list(_after(rows, paging.decode(cursor) if cursor else None)[: size + 1])
    accounts = found[:size]
    more = len(found) > size
    return TenantPage(
        rows=rows_of(accounts),
        next_cursor=paging.encode(accounts[-1].pk) if more else "",
        above=resellers_between(actor, base),
        count=_counted(rows, shown, len(found)) if counted and not cursor else None,
    )


def all_tenants(actor: Actor, shown: TenantFilter) -> Iterator[TenantRow]:
    """All that a list shows, one after the other, a few hundred at a time in memory.

    Raises:
        NotAllowed
        AccountNotFound: the reseller that is named is not below the actor's account.

    """
    require(actor, Action.TENANTS_MANAGE)
    return _one_after_the_other(_narrowed(_base(actor, shown), shown))


def chosen_tenants(actor: Actor, account_ids: Sequence[UUID]) -> list[TenantRow]:
    """Those of the accounts that are below the actor's, by name.

    Raises:
        NotAllowed

    """
    require(actor, Action.TENANTS_MANAGE)
    rows = _told(tree.below(Account.objects.get(pk=actor.account_id)))
    return rows_of(list(rows.filter(pk__in=account_ids)))


def tenant_for(actor: Actor, account_id: UUID) -> Account:
    """An account below the actor's, with its parent.

    Raises:
        NotAllowed
        AccountNotFound: there is none of this id below, or nothing is left of it.

    """
    require(actor, Action.TENANTS_MANAGE)
    account = account_below(actor, account_id)
    if account.status == Status.ERASED:
        raise AccountNotFound
    return account


def tenant_row(actor: Actor, account_id: UUID) -> TenantRow:
    """What a list would tell of one account below.

    Raises:
        NotAllowed
        AccountNotFound: there is none of this id below, or nothing is left of it.

    """
    return rows_of([tenant_for(actor, account_id)])[0]


def limits_for(actor: Actor, account_id: UUID) -> LimitsTold:
    """The limits of an account below.

    Raises:
        NotAllowed
        AccountNotFound: there is none of this id below, or nothing is left of it.

    """
    account = tenant_for(actor, account_id)
    return LimitsTold(limits.limits_set_for(account), limits.limits_of(account))


def reseller_for(actor: Actor, account_id: UUID) -> Account:
    """A reseller below the actor's account.

    Raises:
        NotAllowed
        AccountNotFound: there is none of this id below.

    """
    account = tenant_for(actor, account_id)
    if not account.provides:
        raise AccountNotFound
    return account


def numbers_of(account: Account, *, limit: int) -> list[Number]:
    """The first of an account's numbers, with where they lead to, for who provides for it."""
    rows = Number.objects.for_account(account.pk).select_related("faxbox")
    return list(rows.order_by("e164")[:limit])


def places_for(actor: Actor, account: Account) -> list[Account]:
    """Where an account below could be moved to: one's own account and the resellers below it.

    Raises:
        NotAllowed

    """
    require(actor, Action.TENANTS_MANAGE)
    own = Account.objects.get(pk=actor.account_id)
    open_ones = tree.branch(own).filter(
        ~Q(kind=Kind.CUSTOMER), status__in=(Status.ACTIVE, Status.SUSPENDED)
    )
    rows = open_ones.exclude(pk__in=tree.branch(account)).exclude(children=account)
    return list(rows.order_by(Lower("name"), "id")[:_MOST_PLACES])


def resellers_between(actor: Actor, account: Account) -> list[Account]:
    """The accounts below the actor's down to this one, itself among them, from the top."""
    path = path_of(account)
    ids = path[path.index(actor.account_id) + 1 :]
    found = {each.pk: each for each in Account.objects.filter(pk__in=ids)} if ids else {}
    return [found[each] for each in ids if each in found]


def rows_of(accounts: Sequence[Account]) -> list[TenantRow]:
    """What a list tells of these accounts; as many queries for one as for many."""
    ids = [account.pk for account in accounts]
    month = month_of(day_of(accounts[0], clock.now())) if accounts else date.min
    numbers, pages, charged = _numbers(ids), _pages(ids, month), _charged(ids, month)
    billed, standing = money.billed(ids), worst(accounts)
    return [
        TenantRow(
            account=account,
            status=standing[account.pk],
            number=numbers.get(account.pk, ("", 0))[0],
            numbers=numbers.get(account.pk, ("", 0))[1],
            sent=pages.get((account.pk, SENT), 0),
            received=pages.get((account.pk, RECEIVED), 0),
            charged=charged.get(account.pk, 0),
            funds=billed[account.pk][1] if account.pk in billed else None,
            billing=billed[account.pk][0] if account.pk in billed else None,
        )
        for account in accounts
    ]


def _numbers(ids: Sequence[UUID]) -> dict[UUID, tuple[str, int]]:
    rows = Number.objects.across_tenants(why=_WHY).filter(account_id__in=ids).order_by()
    counted = rows.values_list("account_id").annotate(Min("e164"), Count("pk"))
    return {account_id: (lowest, count) for account_id, lowest, count in counted}


def _pages(ids: Sequence[UUID], month: date) -> dict[tuple[UUID, str], int]:
    used = DayUsage.objects.across_tenants(why=_WHY).filter(
        account_id__in=ids, day__gte=month, day__lt=next_month(month)
    )
    summed = used.order_by().values_list("account_id", "direction").annotate(Sum("pages"))
    return {(account_id, direction): pages for account_id, direction, pages in summed}


def _charged(ids: Sequence[UUID], month: date) -> dict[UUID, int]:
    rows = MonthSum.objects.across_tenants(why=_WHY).filter(account_id__in=ids, month=month)
    return {row.account_id: -(row.charges + row.fees) for row in rows}


def _counted(rows: QuerySet[Any], shown: TenantFilter, found: int) -> Counted:
    """All accounts of a reseller up to a bound, which an index tells; of a search the first page.

    A search would have to look through all a second time.
    """
    most = PAGE_SIZE
    if not (shown.q or shown.status or shown.kind or shown.low):
        most, found = _COUNTED, rows.order_by()[: _COUNTED + 1].count()
    return Counted(min(found, most), more=found > most)


def _base(actor: Actor, shown: TenantFilter) -> Account:
    """Whose accounts are listed.

    Raises:
        AccountNotFound: it is not below the actor's account, or a customer.

    """
    if shown.below is None or shown.below == actor.account_id:
        return Account.objects.get(pk=actor.account_id)
    return reseller_for(actor, shown.below)


def _told(rows: QuerySet[Account]) -> QuerySet[Any]:
    by_name = rows.annotate(lowered=Lower("name")).order_by("lowered", "id")
    return by_name.exclude(status=Status.ERASED).select_related("parent")


def _after(rows: QuerySet[Any], last: UUID | None) -> QuerySet[Any]:
    """The rows behind one, by where its name stands now; from the top if it is gone."""
    if last is None:
        return rows
    before = Account.objects.filter(pk=last).annotate(lowered=Lower("name")).first()
    if before is None:
        return rows
    lowered = before.lowered
    return rows.filter(Q(lowered__gt=lowered) | Q(id__gt=last), lowered__gte=lowered)


def _one_after_the_other(rows: QuerySet[Any]) -> Iterator[TenantRow]:
    last = None
    while accounts := list(_after(rows, last)[:_AT_ONCE]):
        yield from rows_of(accounts)
        last = accounts[-1].pk


def _narrowed(base: Account, shown: TenantFilter) -> QuerySet[Any]:
    words = shown.q.split()
    rows = _told(tree.below(base) if words else Account.objects.filter(parent=base))
    if shown.status:
        rows = rows.filter(status=shown.status)
    if shown.kind:
        rows = rows.filter(kind=shown.kind)
    if shown.low:
        # asked row by row, in the order of names, until the page is full
        rows = rows.filter(Exists(money.low_on_money().filter(account_id=OuterRef("pk"))))
    return rows.filter(_matching(shown.q.strip())) if words else rows


def _matching(q: str) -> Q:
    """A number, or else a name or realm, of which this is a part."""
    digits = _NOT_DIGITS.sub("", q)[:_DIGITS]
    named = Q(name__icontains=q) | Q(realm__icontains=q)
    if not digits or not _NUMBER.fullmatch(q):
        return named
    numbers = Number.objects.across_tenants(why="the accounts that have them are narrowed")
    if q.startswith("+"):
        # a range, which an index answers, and which every collation sees alike
        upper = f"+{digits.ljust(_DIGITS + 1, '9')}"
        found = numbers.filter(e164__gte=f"+{digits}", e164__lte=upper)
    else:
        found = numbers.filter(e164__contains=digits)
    return named | Q(pk__in=found.values("account_id"))
