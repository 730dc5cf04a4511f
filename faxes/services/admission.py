"""Whether faxes may be handed in: nobody forbids their numbers, there is room, they can be paid."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Sum

from accounts.errors import InsufficientCredit, LimitReached, MoneyRefused, PlanUsedUp, RateMissing
from accounts.ids import new_id
from accounts.models import Account
from accounts.services import charges, limits
from accounts.services.charges import Intended
from faxes import phone
from faxes.enums import Direction, ErrorCode, FaxState
from faxes.errors import NotAffordable
from faxes.models import Document, Fax
from faxes.queries.do_not_fax import require_wanted
from faxes.services import approval

_MB: Final = 1_000_000
_UNDER_WAY: Final = (FaxState.PREPARING, FaxState.QUEUED, FaxState.SENDING)
_LIMITS: Final = {
    "pages_a_day": ErrorCode.LIMIT_PAGES_DAY,
    "pages_a_month": ErrorCode.LIMIT_PAGES_MONTH,
    "pages_a_fax": ErrorCode.LIMIT_PAGES_FAX,
    "faxes_at_once": ErrorCode.LIMIT_AT_ONCE,
    "storage_bytes": ErrorCode.LIMIT_STORAGE,
}


def admit(account: Account, *, faxes: Sequence[Fax], now: datetime) -> None:
    """Count new faxes of an account and set aside what they cost, in the caller's transaction.

    Whatever goes out comes through here, so here those are held back that somebody has to approve.

    Raises:
        NotAffordable: they may not be handed in; the caller's transaction must not be kept.

    """
    require_wanted(account, [fax.to_number for fax in faxes])
    try:
        allowed = limits.count_pages(account, pages=[fax.pages for fax in faxes], now=now)
        if allowed.faxes_at_once is not None:
            limits.require_room("faxes_at_once", _under_way(account), allowed)
        if allowed.storage_bytes is not None:
            limits.require_room("storage_bytes", stored_bytes(account), allowed)
        charges.hold(
            account,
            faxes=[_intended(fax.pk, fax.to_number, fax.pages) for fax in faxes],
            now=now,
        )
    except LimitReached as reached:
        raise _told_limit(reached) from None
    except MoneyRefused as refused:
        raise told_money(refused) from None
    approval.hold_back(account, faxes=faxes, now=now)


def admit_unread(account: Account, *, faxes: Sequence[Fax], pages: int, now: datetime) -> None:
    """Let new faxes in whose documents are yet to be fetched, in the caller's transaction.

    Of each at least ``pages`` are expected, and must be affordable; nothing is counted or set aside
    before all are known.

    Raises:
        NotAffordable: they may not be handed in; the caller's transaction must not be kept.

    """
    require_wanted(account, [fax.to_number for fax in faxes])
    try:
        allowed = limits.count_pages(account, pages=[0], now=now)  # alone in it from here
        if allowed.faxes_at_once is not None:
            limits.require_room("faxes_at_once", _under_way(account), allowed)
        limits.require_pages(account, pages=[pages] * len(faxes), now=now)
        intended = [_intended(fax.pk, fax.to_number, pages) for fax in faxes]
        charges.require_affordable(account, faxes=intended, now=now)
    except LimitReached as reached:
        raise _told_limit(reached) from None
    except MoneyRefused as refused:
        raise told_money(refused) from None


def foresee(account: Account, *, numbers: Sequence[str], pages: int, now: datetime) -> None:
    """Let pass what would be admitted as things stand: a fax of so many pages to each number.

    Nothing is counted or set aside. If only so many may be under way at once, they can go one after
    the other.

    Raises:
        NotAffordable: they would not.

    """
    require_wanted(account, numbers)
    try:
        limits.require_room("faxes_at_once", 1, limits.limits_of(account))
        limits.require_pages(account, pages=[pages] * len(numbers), now=now)
        faxes = [_intended(new_id(), number, pages) for number in numbers]
        charges.require_affordable(account, faxes=faxes, now=now)
    except LimitReached as reached:
        raise _told_limit(reached) from None
    except MoneyRefused as refused:
        raise told_money(refused) from None


def room_at_once(account: Account) -> int | None:
    """How many more faxes the account may have under way; None is no limit."""
    most = limits.limits_of(account).faxes_at_once
    return None if most is None else most - _under_way(account)


def stored_bytes(account: Account) -> int:
    """What the documents of an account take; one that several faxes share counts once."""
    documents = Document.objects.for_account(account.pk)
    objects = documents.order_by().values("key", "size").distinct()
    return objects.aggregate(total=Sum("size"))["total"] or 0


def _intended(fax_id: UUID, number: str, pages: int) -> Intended:
    return Intended(fax_id, number, pages, calls=not phone.is_extension(number))


def _under_way(account: Account) -> int:
    """Faxes handed in that have not ended, those at hand among them.

    What waits for approval, for days perhaps, takes nobody's place.
    """
    faxes = Fax.objects.for_account(account.pk).filter(direction=Direction.OUTBOUND)
    return faxes.filter(state__in=_UNDER_WAY, held_for__isnull=True).count()


def _told_limit(reached: LimitReached) -> NotAffordable:
    storage = reached.name == "storage_bytes"
    limit = reached.limit // _MB if storage else reached.limit
    return NotAffordable(_LIMITS[reached.name], limit=limit)


def told_money(refused: MoneyRefused) -> NotAffordable:
    """Why a fax cannot be paid for, as its account may know it."""
    if isinstance(refused, InsufficientCredit) and refused.own:
        return NotAffordable(
            ErrorCode.INSUFFICIENT_CREDIT,
            needed={"amount": refused.needed, "currency": refused.currency},
            available={"amount": refused.available, "currency": refused.currency},
        )
    if isinstance(refused, RateMissing) and refused.own:
        return NotAffordable(ErrorCode.RATE_MISSING, field="to", number=refused.number)
    if isinstance(refused, PlanUsedUp) and refused.own:
        return NotAffordable(ErrorCode.PLAN_USED_UP, limit=refused.limit)
    return NotAffordable(ErrorCode.PROVIDER_CANNOT_PAY)
