"""The do-not-fax list: numbers that nothing is sent to; list, add, look at, remove."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.native.asked import SEARCH, Asked, words_to_find
from faxes.api.native.base import PAGING, Resource, Strict, checked, listed, page_size
from faxes.api.native.contacts import read_number
from faxes.api.native.fields import Text
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import Instant, Shape
from faxes.queries.do_not_fax import do_not_fax_for, list_do_not_fax
from faxes.services import do_not_fax

if TYPE_CHECKING:
    from faxes.models import DoNotFax as Row

_TAGS: Final = ["Do not fax"]


class DoNotFaxShape(Shape):
    """A number that nothing is sent to."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "do_not_fax".')
    number = serializers.CharField(help_text="In E.164.")
    reason = serializers.CharField()
    created_by = serializers.UUIDField(
        allow_null=True, help_text="The person who added it; none where a program did."
    )
    created_at = Instant()

    def get_object(self, entry: Any) -> str:
        """What this is."""
        del entry
        return "do_not_fax"


class DoNotFaxIn(Strict):
    """A number to put on the list."""

    number = Text(max_length=40, help_text="E.164, or as dialled in the account's country.")
    reason = Text(
        max_length=200, required=False, allow_blank=True, help_text="Why; for your own people."
    )


class DoNotFaxList(Resource):
    """The whole list of the account."""

    queries: ClassVar = {
        "get": (
            Query("q", "A part of the number.", SEARCH),
            Query("number", "The whole number, in E.164."),
            *PAGING,
        )
    }

    @extend_schema(
        operation_id="list_do_not_fax",
        tags=_TAGS,
        responses=page_of(DoNotFaxShape, "DoNotFaxPage"),
    )
    def get(self, request: Request) -> Response:
        """A page of the list, the newest first."""
        asked = Asked(request)
        q, number = asked.read("q", words_to_find, ""), asked.read("number", read_number, "")
        asked.require()
        page = list_do_not_fax(
            actor_of(request),
            q=q,
            number=number,
            cursor=request.query_params.get("cursor", ""),
            size=page_size(request),
        )
        return listed(DoNotFaxShape(page.entries, many=True).data, page.next_cursor)

    @extend_schema(
        operation_id="add_do_not_fax",
        tags=_TAGS,
        request=DoNotFaxIn,
        responses={201: DoNotFaxShape},
        examples=[
            OpenApiExample(
                "Asked not to be faxed",
                {"number": "+12025550107", "reason": "Asked by phone"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Put a number on the list: from now on nothing is sent to it, whatever waits for it."""
        wanted = checked(DoNotFaxIn, request)
        return _made(do_not_fax.forbid(actor_of(request), **wanted))

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The entry that was made."""
        return _made(do_not_fax_for(actor_of(request), made[0][1]))


class DoNotFax(Resource):
    """One number of the list."""

    @extend_schema(operation_id="get_do_not_fax", tags=_TAGS, responses=DoNotFaxShape)
    def get(self, request: Request, entry: UUID) -> Response:
        """The number, with why, when and by whom."""
        return Response(DoNotFaxShape(do_not_fax_for(actor_of(request), entry)).data)

    @extend_schema(operation_id="remove_do_not_fax", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, entry: UUID) -> Response:
        """Take the number off the list: faxes may be sent to it again."""
        do_not_fax.allow_again(actor_of(request), entry_id=entry)
        return Response(status=204)


def _made(entry: "Row") -> Response:
    where = {"Location": reverse("api-do-not-fax-entry", kwargs={"entry": entry.pk})}
    return Response(DoNotFaxShape(entry).data, status=201, headers=where)
