"""Webhooks: the endpoints of the account, what was sent to them, and sending it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import webhooks
from faxes.api.common.auth import actor_of
from faxes.api.native.base import Resource, Strict, checked, listed
from faxes.api.native.fields import Text
from faxes.api.native.schema import page_of
from faxes.api.native.shapes import Instant, OrNothing, Shape

_TYPES: Final = [each.value for each in webhooks.EVENT_TYPES]


class WebhookShape(Shape):
    """An endpoint that is told of events, without its secret."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "webhook".')
    kind = serializers.ChoiceField(
        ["endpoint", "per_fax"],
        help_text="per_fax stands for the `webhook_url` of faxes: it holds their secret.",
    )
    url = OrNothing()
    description = serializers.CharField()
    event_types = serializers.ListField(
        child=serializers.ChoiceField(_TYPES), help_text="Empty: all."
    )
    enabled = serializers.BooleanField()
    disabled_at = Instant(allow_null=True)
    disabled_because = serializers.ChoiceField(["asked", "failing", "gone"], allow_null=True)
    failing_since = Instant(allow_null=True, help_text="Since when no message got through.")
    old_secret_until = Instant(allow_null=True, help_text="Until then both secrets sign.")
    created_at = Instant()

    def get_object(self, endpoint: Any) -> str:
        """What this is."""
        del endpoint
        return "webhook"

    def to_representation(self, instance: Any) -> Any:
        """The endpoint; a reason that is not there is null."""
        told = super().to_representation(instance)
        told["disabled_because"] = told["disabled_because"] or None
        return told


class NewWebhookShape(WebhookShape):
    """An endpoint at the one moment when its secret is told."""

    secret = serializers.CharField(
        allow_null=True, help_text="Keep it: it is told once. Null in an answer that is told again."
    )


class WebhookIn(Strict):
    """Where to tell of what."""

    url = Text(max_length=2000)
    description = Text(required=False, allow_blank=True, max_length=200)
    event_types = serializers.ListField(
        child=serializers.ChoiceField(_TYPES),
        required=False,
        max_length=len(_TYPES),
        help_text="Empty, or not given: all.",
    )


class WebhookChange(WebhookIn):
    """What to change; what is not given stays."""

    url = Text(max_length=2000, required=False)
    enabled = serializers.BooleanField(
        required=False, help_text="Switched off, messages that wait for it have failed."
    )


class RotateIn(Strict):
    """For how long messages are signed with the old secret too."""

    keep_hours = serializers.IntegerField(required=False, min_value=0, max_value=168)


