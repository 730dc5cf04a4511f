"""Numbers: the account's own, and where each leads."""

import re
from typing import Any, ClassVar, Final
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.native.asked import SEARCH, Asked, words_to_find
from faxes.api.native.base import PAGING, Resource, Strict, checked, listed, page_size
from faxes.api.native.fields import Text
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import Instant, OrNothing, Shape
from faxes.enums import ErrorCode
from faxes.errors import RequestError
from faxes.queries.numbers import NumberPage, own_number_for, own_number_page
from faxes.services import own_numbers

NUMBER_SEARCH: Final = Query(
    "q", "The beginning of a number with its plus, or a part of a number or of a name.", SEARCH
)
_CURSOR: Final = re.compile("[0-9]{1,15}")  # a number without its plus


class NumberShape(Shape):
    """A fax number."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "number".')
    number = serializers.CharField(source="e164", help_text="In E.164.")
    account_id = serializers.UUIDField()
    faxbox_id = serializers.UUIDField(
        allow_null=True, help_text="Where it leads to; null: it lies in the pool."
    )
    carrier = serializers.CharField(source="carrier.name")
    held_since = Instant(allow_null=True, help_text="Since when the account has it.")
    created_at = Instant()

    def get_object(self, number: Any) -> str:
        """What this is."""
        del number
        return "number"


class OwnNumberShape(NumberShape):
    """A fax number of the account itself."""

    webhook_url = OrNothing(
        help_text="The program that is asked, in LaML, before it answers; null: none, or not told: "
        "only administrators of the account are.",
    )
    webhook_method = serializers.ChoiceField(["post", "get"], help_text="How that is asked.")


class NumberChange(Strict):
    """What to change of a number; what is not given stays."""

    faxbox_id = serializers.UUIDField(required=False, help_text="Where it is to lead to.")
    webhook_url = Text(
        required=False,
        allow_blank=True,
        max_length=2000,
        help_text="A program to ask, in LaML, before it answers; empty: none. Not for providers.",
    )
    webhook_method = serializers.ChoiceField(["post", "get"], required=False)


class Numbers(Resource):
    """The numbers of the account that lead to its fax machines."""

    queries: ClassVar = {"get": (NUMBER_SEARCH, *PAGING)}

    @extend_schema(
        operation_id="list_numbers",
        tags=["Numbers"],
        responses=page_of(OwnNumberShape, "NumberPage"),
    )
    def get(self, request: Request) -> Response:
        """A page of numbers, the lowest first."""
        asked = Asked(request)
        q = asked.read("q", words_to_find, "")
        asked.require()
        page = own_number_page(
            actor_of(request), q=q, after=number_cursor(request), size=page_size(request)
        )
        told = OwnNumberShape(page.numbers, many=True).data
        return listed(told, page.after.removeprefix("+"))


class Number(Resource):
    """One number."""

    @extend_schema(operation_id="get_number", tags=["Numbers"], responses=OwnNumberShape)
    def get(self, request: Request, number: UUID) -> Response:
        """The number, and where it leads."""
        return _one(request, number)

    @extend_schema(
        operation_id="change_number",
        tags=["Numbers"],
        request=NumberChange,
        responses=OwnNumberShape,
        examples=[
            OpenApiExample(
                "To another faxbox",
                {"faxbox_id": "019a0000-0000-7000-8000-000000000001"},
                request_only=True,
            ),
            OpenApiExample(
                "Ask a program first",
                {"webhook_url": "https://example.com/fax", "webhook_method": "post"},
                request_only=True,
            ),
        ],
    )
    def patch(self, request: Request, number: UUID) -> Response:
        """Have it lead to another fax machine, or ask another program before it answers.

        What came by it stays where it is.
        """
        asked = checked(NumberChange, request)
        own_numbers.change_number(actor_of(request), number_id=number, **asked)
        return _one(request, number)


def number_cursor(request: Request) -> str:
    """The number behind which a list goes on; empty for its beginning.

    Raises:
        RequestError: the cursor is not one of ours.

    """
    cursor = request.query_params.get("cursor", "")
    if not cursor:
        return ""
    if not _CURSOR.fullmatch(cursor):
        raise RequestError(ErrorCode.CURSOR_INVALID, field="cursor")
    return f"+{cursor}"


def numbers_listed(page: NumberPage) -> Response:
    """A page of numbers."""
    return listed(NumberShape(page.numbers, many=True).data, page.after.removeprefix("+"))


def _one(request: Request, number: UUID) -> Response:
    return Response(OwnNumberShape(own_number_for(actor_of(request), number)).data)
