"""Broadcasts: one document to very many; begin, follow, cancel, delete."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Final
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scoping import Actor
from faxes.api.common.auth import actor_of
from faxes.api.native.asked import Asked, enum, one_of
from faxes.api.native.base import PAGING, Nothing, Resource, WithFiles, checked, listed, page_size
from faxes.api.native.broadcast_shapes import BroadcastShape, RecipientShape
from faxes.api.native.fax_form import FaxIn, fax_request, of_form, planned, read_json
from faxes.api.native.fields import File, Text
from faxes.api.native.recipient_list import RecipientList
from faxes.api.native.schema import Query, page_of
from faxes.enums import RecipientStatus
from faxes.queries.broadcasts import (
    BroadcastDetail,
    broadcast_for,
    list_broadcasts,
    list_recipients,
)
from faxes.services import broadcasts
from faxes.services.broadcasts import BroadcastRequest
from faxes.services.intake import incoming

_TAGS: Final = ["Broadcasts"]


class BroadcastIn(FaxIn):
    """What is to be faxed to all, to whom, and how."""

    to = None  # type: ignore[assignment]  # recipients take its place
    name = Text(
        required=False, allow_blank=True, max_length=120, help_text="For your own lists only."
    )
    recipients = RecipientList(
        required=False,
        help_text="Numbers, or objects with number, name and metadata. Each number gets one fax.",
    )
    group = Text(
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="A group of contacts by its id, besides or instead of the list.",
    )


class BroadcastForm(BroadcastIn):
    """The same as a form: recipients as JSON, documents as files."""

    documents = serializers.ListField(  # type: ignore[assignment]  # the same, as forms have it
        child=File(), required=False
    )
    metadata = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="A JSON object of texts."
    )
    recipients = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="A JSON list."
    )
    pages = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text='JSON: `[{"page": 2, "turn": 90}, {"page": 1}]`.'
    )


_EXAMPLES: Final = (
    OpenApiExample(
        "To a list",
        {
            "name": "New opening hours",
            "documents": [{"url": "https://example.com/hours.pdf"}],
            "recipients": [
                "+12025550100",
                {"number": "+12025550107", "name": "Dr. Jones", "metadata": {"practice": "17"}},
            ],
        },
        request_only=True,
        media_type="application/json",
    ),
    OpenApiExample(
        "To a group, with a cover for each",
        {
            "documents": [{"upload_id": "019a0000-0000-7000-8000-000000000001"}],
            "group": "019a0000-0000-7000-8000-000000000002",
            "cover": "plain",
            "subject": "New opening hours",
        },
        request_only=True,
        media_type="application/json",
    ),
)


class Broadcasts(WithFiles):
    """All broadcasts of the account."""

    queries: ClassVar = {"get": PAGING}
    problems: ClassVar = {"post": (402, 503)}

    @extend_schema(
        operation_id="list_broadcasts",
        tags=_TAGS,
        responses=page_of(BroadcastShape, "BroadcastPage"),
    )
    def get(self, request: Request) -> Response:
        """A page of broadcasts with how far they are, newest first."""
        page = list_broadcasts(
            actor_of(request),
            cursor=request.query_params.get("cursor", ""),
            size=page_size(request),
        )
        return listed(BroadcastShape(page.broadcasts, many=True).data, page.next_cursor)

    @extend_schema(
        operation_id="create_broadcast",
        tags=_TAGS,
        request={"application/json": BroadcastIn, "multipart/form-data": BroadcastForm},
        responses={201: BroadcastShape},
        examples=list(_EXAMPLES),
    )
    def post(self, request: Request) -> Response:
        """Send documents to up to 10,000 numbers, each as a fax of its own.

        What is wrong with any of them is told at once, and nothing is sent then. The faxes are made
        a portion at a time. A recipient whose fax cannot be paid for when its turn comes is
        `refused`, visibly.
        """
        actor = actor_of(request)
        with _read(request, actor) as wanted:
            made = broadcasts.create_broadcast(actor, request=wanted, origin="api")
        return _made(broadcast_for(actor, made.pk))

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The broadcast that was made."""
        return _made(broadcast_for(actor_of(request), made[0][1]))


class Broadcast(Resource):
    """One broadcast."""

    problems: ClassVar = {"delete": (409,)}

    @extend_schema(operation_id="get_broadcast", tags=_TAGS, responses=BroadcastShape)
    def get(self, request: Request, broadcast: UUID) -> Response:
        """The broadcast, with how far it is."""
        return _one(request, broadcast)

    @extend_schema(operation_id="delete_broadcast", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, broadcast: UUID) -> Response:
        """Delete a finished broadcast with its list of recipients; its faxes stay."""
        broadcasts.delete_broadcast(actor_of(request), broadcast_id=broadcast)
        return Response(status=204)


class BroadcastCancel(Resource):
    """Stopping a broadcast."""

    @extend_schema(
        operation_id="cancel_broadcast", tags=_TAGS, request=Nothing, responses=BroadcastShape
    )
    def post(self, request: Request, broadcast: UUID) -> Response:
        """Stop it: who waits gets no fax, faxes that wait are canceled a moment later."""
        checked(Nothing, request)
        broadcasts.cancel_broadcast(actor_of(request), broadcast_id=broadcast)
        return _one(request, broadcast)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The broadcast as it is now."""
        return _one(request, made[0][1])


class BroadcastRecipients(Resource):
    """What became of each recipient."""

    queries: ClassVar = {
        "get": (
            Query("status", "Only those that stand there.", enum(RecipientStatus)),
            *PAGING,
        )
    }

    @extend_schema(
        operation_id="list_broadcast_recipients",
        tags=_TAGS,
        responses=page_of(RecipientShape, "RecipientPage"),
    )
    def get(self, request: Request, broadcast: UUID) -> Response:
        """A page of the recipients with their faxes, in the order of the request."""
        asked = Asked(request)
        status = asked.read("status", one_of(RecipientStatus), None)
        asked.require()
        page = list_recipients(
            actor_of(request),
            broadcast,
            status=status,
            cursor=request.query_params.get("cursor", ""),
            size=page_size(request),
        )
        return listed(RecipientShape(page.recipients, many=True).data, page.next_cursor)


@contextmanager
def _read(request: Request, actor: Actor) -> Iterator[BroadcastRequest]:
    """The broadcast that a request asks for, of the pages that it names if it names any.

    Raises:
        ValidationError, InvalidRequest: with what is not right.

    """
    data, files = request.data, []
    if isinstance(data, QueryDict):
        files = [incoming(each) for each in request.FILES.getlist("documents")]
        data = of_form(data)
        if isinstance(data.get("recipients"), str):
            data["recipients"] = read_json(data["recipients"], "recipients")
    read = BroadcastIn(data=data, context={"typed": data is request.data})
    read.is_valid(raise_exception=True)
    asked = read.validated_data
    with planned(actor, fax_request(asked, to="", files=files), asked) as fax:
        yield BroadcastRequest(
            fax=fax,
            recipients=asked.get("recipients", ()),
            group=asked.get("group", ""),
            name=asked.get("name", ""),
        )


def _one(request: Request, broadcast: UUID) -> Response:
    return Response(BroadcastShape(broadcast_for(actor_of(request), broadcast)).data)


def _made(detail: BroadcastDetail) -> Response:
    where = {"Location": reverse("api-broadcast", kwargs={"broadcast": detail.broadcast.pk})}
    return Response(BroadcastShape(detail).data, status=201, headers=where)
