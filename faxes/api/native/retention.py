"""How long faxes are kept, of the account and of each fax machine; and legal holds."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.services.retention_bounds import MOST_DAYS, Kept
from faxes.api.common.auth import actor_of
from faxes.api.native.asked import YES_OR_NO, Asked, yes_or_no
from faxes.api.native.base import PAGING, Resource, Strict, checked, listed, page_size
from faxes.api.native.fields import Text
from faxes.api.native.problems import Fault, Problem
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import Instant, OrNothing, Shape
from faxes.enums import Direction, ErrorCode
from faxes.errors import FaxNotFound, InvalidRequest, RequestError
from faxes.queries.legal_holds import hold_for, list_holds
from faxes.queries.numbers import faxbox_for
from faxes.queries.retention import forecast, next_run, rules_for
from faxes.services import legal_holds
from faxes.services.retention import Removed, set_rules
from faxes.wording import sentence

if TYPE_CHECKING:
    from faxes.models import LegalHold as Row

_TAGS: Final = ["Retention"]
_DAYS: Final[dict[str, Any]] = {"min_value": 1, "max_value": MOST_DAYS}


class KeptIn(Strict):
    """For how many days after its end; null is as long as may be."""

    pages_days = serializers.IntegerField(
        required=False, allow_null=True, help_text="Pages and documents.", **_DAYS
    )
    record_days = serializers.IntegerField(
        required=False, allow_null=True, help_text="All of the fax.", **_DAYS
    )


class WouldRemoveIn(Strict):
    """What somebody says yes to, at most."""

    strip = serializers.IntegerField(min_value=0, help_text="Faxes that lose their pages.")
    delete = serializers.IntegerField(min_value=0, help_text="Faxes that are deleted.")


class RetentionIn(Strict):
    """Both directions; what is left out is kept as long as may be."""

    inbound = KeptIn(required=False)
    outbound = KeptIn(required=False)
    confirm = serializers.BooleanField(
        required=False,
        default=False,
        help_text=(
            "Needed where something is kept for less time than before. Without it the answer is "
            "422 retention_unconfirmed, which tells as `would_remove` what the next run would."
        ),
    )
    would_remove = WouldRemoveIn(
        required=False,
        help_text="What was told, to confirm just that: if it were more by now, it is told anew.",
    )


class FaxboxRetentionIn(RetentionIn):
    """The same for a fax machine; ``own: false`` gives it back to what the account chose."""

    own = serializers.BooleanField(
        required=False,
        default=True,
        help_text="False, without days: whatever the account chose counts again.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Days are its own, or there are none.

        Raises:
            ValidationError: both.

        """
        if not attrs["own"] and (attrs.get("inbound") or attrs.get("outbound")):
            raise serializers.ValidationError({"own": ["Days are its own: leave them out."]})
        return attrs


class KeptShape(Shape):
    """For how many days after its end; null is for ever."""

    pages_days = serializers.IntegerField(allow_null=True)
    record_days = serializers.IntegerField(allow_null=True)


class WaysShape(Shape):
    """Each direction."""

    inbound = KeptShape()
    outbound = KeptShape()


class BoundsShape(Shape):
    """Days within which an account chooses; null is no bound."""

    pages_least = serializers.IntegerField(allow_null=True)
    pages_most = serializers.IntegerField(allow_null=True)
    record_least = serializers.IntegerField(allow_null=True)
    record_most = serializers.IntegerField(allow_null=True)


class ForecastShape(Shape):
    """What the next daily run removes."""

    day = serializers.DateField()
    strip = serializers.IntegerField(help_text="Faxes that lose their pages.")
    delete = serializers.IntegerField(help_text="Faxes that are deleted.")
    held = serializers.IntegerField(help_text="Faxes that would go, but for legal holds.")


class RetentionShape(Shape):
    """How long faxes are kept."""

    chosen = WaysShape(help_text="What was chosen; for a fax machine without its own: above it.")
    effective = WaysShape(help_text="What counts, within the bounds.")
    own = serializers.BooleanField(help_text="A fax machine has its own times.")
    bounds = BoundsShape(help_text="Of the account's providers.")
    next_run = ForecastShape(help_text="Of the whole account.")


