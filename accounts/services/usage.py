"""What an account used and what it cost: a month at a time, from sums that are kept ready."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from accounts import clock
from accounts.models import Account, Billing, DayUsage, EntryKind, LedgerEntry, MonthSum
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, limits, sheets
from accounts.services.amounts import plain
from accounts.services.charges import RECEIVED, SENT
from accounts.services.limits import Allowed
from accounts.services.money import Funds, billed, funds_of
from accounts.services.paths import account_below
from accounts.services.periods import day_of, month_of, next_month
from accounts.tenancy import require

_MOST_LINES: Final = 500  # of a page; the rest is in the CSV
LEDGER_PAGE: Final = 50
_AT_ONCE: Final = 2000
_PREFIX_TOLD: Final = 7  # digits: country, area and exchange, not a line
_SET_ASIDE: Final = (EntryKind.HOLD, EntryKind.RELEASE)
MOVES: Final = tuple(kind.value for kind in EntryKind if kind not in _SET_ASIDE)


@dataclass(frozen=True, slots=True)
class Line:
    """Faxes and pages of a day, or to a destination; ``charged`` in micro-units."""

    name: date | str
    faxes: int
    sent: int
    received: int
    seconds: int
    charged: int


@dataclass(frozen=True, slots=True)
class Sums:
    """The ledger of a month in micro-units: what was there, what came and went, what is left."""

    opening: int
    top_ups: int
    adjustments: int
    fees: int
    charges: int

    @property
    def closing(self) -> int:
        """What is left."""
        return self.opening + self.top_ups + self.adjustments + self.fees + self.charges


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries, newest first; ``older`` is the number to go on below, 0 on the last page."""

    entries: Sequence[LedgerEntry]
    older: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What an account used on some days, the first and the last among them."""

    account: Account
    first: date
    last: date
    days: Sequence[Line]
    destinations: Sequence[Line]
    total: Line
    billing: Billing | None


@dataclass(frozen=True, slots=True)
class Books:
    """How an account stands, and pays; None if it is not billed."""

    account: Account
    billing: Billing | None
    funds: Funds | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A month of an account. ``funds`` and ``billing`` are None if it is not billed."""

    account: Account
    month: date
    days: Sequence[Line]
    destinations: Sequence[Line]
    total: Line
    funds: Funds | None
    billing: Billing | None
    sums: Sums
    booked: Sequence[LedgerEntry]  # top-ups, adjustments and fees
    included_used: int
    allowed: Allowed
    pages_handed_in: int


def statement_for(actor: Actor, *, month: date) -> Statement:
    """The month that begins on ``month`` of the actor's account.

    Raises:
        NotAllowed: the actor may not see what things cost.

    """
    require(actor, Action.USAGE_VIEW)
    return statement_of(Account.objects.get(pk=actor.account_id), month=month)


def statement_of(account: Account, *, month: date) -> Statement:
    """The month that begins on ``month`` of an account, for whoever may see it."""
    used = DayUsage.objects.for_account(account.pk).filter(
        day__gte=month, day__lt=next_month(month)
    )
    by_day = _lines(used, "day")
    by_destination = _lines(used.filter(direction=SENT), "destination")
    by_destination.sort(key=lambda line: -line.sent)
    sums, included_used = _sums(account, month)
    billing = Billing.objects.for_account(account.pk).select_related("plan").first()
    return Statement(
        account=account,
        month=month,
        days=by_day,
        destinations=by_destination[:_MOST_LINES],
        total=_total(by_day),
        funds=funds_of(account.pk) if billing else None,
        billing=billing,
        sums=sums,
        booked=_booked(account, month),
        included_used=included_used,
        allowed=limits.limits_of(account),
        pages_handed_in=limits.pages_in_month(account, month),
    )


def statement_below(actor: Actor, *, account_id: UUID, month: date) -> Statement:
    """The month of an account below, for its provider: of destinations only how they begin.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.

    """
    require(actor, Action.MONEY_MANAGE)
    statement = statement_of(account_below(actor, account_id), month=month)
    return replace(statement, destinations=_shortened(statement.destinations))


