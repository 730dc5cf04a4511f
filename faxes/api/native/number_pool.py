"""Numbers of those who provide: all below, the pool, giving out, taking back, bringing in."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.native.asked import ID, YES_OR_NO, Asked, an_id, words_to_find, yes_or_no
from faxes.api.native.base import PAGING, OfProviders, Strict, checked, page_size
from faxes.api.native.fields import Text
from faxes.api.native.numbers import (
    NUMBER_SEARCH,
    NumberShape,
    number_cursor,
    numbers_listed,
)
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import Shape, words
from faxes.errors import RequestError
from faxes.queries.numbers import NumberFilter, chosen_numbers, list_numbers
from faxes.services import numbers
from faxes.services.number_sheets import MOST_LINES, Fate

_EXAMPLE_ID: Final = "019a0000-0000-7000-8000-000000000001"
_LONGEST_LIST: Final = 1_000_000


class ChosenNumbers(Strict):
    """Some numbers, by their ids."""

    number_ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=numbers.MOST_AT_ONCE
    )


class AssignIn(ChosenNumbers):
    """Numbers of the pool, and who gets them."""

    account_id = serializers.UUIDField(help_text="An account below, or the token's own.")
    faxbox_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The fax machine that they lead to, where the account has several.",
    )


class ImportIn(Strict):
    """Numbers to bring in: a list of them, or CSV of ``number[,carrier]``."""

    ways: ClassVar = ("numbers", "text")

    numbers = serializers.ListField(
        child=Text(max_length=80), required=False, min_length=1, max_length=MOST_LINES
    )
    text = Text(required=False, max_length=_LONGEST_LIST)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two.

        Raises:
            ValidationError: none, or both.

        """
        if len(attrs) != 1:
            told = "Give either numbers or text."
            raise serializers.ValidationError(told, code="numbers_unclear")
        return attrs


class NumbersShape(Shape):
    """Numbers as they are now."""

    data = NumberShape(many=True)  # type: ignore[assignment]  # a member, no longer the property


class ImportLineShape(Shape):
    """What became of a line of a list."""

    line = serializers.IntegerField(source="place")
    number = serializers.CharField(help_text="In E.164; as it was written where it is none.")
    result = words(Fate, source="fate")


class ImportShape(Shape):
    """What became of a list."""

    imported = serializers.IntegerField()
    lines = ImportLineShape(many=True)


class NumberPool(OfProviders):
    """All numbers of the account and of those below it."""

    queries: ClassVar = {
        "get": (
            NUMBER_SEARCH,
            Query("free", "Only those of the pool, or only the others.", YES_OR_NO),
            Query("account", "Only those of this account.", ID),
            *PAGING,
        )
    }

    @extend_schema(
        operation_id="list_number_pool",
        tags=["Numbers"],
        responses=page_of(NumberShape, "NumberPoolPage"),
    )
    def get(self, request: Request) -> Response:
        """A page of the numbers of the account and of all below it, the lowest first."""
        asked = Asked(request)
        shown = NumberFilter(
            q=asked.read("q", words_to_find, ""),
            free=asked.read("free", yes_or_no, None),
            account_id=asked.read("account", an_id, None),
        )
        asked.require()
        page = list_numbers(
            actor_of(request), shown, after=number_cursor(request), size=page_size(request)
        )
        return numbers_listed(page)


class NumbersAssign(OfProviders):
    """Giving numbers out."""

    problems: ClassVar = {"post": (404,)}

    @extend_schema(
        operation_id="assign_numbers",
        tags=["Numbers"],
        request=AssignIn,
        responses=NumbersShape,
        examples=[
            OpenApiExample(
                "To a customer",
                {"number_ids": [_EXAMPLE_ID], "account_id": _EXAMPLE_ID},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Give numbers of the pool to an account below, or to a fax machine of one's own."""
        asked = checked(AssignIn, request)
        try:
            numbers.assign(actor_of(request), **asked)
        except RequestError as error:
            error.field = {"faxbox": "faxbox_id"}.get(error.field, error.field)
            raise
        return _as_they_are(request, asked["number_ids"])

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The numbers as they are now."""
        del made
        return _as_they_are(request, checked(AssignIn, request)["number_ids"])


class NumbersTakeBack(OfProviders):
    """Taking numbers back."""

    @extend_schema(
        operation_id="take_back_numbers",
        tags=["Numbers"],
        request=ChosenNumbers,
        responses=NumbersShape,
        examples=[OpenApiExample("One", {"number_ids": [_EXAMPLE_ID]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Take numbers back into the pool, whoever below has them."""
        asked = checked(ChosenNumbers, request)
        numbers.take_back(actor_of(request), **asked)
        return _as_they_are(request, asked["number_ids"])

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The numbers as they are now."""
        del made
        return _as_they_are(request, checked(ChosenNumbers, request)["number_ids"])


class NumbersImport(OfProviders):
    """Bringing numbers in."""

    @extend_schema(
        operation_id="import_numbers",
        tags=["Numbers"],
        request=ImportIn,
        responses=ImportShape,
        examples=[
            OpenApiExample("A list", {"numbers": ["+16175550130"]}, request_only=True),
            OpenApiExample(
                "CSV", {"text": "number,carrier\n+16175550130,embedded\n"}, request_only=True
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Bring the new numbers of a list into the pool; the others are left out."""
        asked = checked(ImportIn, request)
        text = asked.get("text", "\n".join(_one_cell(each) for each in asked.get("numbers", ())))
        lines = numbers.import_numbers(actor_of(request), text=text)
        told = {"imported": sum(line.fate == Fate.NEW for line in lines), "lines": lines}
        return Response(ImportShape(told).data)


def _one_cell(written: str) -> str:
    """A number as a line of CSV of its own, whatever is in it."""
    quoted = " ".join(written.split()).replace('"', '""')
    return f'"{quoted}"'


def _as_they_are(request: Request, number_ids: Sequence[UUID]) -> Response:
    found = chosen_numbers(actor_of(request), number_ids)
    return Response(NumbersShape({"data": found}).data)