class ResendIn(Strict):
    """Which failed messages to send again: those written from then on, until then."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField(required=False)


_RESENT: Final = inline_serializer(
    "MessagesResent", {"messages": serializers.IntegerField(help_text="How many.")}
)
_EXAMPLE: Final = OpenApiExample(
    "How faxes end",
    {
        "url": "https://example.com/hooks/fax",
        "description": "Patient records",
        "event_types": ["fax.delivered", "fax.failed", "fax.received"],
    },
    request_only=True,
)


class Webhooks(Resource):
    """All endpoints of the account."""

    problems: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="list_webhooks",
        tags=["Webhooks"],
        responses=page_of(WebhookShape, "WebhookPage"),
    )
    def get(self, request: Request) -> Response:
        """All endpoints, newest first."""
        return listed(WebhookShape(webhooks.endpoints_for(actor_of(request)), many=True).data)

    @extend_schema(
        operation_id="create_webhook",
        tags=["Webhooks"],
        request=WebhookIn,
        responses={201: NewWebhookShape},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Add an endpoint. Its secret is told once."""
        made = webhooks.create(actor_of(request), **checked(WebhookIn, request))
        return _made(made.endpoint, made.secret, 201)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The endpoint that was made; its secret is told no more."""
        endpoint = webhooks.endpoint_for(actor_of(request), endpoint_id=made[0][1])
        return _made(endpoint, None, 201)


class Webhook(Resource):
    """One endpoint."""

    @extend_schema(operation_id="get_webhook", tags=["Webhooks"], responses=WebhookShape)
    def get(self, request: Request, webhook: UUID) -> Response:
        """The endpoint."""
        return _one(webhooks.endpoint_for(actor_of(request), endpoint_id=webhook))

    @extend_schema(
        operation_id="change_webhook",
        tags=["Webhooks"],
        request=WebhookChange,
        responses=WebhookShape,
        examples=[OpenApiExample("Switch it on again", {"enabled": True}, request_only=True)],
    )
    def patch(self, request: Request, webhook: UUID) -> Response:
        """Change it, or switch it on or off."""
        wanted = checked(WebhookChange, request)
        return _one(webhooks.update(actor_of(request), endpoint_id=webhook, **wanted))

    @extend_schema(operation_id="delete_webhook", tags=["Webhooks"], responses={204: None})
    def delete(self, request: Request, webhook: UUID) -> Response:
        """Remove it with its log."""
        webhooks.delete(actor_of(request), endpoint_id=webhook)
        return Response(status=204)


class WebhookRotate(Resource):
    """A new secret for an endpoint."""

    @extend_schema(
        operation_id="rotate_webhook_secret",
        tags=["Webhooks"],
        request=RotateIn,
        responses=NewWebhookShape,
        examples=[OpenApiExample("A day to change over", {"keep_hours": 24}, request_only=True)],
    )
    def post(self, request: Request, webhook: UUID) -> Response:
        """Make a new secret, told once. For a while messages are signed with the old one too."""
        wanted = checked(RotateIn, request)
        made = webhooks.rotate_secret(actor_of(request), endpoint_id=webhook, **wanted)
        return _made(made.endpoint, made.secret, 200)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The endpoint; its secret is told no more."""
        endpoint = webhooks.endpoint_for(actor_of(request), endpoint_id=made[0][1])
        return _made(endpoint, None, 200)


class PerFaxRotate(Resource):
    """A new secret for the addresses that faxes name."""

    @extend_schema(
        operation_id="rotate_webhook_url_secret",
        tags=["Webhooks"],
        request=RotateIn,
        responses=NewWebhookShape,
        examples=[OpenApiExample("The first one", {"keep_hours": 0}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Make a new secret for the `webhook_url` of all faxes, told once.

        Ask for it before the first such fax, so that its messages can be verified.
        """
        wanted = checked(RotateIn, request)
        made = webhooks.rotate_per_fax_secret(actor_of(request), **wanted)
        return _made(made.endpoint, made.secret, 200)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The endpoint; its secret is told no more."""
        endpoint = webhooks.endpoint_for(actor_of(request), endpoint_id=made[0][1])
        return _made(endpoint, None, 200)


class WebhookResend(Resource):
    """Sending what failed again."""

    problems: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="resend_failed_messages",
        tags=["Webhooks"],
        request=ResendIn,
        responses={202: _RESENT},
        examples=[
            OpenApiExample("Since Friday", {"since": "2026-11-20T00:00:00Z"}, request_only=True)
        ],
    )
    def post(self, request: Request, webhook: UUID) -> Response:
        """Send all messages of a time again that failed, each under its old id."""
        wanted: dict[str, datetime] = checked(ResendIn, request)
        begun = webhooks.redeliver_failed(actor_of(request), endpoint_id=webhook, **wanted)
        return Response({"messages": begun}, status=202)


def _one(endpoint: Any) -> Response:
    return Response(WebhookShape(endpoint).data)


def _made(endpoint: Any, secret: str | None, status: int) -> Response:
    shown = {**WebhookShape(endpoint).data, "secret": secret}
    where = {"Location": reverse("api-webhook", kwargs={"webhook": endpoint.pk})}
    return Response(shown, status=status, headers=where if status == 201 else None)  # noqa: PLR2004