def ledger_below(actor: Actor, *, account_id: UUID, month: date, below: int = 0) -> LedgerPage:
    """The entries of a month that moved money of an account below, newest first, page by page.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.

    """
    require(actor, Action.MONEY_MANAGE)
    account = account_below(actor, account_id)
    rows = LedgerEntry.objects.for_account(account.pk).filter(month=month)
    if below:
        rows = rows.filter(number__lt=below)
    moved = rows.exclude(kind__in=_SET_ASIDE).order_by("-number")
    found = list(moved[: LEDGER_PAGE + 1])
    more = len(found) > LEDGER_PAGE
    return LedgerPage(found[:LEDGER_PAGE], found[LEDGER_PAGE - 1].number if more else 0)


def used_between(
    actor: Actor, *, span: tuple[date, date] | None = None, account_id: UUID | None = None
) -> Used:
    """What the actor's account, or one below, used on the days of ``span``; else in this month.

    Of destinations of an account below only how they begin is told.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.

    """
    account = _own_or_below(actor, account_id)
    month = this_month(account, clock.now())
    first, last = span or (month, next_month(month) - timedelta(days=1))
    used = DayUsage.objects.for_account(account.pk).filter(day__gte=first, day__lte=last)
    by_day = _lines(used, "day")
    by_destination = _lines(used.filter(direction=SENT), "destination")
    if account.pk != actor.account_id:
        by_destination = _shortened(by_destination)
    by_destination.sort(key=lambda line: -line.sent)
    return Used(
        account=account,
        first=first,
        last=last,
        days=by_day,
        destinations=by_destination[:_MOST_LINES],
        total=_total(by_day),
        billing=Billing.objects.for_account(account.pk).first(),
    )


def ledger_page(
    actor: Actor,
    *,
    account_id: UUID | None = None,
    month: date | None = None,
    below: int = 0,
    size: int = LEDGER_PAGE,
) -> LedgerPage:
    """Entries that moved money of the actor's account, or of one below, newest first.

    The faxes of an account below are not named.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.

    """
    account = _own_or_below(actor, account_id)
    rows = LedgerEntry.objects.for_account(account.pk).exclude(kind__in=_SET_ASIDE)
    if month is not None:
        rows = rows.filter(month=month)
    if below:
        rows = rows.filter(number__lt=below)
    found = list(rows.order_by("-number")[: size + 1])
    if account.pk != actor.account_id:
        for entry in found:
            entry.fax_id = None
    return LedgerPage(found[:size], found[size - 1].number if len(found) > size else 0)


def books_of(actor: Actor, *, account_id: UUID | None = None) -> Books:
    """How the actor's account, or one below, stands and pays.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.

    """
    account = _own_or_below(actor, account_id)
    billing, funds = billed([account.pk]).get(account.pk, (None, None))
    return Books(account, billing, funds)


def this_month(account: Account, now: datetime) -> date:
    """The first day of the month that it is where the account is."""
    return month_of(day_of(account, now))


def ledger_csv(actor: Actor, *, month: date) -> Iterator[str]:
    """The entries of a month that moved money, as lines of CSV in their order; goes on record.

    Raises:
        NotAllowed: the actor may not see what things cost.

    """
    require(actor, Action.USAGE_VIEW)
    record_export(actor, account_id=actor.account_id, month=month, form="csv")
    return ledger_lines(Account.objects.get(pk=actor.account_id), month)


def ledger_csv_below(actor: Actor, *, account_id: UUID, month: date) -> Iterator[str]:
    """The same of an account below, for its provider: without naming its faxes.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.

    """
    require(actor, Action.MONEY_MANAGE)
    account = account_below(actor, account_id)
    record_export(actor, account_id=account.pk, month=month, form="csv")
    return ledger_lines(account, month, named=False)


