"""The log of a webhook: each message with all its tries; a test, and sending it again."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import webhooks
from faxes import paging
from faxes.api.common.auth import actor_of
from faxes.api.native.asked import Asked, enum, one_of
from faxes.api.native.base import PAGING, Nothing, Resource, checked, listed, page_size
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import Instant, OrNothing, Shape, words


class MessageShape(Shape):
    """A message of a webhook: one event, told under one id at every try."""

    id = serializers.UUIDField(help_text="The header `webhook-id` of every try.")
    object = serializers.SerializerMethodField(help_text='Always "webhook_message".')
    webhook_id = serializers.UUIDField(source="endpoint_id")
    type = serializers.CharField()
    sequence = serializers.IntegerField(
        allow_null=True, help_text="Counts the webhook's messages; null until the first try."
    )
    about = serializers.CharField(source="object_type", help_text="What it tells of.")
    about_id = serializers.UUIDField(source="object_id")
    state = words(webhooks.STATES)
    tries = serializers.IntegerField()
    created_at = Instant()
    next_at = Instant(allow_null=True, help_text="When it is tried next.")
    ended_at = Instant(allow_null=True)

    def get_object(self, message: Any) -> str:
        """What this is."""
        del message
        return "webhook_message"


class TryShape(Shape):
    """One try: what was sent with the body, and what came back."""

    at = Instant()
    status = serializers.IntegerField(allow_null=True, help_text="Null: no answer came.")
    seconds = serializers.FloatField()
    request_headers = serializers.DictField(child=serializers.CharField())
    response_headers = serializers.DictField(child=serializers.CharField())
    response_body = serializers.CharField(help_text="Its first 4 KiB.")
    error_code = OrNothing()


class MessageDetailShape(MessageShape):
    """A message with what is sent and what came of each try."""

    body = serializers.CharField(help_text="As it is sent, byte by byte.")
    attempts = TryShape(many=True, help_text="The last one first.")


class WebhookMessages(Resource):
    """The log of an endpoint."""

    queries: ClassVar = {
        "get": (Query("state", "Only what became of them so.", enum(webhooks.STATES)), *PAGING)
    }

    @extend_schema(
        operation_id="list_webhook_messages",
        tags=["Webhooks"],
        responses=page_of(MessageShape, "WebhookMessagePage"),
    )
    def get(self, request: Request, webhook: UUID) -> Response:
        """A page of messages, newest first. They are kept for a month."""
        asked = Asked(request)
        state = asked.read("state", one_of(webhooks.STATES), None)
        asked.require()
        cursor = request.query_params.get("cursor", "")
        page = webhooks.messages_for(
            actor_of(request),
            endpoint_id=webhook,
            state=state,
            below=paging.decode(cursor) if cursor else None,
            size=page_size(request),
        )
        older = paging.encode(page.older) if page.older else ""
        return listed(MessageShape(page.messages, many=True).data, older)


class WebhookMessage(Resource):
    """One message."""

    @extend_schema(
        operation_id="get_webhook_message", tags=["Webhooks"], responses=MessageDetailShape
    )
    def get(self, request: Request, message: UUID) -> Response:
        """The message, with what is sent and what was answered."""
        told = webhooks.message_for(actor_of(request), message_id=message)
        tries = TryShape(told.tries, many=True).data
        return Response({**MessageShape(told.message).data, "body": told.body, "attempts": tries})


class WebhookMessageResend(Resource):
    """Sending one message again."""

    problems: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="resend_webhook_message",
        tags=["Webhooks"],
        request=Nothing,
        responses={202: MessageShape},
    )
    def post(self, request: Request, message: UUID) -> Response:
        """Send it again now, under the same id."""
        checked(Nothing, request)
        again = webhooks.redeliver(actor_of(request), message_id=message)
        return Response(MessageShape(again).data, status=202)


class WebhookTest(Resource):
    """A message to try an endpoint with."""

    problems: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="test_webhook",
        tags=["Webhooks"],
        request=Nothing,
        responses={202: MessageShape},
    )
    def post(self, request: Request, webhook: UUID) -> Response:
        """Have a message of the type `webhook.test` sent."""
        checked(Nothing, request)
        sent = webhooks.send_test(actor_of(request), endpoint_id=webhook)
        return Response(MessageShape(sent).data, status=202)