class LegalHoldShape(Shape):
    """What may not be removed, and why."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "legal_hold".')
    fax_id = serializers.UUIDField(allow_null=True)
    faxbox_id = serializers.UUIDField(
        allow_null=True, help_text="All of its faxes. With neither: all of the account."
    )
    reason = serializers.CharField()
    placed_at = Instant()
    placed_by = serializers.CharField(source="placed_name")
    lifted_at = Instant(allow_null=True)
    lifted_by = OrNothing(source="lifted_name")

    def get_object(self, hold: Any) -> str:
        """What this is."""
        del hold
        return "legal_hold"


class LegalHoldIn(Strict):
    """What to hold: a fax, a fax machine, or with neither all of the account."""

    reason = Text(max_length=legal_holds.REASON_LENGTH)
    fax_id = serializers.UUIDField(required=False, allow_null=True)
    faxbox_id = serializers.UUIDField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """At most one of the two: a hold is never narrower than was asked for.

        Raises:
            ValidationError: both.

        """
        if attrs.get("fax_id") and attrs.get("faxbox_id"):
            told = "Give either fax_id or faxbox_id, or neither for all of the account."
            raise serializers.ValidationError({"faxbox_id": [told]})
        return attrs


_EXAMPLE: Final = OpenApiExample(
    "A month, then two years of records",
    {"inbound": {"pages_days": 30, "record_days": 730}, "confirm": True},
    request_only=True,
)


class Retention(Resource):
    """How long the account keeps faxes."""

    @extend_schema(operation_id="get_retention", tags=_TAGS, responses=RetentionShape)
    def get(self, request: Request) -> Response:
        """How long faxes are kept, by whose bounds, and what the next run removes."""
        return _told(request, None)

    @extend_schema(
        operation_id="set_retention",
        tags=_TAGS,
        request=RetentionIn,
        responses=RetentionShape,
        examples=[_EXAMPLE],
    )
    def put(self, request: Request) -> Response:
        """Choose for the account. What is shorter takes effect at the next daily run."""
        return _chosen(request, None)


class FaxboxRetention(Resource):
    """How long a fax machine keeps faxes."""

    @extend_schema(operation_id="get_faxbox_retention", tags=_TAGS, responses=RetentionShape)
    def get(self, request: Request, faxbox: UUID) -> Response:
        """How long its faxes are kept."""
        faxbox_for(actor_of(request), faxbox)
        return _told(request, faxbox)

    @extend_schema(
        operation_id="set_faxbox_retention",
        tags=_TAGS,
        request=FaxboxRetentionIn,
        responses=RetentionShape,
        examples=[_EXAMPLE],
    )
    def put(self, request: Request, faxbox: UUID) -> Response:
        """Choose for this fax machine, whatever the account chose."""
        return _chosen(request, faxbox)


class LegalHolds(Resource):
    """All legal holds of the account."""

    queries: ClassVar = {
        "get": (
            Query("lifted", "Only those that were lifted, or were not.", YES_OR_NO),
            *PAGING,
        )
    }

    @extend_schema(
        operation_id="list_legal_holds",
        tags=_TAGS,
        responses=page_of(LegalHoldShape, "LegalHoldPage"),
    )
    def get(self, request: Request) -> Response:
        """A page of them, newest first, lifted ones too."""
        asked = Asked(request)
        lifted = asked.read("lifted", yes_or_no, otherwise=None)
        asked.require()
        page = list_holds(
            actor_of(request),
            lifted=lifted,
            cursor=request.query_params.get("cursor", ""),
            size=page_size(request),
        )
        return listed(LegalHoldShape(page.holds, many=True).data, page.next_cursor)

    @extend_schema(
        operation_id="place_legal_hold",
        tags=_TAGS,
        request=LegalHoldIn,
        responses={201: LegalHoldShape},
        examples=[OpenApiExample("Everything", {"reason": "Claim 17"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Place a hold: until it is lifted nobody removes anything of what it holds."""
        return _made(legal_holds.place(actor_of(request), **checked(LegalHoldIn, request)))

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The hold that was made; its record names what it holds, besides."""
        holds = [key for kind, key in made if kind == legal_holds.NOTED]
        if not holds:
            raise FaxNotFound
        return _made(hold_for(actor_of(request), holds[0]))


class LegalHold(Resource):
    """One legal hold."""

    problems: ClassVar = {"delete": (409,)}

    @extend_schema(operation_id="get_legal_hold", tags=_TAGS, responses=LegalHoldShape)
    def get(self, request: Request, hold: UUID) -> Response:
        """The hold: of what, why, by whom."""
        return Response(LegalHoldShape(hold_for(actor_of(request), hold)).data)

    @extend_schema(operation_id="lift_legal_hold", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, hold: UUID) -> Response:
        """Lift it. It stays in the list."""
        legal_holds.lift(actor_of(request), hold_id=hold)
        return Response(status=204)


def _chosen(request: Request, faxbox_id: UUID | None) -> Response:
    asked = checked(FaxboxRetentionIn if faxbox_id else RetentionIn, request)
    chosen = {
        way: Kept(given.get("pages_days"), given.get("record_days"))
        for way in Direction
        if asked.get("own", True)
        for given in [asked.get(way.value, {})]
    }
    seen = asked.get("would_remove")
    sure = Removed(**seen) if asked["confirm"] and seen else asked["confirm"]
    try:
        set_rules(actor_of(request), chosen=chosen, faxbox_id=faxbox_id, sure=sure)
    except InvalidRequest as invalid:
        for each in invalid.errors:
            way, _, what = each.field.partition("_")
            each.field = f"{way}.{what}_days"
        raise
    except RequestError as error:
        if error.code != ErrorCode.RETENTION_UNCONFIRMED:
            raise
        fault = Fault(error.code.value, sentence(error), error.field)
        more = {name: error.params[name] for name in ("strip", "delete")}
        day = error.params["day"].isoformat()
        raise Problem(422, [fault], would_remove={"day": day, **more}) from None
    return _told(request, faxbox_id)


def _told(request: Request, faxbox_id: UUID | None) -> Response:
    account, rules = rules_for(actor_of(request))
    told = {
        "chosen": _ways(rules.chosen_for, faxbox_id),
        "effective": _ways(rules.kept, faxbox_id),
        "own": faxbox_id is not None and rules.has_own(faxbox_id),
        "bounds": rules.bounds,
        "next_run": forecast(account, rules, next_run(account, clock.now())),
    }
    return Response(RetentionShape(told).data)


def _ways(kept: Any, faxbox_id: UUID | None) -> Mapping[str, Mapping[str, int | None]]:
    return {
        way.value: {"pages_days": each.pages, "record_days": each.record}
        for way in Direction
        for each in [kept(faxbox_id, way)]
    }


def _made(hold: "Row") -> Response:
    where = {"Location": reverse("api-legal-hold", kwargs={"hold": hold.pk})}
    return Response(LegalHoldShape(hold).data, status=201, headers=where)
