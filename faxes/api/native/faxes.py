"""Faxes: send, list, look at, cancel, resend, forward, strip, delete."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import (
    OpenApiExample,
    PolymorphicProxySerializer,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.native.base import Nothing, Resource, Strict, WithFiles, checked, listed, page_size
from faxes.api.native.fax_form import (
    PAGES_EXAMPLE,
    SEND_EXAMPLES,
    FaxForm,
    FaxIn,
    ForwardIn,
    planned_fax,
)
from faxes.api.native.fax_list import FILTERS, read_filter
from faxes.api.native.problems import Fault, Problem
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import FaxDetailShape, FaxShape
from faxes.errors import FaxNotFound
from faxes.queries.faxes import batch_of, detail_for, fax_for, list_faxes
from faxes.queries.retention import with_ends
from faxes.services import control, privacy
from faxes.services.submit import forward_fax, resend_fax, submit_fax

_EXPANDS: Final = {"attempts": "attempts", "events": "events", "documents": "files"}
_NAMES: Final = "|".join(_EXPANDS)
_EXPAND: Final = Query(
    "expand",
    f"What to tell besides, with commas between: {', '.join(_EXPANDS)}.",
    {"type": "string", "pattern": f"^({_NAMES})(,({_NAMES}))*$"},
)
_PAGE: Final = page_of(FaxShape, "FaxPage")
_BATCH: Final = inline_serializer(
    "FaxBatch", {"batch_id": serializers.UUIDField(), "data": FaxShape(many=True)}
)
_SENT: Final = PolymorphicProxySerializer("FaxOrBatch", [FaxShape, _BATCH], None)


class Faxes(WithFiles):
    """All faxes of the account."""

    queries: ClassVar = {"get": FILTERS}
    problems: ClassVar = {"post": (402, 503)}

    @extend_schema(operation_id="list_faxes", tags=["Faxes"], responses=_PAGE)
    def get(self, request: Request) -> Response:
        """A page of faxes, newest first unless asked otherwise."""
        page = list_faxes(
            actor_of(request),
            read_filter(request),
            cursor=request.query_params.get("cursor", ""),
            size=page_size(request),
        )
        ended = with_ends(actor_of(request).account_id, page.faxes)
        return listed(FaxShape(ended, many=True).data, page.next_cursor)

    @extend_schema(
        operation_id="send_fax",
        tags=["Faxes"],
        request={"application/json": FaxIn, "multipart/form-data": FaxForm},
        responses={201: _SENT},
        examples=[*SEND_EXAMPLES, PAGES_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Send a fax to each number asked for."""
        actor = actor_of(request)
        with planned_fax(request, actor) as asked:
            return _made(submit_fax(actor, request=asked, origin="api"))

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The faxes that were made."""
        return _made_again(request, made)


class Marked(Strict):
    """What of a fax can be changed."""

    read = serializers.BooleanField(required=False, help_text="An arrival was read.")


class Fax(Resource):
    """One fax."""

    queries: ClassVar = {"get": (_EXPAND,)}
    problems: ClassVar = {"delete": (409,)}

    @extend_schema(operation_id="get_fax", tags=["Faxes"], responses=FaxDetailShape)
    def get(self, request: Request, fax: UUID) -> Response:
        """The fax, with its attempts, events and documents if asked for."""
        wanted = _expanded(request)
        if not wanted:
            return Response(FaxDetailShape(fax_for(actor_of(request), fax)).data)
        detail = detail_for(actor_of(request), fax)
        for name in wanted:
            setattr(detail.fax, f"shown_{name}", getattr(detail, _EXPANDS[name]))
        return Response(FaxDetailShape(detail.fax).data)

    @extend_schema(
        operation_id="update_fax",
        tags=["Faxes"],
        request=Marked,
        responses=FaxShape,
        examples=[OpenApiExample("Read", {"read": True}, request_only=True)],
    )
    def patch(self, request: Request, fax: UUID) -> Response:
        """Mark an arrival as read, or as not read; a fax that was sent stays as it is."""
        asked = checked(Marked, request)
        if "read" in asked:
            control.mark_read(actor_of(request), fax_id=fax, read=asked["read"])
        return _one(request, fax)

    @extend_schema(operation_id="delete_fax", tags=["Faxes"], responses={204: None})
    def delete(self, request: Request, fax: UUID) -> Response:
        """Delete the fax with all that belongs to it."""
        privacy.delete_fax(actor_of(request), fax_id=fax)
        return Response(status=204)


class FaxCancel(Resource):
    """Taking a fax back."""

    @extend_schema(operation_id="cancel_fax", tags=["Faxes"], request=Nothing, responses=FaxShape)
    def post(self, request: Request, fax: UUID) -> Response:
        """Cancel it, or hang up."""
        checked(Nothing, request)
        control.cancel_fax(actor_of(request), fax_id=fax)
        return _one(request, fax)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The fax as it is now."""
        return _one(request, made[0][1])


