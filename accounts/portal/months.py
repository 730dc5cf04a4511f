"""The month that a page of figures is about, and those beside it."""

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest

from accounts import clock
from accounts.services.periods import month_of, next_month
from accounts.services.usage import this_month

if TYPE_CHECKING:
    from accounts.models import Account

_FIRST: Final = date(2020, 1, 1)  # before any account


def month_asked(request: HttpRequest, account: "Account") -> date:
    """The month asked for, such as ``2026-11``; the account's present one if it is none."""
    latest = this_month(account, clock.now())
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return latest
    return asked if _FIRST <= asked <= latest else latest


def neighbours(month: date, latest: date) -> dict[str, Any]:
    """For a template: the month before, and the one after unless that is still to come."""
    return {
        "earlier": month_of(date.fromordinal(month.toordinal() - 1)),
        "later": next_month(month) if month < latest else None,
    }