def record_export(actor: Actor, *, account_id: UUID, month: date, form: str) -> None:
    """Put on record that what an account used in a month is taken along, as CSV or on paper."""
    act, told = "usage.export", f"{month:%Y-%m}"
    if account_id == actor.account_id:
        audit.record(
            actor, action=act, object_type="account", object_id=account_id, month=told, format=form
        )
        return
    with transaction.atomic():
        audit.record_below(actor, account_id=account_id, action=act, month=told, format=form)


def ledger_lines(
    account: Account, month: date, *, named: bool = True, until: datetime | None = None
) -> Iterator[str]:
    """The entries of a month as lines of CSV, for whoever may have them and says so on record."""
    billing = Billing.objects.for_account(account.pk).first()
    yield sheets.line(
        ["number", "at", "kind", "amount", "balance", "currency", "fax", "key", "by", "note"]
    )
    last = 0
    while entries := _entries_after(account, month, last):
        for entry in entries:
            last = entry.number
            if until is not None and entry.at >= until:
                return
            yield sheets.line(
                [
                    str(entry.number),
                    entry.at.isoformat(timespec="seconds"),
                    entry.kind,
                    plain(entry.amount),
                    plain(entry.posted_after),
                    billing.currency if billing else "",
                    str(entry.fax_id or "") if named else "",
                    sheets.harmless(entry.key) if named or not entry.fax_id else "",
                    *(sheets.harmless(text) for text in (entry.by, entry.note)),
                ]
            )


def _own_or_below(actor: Actor, account_id: UUID | None) -> Account:
    """The account whose figures are asked for, if the actor may see them."""
    if account_id is None or account_id == actor.account_id:
        require(actor, Action.USAGE_VIEW)
        return Account.objects.get(pk=actor.account_id)
    require(actor, Action.MONEY_MANAGE)
    return account_below(actor, account_id)


def _entries_after(account: Account, month: date, number: int) -> list[LedgerEntry]:
    entries = LedgerEntry.objects.for_account(account.pk).filter(month=month, number__gt=number)
    return list(entries.exclude(kind__in=_SET_ASIDE).order_by("number")[:_AT_ONCE])


def _booked(account: Account, month: date) -> list[LedgerEntry]:
    """Top-ups, adjustments and fees."""
    entries = LedgerEntry.objects.for_account(account.pk).filter(month=month, fax_id__isnull=True)
    return list(entries.order_by("number")[:_MOST_LINES])


def _sums(account: Account, month: date) -> tuple[Sums, int]:
    rows = list(MonthSum.objects.for_account(account.pk).filter(month__lte=month))
    opening = sum(
        row.top_ups + row.adjustments + row.fees + row.charges for row in rows if row.month < month
    )
    mine = next((row for row in rows if row.month == month), MonthSum())
    sums = Sums(opening, mine.top_ups, mine.adjustments, mine.fees, mine.charges)
    return sums, mine.included_used


def _lines(used: QuerySet[DayUsage], by: str) -> list[Line]:
    rows = (
        used.order_by(by)
        .values_list(by)
        .annotate(
            all_faxes=Sum("faxes"),
            sent=Sum("pages", filter=Q(direction=SENT), default=0),
            received=Sum("pages", filter=Q(direction=RECEIVED), default=0),
            all_seconds=Sum("seconds"),
            all_charged=Sum("charged"),
        )
    )
    return [Line(*row) for row in rows]


def _shortened(lines: Sequence[Line]) -> list[Line]:
    """Destinations by how they begin: a price for one number must not tell who was faxed."""
    merged: dict[str, list[Line]] = {}
    for line in lines:
        merged.setdefault(str(line.name)[:_PREFIX_TOLD], []).append(line)
    return [replace(_total(each), name=name) for name, each in merged.items()]


def _total(lines: Sequence[Line]) -> Line:
    return Line(
        "",
        sum(line.faxes for line in lines),
        sum(line.sent for line in lines),
        sum(line.received for line in lines),
        sum(line.seconds for line in lines),
        sum(line.charged for line in lines),
    )