class FaxStrip(Resource):
    """Removing the documents of a fax."""

    @extend_schema(operation_id="strip_fax", tags=["Faxes"], request=Nothing, responses=FaxShape)
    def post(self, request: Request, fax: UUID) -> Response:
        """Remove its documents and pages; numbers, times and result stay."""
        checked(Nothing, request)
        privacy.strip_fax(actor_of(request), fax_id=fax)
        return _one(request, fax)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The fax as it is now."""
        return _one(request, made[0][1])


class FaxResend(Resource):
    """Sending a fax once more."""

    problems: ClassVar = {"post": (402,)}

    @extend_schema(
        operation_id="resend_fax", tags=["Faxes"], request=Nothing, responses={201: FaxShape}
    )
    def post(self, request: Request, fax: UUID) -> Response:
        """Send it to the same number as a new fax."""
        checked(Nothing, request)
        return _made([resend_fax(actor_of(request), fax_id=fax, origin="api")])

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The fax that was made."""
        return _made_again(request, made)


class FaxForward(Resource):
    """Sending the pages of a fax to somebody else."""

    problems: ClassVar = {"post": (402,)}

    @extend_schema(
        operation_id="forward_fax", tags=["Faxes"], request=ForwardIn, responses={201: _SENT}
    )
    def post(self, request: Request, fax: UUID) -> Response:
        """Send them to each number asked for."""
        asked = checked(ForwardIn, request)
        faxes = forward_fax(
            actor_of(request),
            fax_id=fax,
            to="\n".join(asked.pop("to")),
            origin="api",
            keep_documents=asked.pop("store_documents", True),
            **asked,
        )
        return _made(faxes)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The faxes that were made."""
        return _made_again(request, made)


def _one(request: Request, fax: UUID) -> Response:
    return Response(FaxShape(fax_for(actor_of(request), fax)).data)


def _made_again(request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
    """The faxes that an earlier request made, as far as they are there still.

    Raises:
        FaxNotFound: none is.

    """
    for _kind, key in made:
        with suppress(FaxNotFound):
            return _made(batch_of(actor_of(request), key), several=len(made) > 1)
    raise FaxNotFound


def _made(faxes: Sequence[Any], *, several: bool = False) -> Response:
    """New faxes: one as itself, several as a list."""
    if len(faxes) == 1 and not several:
        where = {"Location": reverse("api-fax", kwargs={"fax": faxes[0].pk})}
        return Response(FaxShape(faxes[0]).data, status=201, headers=where)
    answer = {"batch_id": str(faxes[0].batch_id), "data": FaxShape(faxes, many=True).data}
    where = {"Location": f"{reverse('api-faxes')}?batch={faxes[0].batch_id}"}
    return Response(answer, status=201, headers=where)


def _expanded(request: Request) -> list[str]:
    """What is to be told with the fax.

    Raises:
        Problem: there is no such thing.

    """
    told = request.query_params.get("expand")
    asked = [] if told is None else told.split(",")
    if all(each in _EXPANDS for each in asked):
        return asked
    detail = f"Only {', '.join(_EXPANDS)} can be expanded."
    raise Problem(400, [Fault("expand_invalid", detail, "expand")])
