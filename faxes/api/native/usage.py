"""Usage: faxes and pages by day and destination, of the account or of one below it."""

from datetime import date, timedelta
from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.periods import next_month
from accounts.services.usage import used_between
from faxes.api.common.auth import actor_of
from faxes.api.native.asked import ACCOUNT, DAY, Asked, a_day, a_month, an_id
from faxes.api.native.base import Resource
from faxes.api.native.money import Money
from faxes.api.native.schema import Query
from faxes.api.native.shapes import OrNothing, Shape

MONTH: Final = {"type": "string", "pattern": "^[2-8][0-9]{3}-(0[1-9]|1[0-2])$"}
_MOST_DAYS: Final = 366
_FIRST: Final = date(2000, 1, 1)
_LAST: Final = date(9000, 1, 1)


class LineShape(Shape):
    """Faxes and pages."""

    faxes = serializers.IntegerField()
    pages_sent = serializers.IntegerField(source="sent")
    pages_received = serializers.IntegerField(source="received")
    seconds = serializers.IntegerField(help_text="On the line.")
    charged = Money()


class DayShape(LineShape):
    """Those of a day."""

    day = serializers.DateField(source="name", help_text="In the account's time zone.")


class DestinationShape(LineShape):
    """Those to a destination."""

    prefix = serializers.CharField(
        source="name", help_text="How the numbers begin, without their plus."
    )


class UsageShape(Shape):
    """What an account used on some days."""

    renamed: ClassVar[dict[str, str]] = {"first": "from", "last": "until"}

    account_id = serializers.UUIDField(source="account.pk")
    first = serializers.DateField(source="first")
    last = serializers.DateField(source="last", help_text="This day is among them.")
    currency = OrNothing(source="billing.currency")
    total = LineShape()
    days = DayShape(many=True)
    destinations = DestinationShape(
        many=True, help_text="Of what was sent, the most pages first; at most 500."
    )


class Usage(Resource):
    """What was used, and what it cost."""

    queries: ClassVar = {
        "get": (
            Query("month", "A month, as 2026-11; the present one if nothing is said.", MONTH),
            Query("from", "The first day, with `until` in place of a month.", DAY),
            Query("until", f"The last day; at most {_MOST_DAYS} days.", DAY),
            ACCOUNT,
        )
    }
    problems: ClassVar = {"get": (404,)}

    @extend_schema(operation_id="get_usage", tags=["Usage"], responses=UsageShape)
    def get(self, request: Request) -> Response:
        """Faxes and pages that ended on these days, in all, by day and by destination."""
        asked = Asked(request)
        span = _span(asked)
        account_id = asked.read("account", an_id, None)
        asked.require()
        used: Any = used_between(actor_of(request), span=span, account_id=account_id)
        return Response(UsageShape(used).data)


def month_of(written: str) -> date:
    """A month of our calendar."""
    month = a_month(written)
    if not _FIRST <= month <= _LAST:
        raise ValueError(written)
    return month


def _span(asked: Asked) -> tuple[date, date] | None:
    """The days that are asked for; None if none are."""
    month = asked.read("month", month_of, None)
    first, last = asked.read("from", a_day, None), asked.read("until", a_day, None)
    if month is not None and (first or last):
        asked.fault("month", "Give either a month or days.")
    if (first is None) != (last is None):
        asked.fault("until" if last is None else "from", "Give both days.")
    if first is not None and last is not None:
        if not first <= last < first + timedelta(days=_MOST_DAYS) or first > _LAST:
            asked.fault("until", f"Ask for 1 to {_MOST_DAYS} days.")
        return first, last
    return (month, next_month(month) - timedelta(days=1)) if month else None
