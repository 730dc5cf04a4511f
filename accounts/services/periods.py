"""Days and months as an account's clock has them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Account


def day_of(account: Account, moment: datetime) -> date:
    """The day that a moment falls on where the account is."""
    return moment.astimezone(ZoneInfo(account.time_zone)).date()


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the month that follows."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
