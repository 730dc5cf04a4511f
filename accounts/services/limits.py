"""Limits: set by providers, the least on the path counts, checked when a fax is handed in.

Pages are counted by the day in the transaction that writes the faxes: whoever comes second waits
for the first one's count, so that two together cannot pass a limit that each alone keeps.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from accounts.errors import LimitReached, TermsInvalid
from accounts.models import Account, DayCount, Limits
from accounts.prepared import Prepared
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.paths import account_below, path_of
from accounts.services.periods import day_of, month_of, next_month
from accounts.tenancy import require

_LARGEST: Final = 2**31 - 1
_LARGEST_STORAGE: Final = 2**60


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The most that an account may use of each; None is no limit.

    ``faxes_at_once`` are handed in and have not ended; ``calls_at_once`` are on the line, and
    further faxes wait their turn.
    """

    pages_a_day: int | None = None
    pages_a_month: int | None = None
    pages_a_fax: int | None = None
    faxes_at_once: int | None = None
    calls_at_once: int | None = None
    storage_bytes: int | None = None


_SET: Final = Prepared(
    lambda path: (
        Limits.objects.across_tenants(why="limits are inherited")
        .filter(account_id__in=path)
        .values_list(*Allowed.__slots__)
    )
)


def limits_of(account: Account) -> Allowed:
    """The limits that count for an account: of each the least on its path."""
    found = _SET.rows(path=path_of(account))
    return Allowed(
        **{
            name: min((value for value in values if value is not None), default=None)
            for name, values in zip(Allowed.__slots__, zip(*found, strict=True), strict=False)
        }
    )


def limits_set_for(account: Account) -> Allowed:
    """The limits that are set for an account itself."""
    row = Limits.objects.for_account(account.pk).first()
    return Allowed(**{name: getattr(row, name) for name in Allowed.__slots__}) if row else Allowed()


def set_limits(actor: Actor, *, account_id: UUID, limits: Allowed) -> Allowed:
    """Set the limits of an account below; those that count, with what is above, are handed back.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.
        TermsInvalid: one is below zero, or too large to be meant.

    """
    require(actor, Action.MONEY_MANAGE)
    account = account_below(actor, account_id)
    for name, value in asdict(limits).items():
        largest = _LARGEST_STORAGE if name == "storage_bytes" else _LARGEST
        if value is not None and not 0 <= value <= largest:
            raise TermsInvalid(f"not a limit: {name}")
    with transaction.atomic():
        Limits.rows.update_or_create(account=account, defaults=asdict(limits))
        audit.record_below(actor, account_id=account.pk, action="limits.set", **asdict(limits))
    return limits_of(account)


def count_pages(account: Account, *, pages: Sequence[int], now: datetime) -> Allowed:
    """Count the pages of faxes that are handed in, in the caller's transaction.

    What else is limited is for the caller to check, who is alone in it for this account until the
    transaction ends.

    Raises:
        LimitReached: by the name of the limit; the caller's transaction must not be kept.

    """
    allowed = limits_of(account)
    _require("pages_a_fax", max(pages), allowed.pages_a_fax)
    day = day_of(account, now)
    mine = DayCount.objects.for_account(account.pk)
    counted = F("pages") + sum(pages)
    if not mine.filter(day=day).update(pages=counted):
        DayCount.objects.bulk_create([DayCount(account=account, day=day)], ignore_conflicts=True)
        mine.filter(day=day).update(pages=counted)
    if allowed.pages_a_day is not None:
        _require("pages_a_day", mine.get(day=day).pages, allowed.pages_a_day)
    if allowed.pages_a_month is not None:
        _require("pages_a_month", pages_in_month(account, day), allowed.pages_a_month)
    return allowed


def require_pages(account: Account, *, pages: Sequence[int], now: datetime) -> None:
    """Let pass faxes that the limits of pages would leave room for; nothing is counted.

    Raises:
        LimitReached: by the name of the limit.

    """
    allowed = limits_of(account)
    _require("pages_a_fax", max(pages), allowed.pages_a_fax)
    day, wanted = day_of(account, now), sum(pages)
    if allowed.pages_a_day is not None:
        counts = DayCount.objects.for_account(account.pk).filter(day=day)
        used = counts.values_list("pages", flat=True).first() or 0
        _require("pages_a_day", used + wanted, allowed.pages_a_day)
    if allowed.pages_a_month is not None:
        _require("pages_a_month", pages_in_month(account, day) + wanted, allowed.pages_a_month)


def pages_in_month(account: Account, day: date) -> int:
    """Pages handed in during the month of a day."""
    first = month_of(day)
    days = DayCount.objects.for_account(account.pk).filter(day__gte=first, day__lt=next_month(day))
    return days.aggregate(pages=Sum("pages"))["pages"] or 0


def give_back(account_id: UUID, *, day: date, pages: int) -> None:
    """Uncount pages that never went out, in the transaction that ends their fax."""
    DayCount.objects.for_account(account_id).filter(day=day).update(pages=F("pages") - pages)


def require_room(name: str, used: int, allowed: Allowed) -> None:
    """Let pass what a limit leaves room for.

    Raises:
        LimitReached

    """
    _require(name, used, getattr(allowed, name))


def _require(name: str, used: int, limit: int | None) -> None:
    if limit is not None and used > limit:
        raise LimitReached(name, limit)
