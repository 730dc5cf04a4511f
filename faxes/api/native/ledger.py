"""The ledger: what moved the account's money, or that of one below, and how it stands."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.usage import MOVES, books_of, ledger_page
from faxes.api.common.auth import actor_of
from faxes.api.native.asked import ACCOUNT, Asked, an_id, place
from faxes.api.native.base import PAGING, Resource, listed, page_size
from faxes.api.native.money import BalanceShape, Money
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import Instant, OrNothing, Shape
from faxes.api.native.usage import MONTH, month_of


class EntryShape(Shape):
    """An entry that moved money; they are only ever added."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "ledger_entry".')
    number = serializers.IntegerField(help_text="Counts the account's entries, holds among them.")
    kind = serializers.ChoiceField(MOVES)
    amount = Money(help_text="Below zero for what is spent.")
    balance = Money(source="posted_after", help_text="Paid less spent, after this entry.")
    fax_id = serializers.UUIDField(
        allow_null=True, help_text="Null where it is about none, and for accounts below."
    )
    by = serializers.CharField()
    note = OrNothing()
    at = Instant()

    def get_object(self, entry: Any) -> str:
        """What this is."""
        del entry
        return "ledger_entry"


class Ledger(Resource):
    """The entries."""

    queries: ClassVar = {
        "get": (Query("month", "Only those of a month, as 2026-11.", MONTH), ACCOUNT, *PAGING)
    }
    problems: ClassVar = {"get": (404,)}

    @extend_schema(
        operation_id="list_ledger", tags=["Usage"], responses=page_of(EntryShape, "LedgerPage")
    )
    def get(self, request: Request) -> Response:
        """A page of the entries that moved money, the newest first."""
        asked = Asked(request)
        month = asked.read("month", month_of, None)
        account_id = asked.read("account", an_id, None)
        below = asked.read("cursor", place, 0)
        asked.require()
        page = ledger_page(
            actor_of(request),
            account_id=account_id,
            month=month,
            below=below,
            size=page_size(request),
        )
        return listed(EntryShape(page.entries, many=True).data, str(page.older or ""))


class Balance(Resource):
    """How the account stands."""

    queries: ClassVar = {"get": (ACCOUNT,)}
    problems: ClassVar = {"get": (404,)}

    @extend_schema(operation_id="get_balance", tags=["Usage"], responses=BalanceShape)
    def get(self, request: Request) -> Response:
        """What there is, what is set aside, and what may be spent."""
        asked = Asked(request)
        account_id = asked.read("account", an_id, None)
        asked.require()
        return Response(BalanceShape(books_of(actor_of(request), account_id=account_id)).data)
