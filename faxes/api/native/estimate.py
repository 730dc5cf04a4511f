"""What a fax would take and cost, before it is sent."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.native.base import WithFiles
from faxes.api.native.fax_form import PAGES_EXAMPLE, SEND_EXAMPLES, FaxForm, FaxIn, planned_fax
from faxes.api.native.money import Money
from faxes.api.native.shapes import ErrorTold, OrNothing, Shape
from faxes.errors import FaxError
from faxes.services.estimate import estimate
from faxes.wording import sentence


class _Refusable(Shape):
    error = serializers.SerializerMethodField(help_text="Why it would be refused; null if not.")

    def get_error(self, told: Any) -> ErrorTold | None:
        """Why it would be refused."""
        refused: FaxError | None = told.refused
        return {"code": refused.code.value, "detail": sentence(refused)} if refused else None


class NumberEstimateShape(_Refusable):
    """What the fax would cost to one number."""

    to = serializers.CharField(source="e164")
    country = OrNothing(help_text="ISO 3166.")
    line_seconds = serializers.IntegerField(help_text="Of a call at 14,400 bit/s.")
    price = Money(allow_null=True, help_text="Null if refused, or if the account is not billed.")
    currency = OrNothing()
    included_pages = serializers.IntegerField(
        source="included", help_text="Pages that the plan covers."
    )


class EstimateShape(_Refusable):
    """How many pages would go to each number, how long that takes, what it costs."""

    pages = serializers.IntegerField(help_text="The cover included.")
    line_seconds = serializers.IntegerField()
    numbers = NumberEstimateShape(many=True)


class FaxEstimate(WithFiles):
    """What a fax would take."""

    problems: ClassVar = {"post": (503,)}

    @extend_schema(
        operation_id="estimate_fax",
        tags=["Faxes"],
        request={"application/json": FaxIn, "multipart/form-data": FaxForm},
        responses=EstimateShape,
        examples=[*SEND_EXAMPLES, PAGES_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Tell what the same request would take and cost as a fax. Nothing is sent or stored.

        It is reckoned as if each number answered and took all pages at the first try.
        """
        actor = actor_of(request)
        with planned_fax(request, actor, sends=False) as asked:
            told = estimate(actor, request=asked)
        return Response(EstimateShape(told).data)
