"""Requests that ask something of a webhook at once: they stand in its log, not in the queue."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from accounts.models import EventType, MessageState, WebhookEndpoint, WebhookMessage
from accounts.services.events import ids_of
from accounts.services.webhook_queue import write_try

if TYPE_CHECKING:
    from accounts.services.webhook_queue import Answer


def note(
    endpoint: WebhookEndpoint,
    *,
    url: str,
    event: EventType,
    object_type: str,
    object_id: UUID,
    answer: "Answer",
    understood: bool,
    now: datetime,
) -> None:
    """Write down a request that was sent, and what came of it."""
    with transaction.atomic():
        message = WebhookMessage.objects.create(
            account_id=endpoint.account_id,
            endpoint=endpoint,
            url=url,
            type=event,
            object_type=object_type,
            object_id=object_id,
            data=ids_of(endpoint.account_id, object_type=object_type, object_id=object_id),
            options={"asked": True},
            created_at=now,
            ended_at=now,
            state=MessageState.DELIVERED if understood else MessageState.FAILED,
            tries=1,
        )
        write_try(message, answer, now)
