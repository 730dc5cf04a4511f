"""An account's balance by day: from what is left now, back along what came and went."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Account, LedgerEntry
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services.periods import day_of, month_of
from accounts.services.usage import Books, Line
from accounts.tenancy import require


@dataclass(frozen=True, slots=True)
class DayBalance:
    """What was left at the end of a day, or now if it is today; micro-units."""

    day: date
    left: int


def balance_by_day(
    actor: Actor, *, books: Books, used: Sequence[Line], last: date, days: int
) -> list[DayBalance]:
    """The balance at the end of so many days; none if the account is not billed.

    Faxes are charged on the day that they count for, so ``used``, what was used on those days,
    says what they cost; all else is in the ledger, a few entries a month.

    Raises:
        NotAllowed

    """
    require(actor, Action.USAGE_VIEW)
    if books.funds is None:
        return []
    first = last - timedelta(days=days - 1)
    moved = _booked(books.account, first)
    for line in used:
        if isinstance(line.name, date):
            moved[line.name] -= line.charged
    left, told = books.funds.posted, []
    for back in range(days):
        day = last - timedelta(days=back)
        told.append(DayBalance(day, left))
        left -= moved[day]
    return told[::-1]


def _booked(account: Account, first: date) -> Counter[date]:
    """What was moved on each day but for faxes: top-ups, adjustments and fees."""
    entries = LedgerEntry.objects.for_account(account.pk).filter(
        month__gte=month_of(first), fax_id__isnull=True
    )
    moved: Counter[date] = Counter()
    for at, amount in entries.values_list("at", "amount"):
        moved[day_of(account, at)] += amount
    return moved
