"""Days within which accounts below choose for how long they keep faxes."""

from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.retention_bounds import (
    MOST_DAYS,
    Bounds,
    bounds_of,
    bounds_set_for,
    set_bounds,
    tightens,
)
from faxes.api.common.auth import actor_of
from faxes.api.native.base import OfProviders, Strict, checked
from faxes.api.native.problems import Fault, Problem
from faxes.api.native.retention import BoundsShape
from faxes.api.native.shapes import Shape
from faxes.queries.tenants import tenant_for

_DAYS: Final[dict[str, Any]] = {
    "min_value": 1, "max_value": MOST_DAYS, "required": False, "allow_null": True,
}  # fmt: skip


class BoundsIn(Strict):
    """Days; what is left out or null is no bound."""

    pages_least = serializers.IntegerField(**_DAYS)
    pages_most = serializers.IntegerField(**_DAYS)
    record_least = serializers.IntegerField(**_DAYS)
    record_most = serializers.IntegerField(**_DAYS)
    confirm = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Needed where faxes may have to go sooner than before.",
    )


class RetentionBoundsShape(Shape):
    """Bounds on how long an account below keeps its faxes."""

    own = BoundsShape(help_text="What is set for it.")
    effective = BoundsShape(help_text="What counts, with what is set above it.")


class AccountRetentionBounds(OfProviders):
    """The bounds of an account below."""

    @extend_schema(
        operation_id="get_retention_bounds", tags=["Accounts"], responses=RetentionBoundsShape
    )
    def get(self, request: Request, account: UUID) -> Response:
        """What is set for it, and what counts."""
        return _told(request, account)

    @extend_schema(
        operation_id="set_retention_bounds",
        tags=["Accounts"],
        request=BoundsIn,
        responses=RetentionBoundsShape,
        examples=[OpenApiExample("A week to ten years", {"pages_least": 7, "record_most": 3650})],
    )
    def put(self, request: Request, account: UUID) -> Response:
        """Set all of them: what is left out is no bound from then on."""
        asked = checked(BoundsIn, request)
        sure, wanted = asked.pop("confirm"), Bounds(**asked)
        below = tenant_for(actor_of(request), account)
        if tightens(bounds_set_for(below), wanted) and not sure:
            told = "Faxes that are kept for longer go at the next daily run. Confirm it."
            raise Problem(422, [Fault("retention_bounds_unconfirmed", told, "confirm")])
        set_bounds(actor_of(request), account=below, bounds=wanted)
        return _told(request, account)


def _told(request: Request, account: UUID) -> Response:
    below = tenant_for(actor_of(request), account)
    told = {"own": asdict(bounds_set_for(below)), "effective": asdict(bounds_of(below))}
    return Response(RetentionBoundsShape(told).data)
