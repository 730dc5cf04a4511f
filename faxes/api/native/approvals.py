"""Faxes that wait for a second person: what waits, and saying yes or no."""

from collections.abc import Sequence
from typing import ClassVar, Final
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Action
from accounts.tenancy import require
from faxes.api.common.auth import actor_of
from faxes.api.native.base import PAGING, Nothing, Resource, Strict, checked, listed, page_size
from faxes.api.native.fields import Text
from faxes.api.native.schema import page_of
from faxes.api.native.shapes import FaxShape, Instant
from faxes.enums import Held
from faxes.queries.approvals import list_held
from faxes.queries.faxes import fax_for
from faxes.services import holding

_WHO: Final = (
    "With the scope `faxes:approve`, in the name of a person who may approve in this account, and "
    "never what that person or one of their tokens sent."
)


class HeldShape(FaxShape):
    """A fax that waits, and why."""

    held_for = serializers.ChoiceField(
        [each.value for each in Held],
        help_text="Why it waits: too many pages, a new number, sent by a program or by email.",
    )
    approve_until = Instant(source="due_at", help_text="When it is canceled if nobody approves it.")


class DeclineIn(Strict):
    """Why not."""

    reason = Text(
        max_length=holding.REASON_LENGTH,
        required=False,
        default="",
        help_text="Who sent it is told.",
    )


class Approvals(Resource):
    """What waits for approval."""

    queries: ClassVar = {"get": PAGING}

    @extend_schema(
        operation_id="list_approvals", tags=["Approvals"], responses=page_of(HeldShape, "HeldPage")
    )
    def get(self, request: Request) -> Response:
        """A page of faxes that wait for a second person, newest first."""
        actor = actor_of(request)
        require(actor, Action.FAX_APPROVE)
        cursor = request.query_params.get("cursor", "")
        page = list_held(actor, cursor=cursor, size=page_size(request))
        return listed(HeldShape(page.faxes, many=True).data, page.next_cursor)


class FaxApprove(Resource):
    """Saying yes."""

    problems: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="approve_fax",
        tags=["Approvals"],
        request=Nothing,
        responses=FaxShape,
        description=f"Let it go; if that was done already, nothing happens. {_WHO}",
    )
    def post(self, request: Request, fax: UUID) -> Response:
        """Let it go."""
        checked(Nothing, request)
        holding.approve(actor_of(request), fax_id=fax)
        return _as_it_is(request, fax)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The fax as it is now."""
        return _as_it_is(request, made[0][1])


class FaxDecline(Resource):
    """Saying no."""

    problems: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="decline_fax",
        tags=["Approvals"],
        request=DeclineIn,
        responses=FaxShape,
        description=f"Cancel it, and tell who sent it. {_WHO}",
        examples=[OpenApiExample("Why", {"reason": "Wrong patient"}, request_only=True)],
    )
    def post(self, request: Request, fax: UUID) -> Response:
        """Cancel it, and tell who sent it."""
        asked = checked(DeclineIn, request)
        holding.decline(actor_of(request), fax_id=fax, reason=asked["reason"])
        return _as_it_is(request, fax)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The fax as it is now."""
        return _as_it_is(request, made[0][1])


def _as_it_is(request: Request, fax: UUID) -> Response:
    return Response(FaxShape(fax_for(actor_of(request), fax)).data)
