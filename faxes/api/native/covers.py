"""Covers: the layouts that ship and the account's own cover pages; make, change, look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar, Final
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Action
from accounts.tenancy import require
from faxes.api.common.auth import actor_of
from faxes.api.native.asked import USUAL_WIDTH, WIDTH, Asked, a_width
from faxes.api.native.base import Resource, Strict, checked, listed
from faxes.api.native.fields import Base64, Text
from faxes.api.native.schema import page_of
from faxes.api.native.shapes import Instant, Shape
from faxes.documents.cover import LAYOUTS
from faxes.errors import FaxError, FaxNotFound
from faxes.queries.covers import covers_for, own_cover_for
from faxes.services import covers
from faxes.services.covers import CoverRequest
from faxes.services.intake import IncomingFile

if TYPE_CHECKING:
    from faxes.models import CoverTemplate

_TEXTS: Final = ("name", "layout", "heading", "letterhead", "footnote", "html")


@dataclass(frozen=True, slots=True)
class _Ready:
    """A layout as a cover that everybody has."""

    pk: str
    name: str
    layout: str
    heading: str = ""
    letterhead: str = ""
    footnote: str = ""
    html: str = ""
    logo_key: str = ""
    created_at: None = None
    updated_at: None = None


class CoverShape(Shape):
    """A cover page."""

    id = serializers.CharField(source="pk", help_text="As `cover` of a fax.")
    object = serializers.SerializerMethodField(help_text='Always "cover".')
    name = serializers.CharField()
    built_in = serializers.SerializerMethodField(help_text="Everybody has it, nobody changes it.")
    layout = serializers.ChoiceField(LAYOUTS)
    heading = serializers.CharField()
    letterhead = serializers.CharField()
    footnote = serializers.CharField()
    html = serializers.CharField(help_text="In place of the layout, unless it is empty.")
    has_logo = serializers.SerializerMethodField()
    created_at = Instant(allow_null=True)
    updated_at = Instant(allow_null=True)

    def get_object(self, cover: Any) -> str:
        """What this is."""
        del cover
        return "cover"

    def get_built_in(self, cover: Any) -> bool:
        """Whether it ships."""
        return cover.pk in LAYOUTS

    def get_has_logo(self, cover: Any) -> bool:
        """Whether there is a logo on it."""
        return bool(cover.logo_key)


class CoverChange(Strict):
    """What a cover page is to be; what is left out stays as it is."""

    name = Text(max_length=80, required=False)
    layout = serializers.ChoiceField(LAYOUTS, required=False)
    heading = Text(max_length=120, required=False, allow_blank=True)
    letterhead = Text(
        max_length=500, required=False, allow_blank=True, help_text="At most 8 lines."
    )
    footnote = Text(
        max_length=1200, required=False, allow_blank=True, help_text="At most 12 lines."
    )
    html = Text(
        max_length=50_000,
        required=False,
        allow_blank=True,
        help_text="A page of your own, with {{ to }}, {{ from }}, {{ subject }} and so on.",
    )
    logo_base64 = Base64(
        required=False, allow_null=True, help_text="A PNG, JPEG or SVG in base64; null removes it."
    )


class CoverIn(CoverChange):
    """A new cover page."""

    name = Text(max_length=80)


class Covers(Resource):
    """All covers that there are to choose from."""

    @extend_schema(
        operation_id="list_covers", tags=["Covers"], responses=page_of(CoverShape, "CoverPage")
    )
    def get(self, request: Request) -> Response:
        """The layouts that ship, and behind them the account's own by name; all at once."""
        actor = actor_of(request)
        require(actor, Action.COVER_MANAGE)
        ready = [_Ready(pk=each, name=each.capitalize(), layout=each) for each in LAYOUTS]
        return listed(CoverShape([*ready, *covers_for(actor)], many=True).data)

    @extend_schema(
        operation_id="create_cover",
        tags=["Covers"],
        request=CoverIn,
        responses={201: CoverShape},
        examples=[
            OpenApiExample(
                "With a letterhead",
                {
                    "name": "Records office",
                    "layout": "business",
                    "letterhead": "Northside Clinic\n12 Elm Street",
                    "footnote": "Confidential.",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a cover page."""
        asked = checked(CoverIn, request)
        return _made(covers.save_cover(actor_of(request), request=_read(asked)))

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The cover page that was made."""
        return _made(own_cover_for(actor_of(request), made[0][1]))


class Cover(Resource):
    """One of the account's own cover pages."""

    @extend_schema(operation_id="get_cover", tags=["Covers"], responses=CoverShape)
    def get(self, request: Request, cover: UUID) -> Response:
        """The cover page."""
        return Response(CoverShape(_own(request, cover)).data)

    @extend_schema(
        operation_id="change_cover",
        tags=["Covers"],
        request=CoverChange,
        responses=CoverShape,
        examples=[OpenApiExample("Another heading", {"heading": "Fax"}, request_only=True)],
    )
    def patch(self, request: Request, cover: UUID) -> Response:
        """Change what is given. Faxes under way keep the cover that they have."""
        before = _own(request, cover)
        wanted = _read(checked(CoverChange, request), before)
        changed = covers.save_cover(actor_of(request), request=wanted, cover_id=cover)
        return Response(CoverShape(changed).data)

    @extend_schema(operation_id="delete_cover", tags=["Covers"], responses={204: None})
    def delete(self, request: Request, cover: UUID) -> Response:
        """Delete it; what was sent with it keeps its pages."""
        covers.delete_cover(actor_of(request), cover_id=cover)
        return Response(status=204)


class CoverPreview(Resource):
    """What a cover looks like."""

    queries: ClassVar = {"get": (WIDTH,)}

    @extend_schema(
        operation_id="preview_cover",
        tags=["Covers"],
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, cover: str) -> HttpResponse:
        """Its first page on a fax made up for the purpose; ``cover`` is an id, or a layout."""
        asked = Asked(request)
        width = asked.read("width", a_width, USUAL_WIDTH)
        asked.require()
        try:
            drawn = covers.drawn_cover(actor_of(request), cover=cover, width=width)
        except FaxError:
            raise FaxNotFound from None
        return HttpResponse(drawn.png, content_type="image/png")


def _own(request: Request, cover: UUID) -> "CoverTemplate":
    actor = actor_of(request)
    require(actor, Action.COVER_MANAGE)
    return own_cover_for(actor, cover)


def _read(asked: dict[str, Any], before: "CoverTemplate | None" = None) -> CoverRequest:
    """The cover page as it is to be, with what it has already where nothing else is said."""
    kept = {name: getattr(before, name) for name in _TEXTS} if before else {}
    logo: bytes | None = asked.pop("logo_base64", b"")
    return CoverRequest(
        **{**kept, **asked},
        logo=IncomingFile(name="logo", size=len(logo), file=BytesIO(logo)) if logo else None,
        drop_logo=logo is None,
    )


def _made(cover: "CoverTemplate") -> Response:
    where = {"Location": reverse("api-cover", kwargs={"cover": cover.pk})}
    return Response(CoverShape(cover).data, status=201, headers=where)
