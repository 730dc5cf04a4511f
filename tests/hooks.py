"""What tests of webhooks share: something happens, and what was told of it."""

import json
from typing import Any

from accounts import clock
from accounts.ids import new_id
from accounts.models import EventType, WebhookMessage, WebhookTry
from accounts.services import events
from tests.outside import Outside
from tests.world import House


def happen(
    house: House, number: int = 1, event: EventType = EventType.FAX_RECEIVED
) -> list[WebhookMessage]:
    """Tell an account of something; the last messages."""
    for _ in range(number):
        about = new_id()
        events.emit(
            house.id,
            event=event,
            object_type="fax",
            object_id=about,
            data=events.ids_of(house.id, object_type="fax", object_id=about),
            at=clock.now(),
        )
    return list(WebhookMessage.rows.order_by("-pk")[:number])


def told(receiver: Outside) -> list[Any]:
    """What a receiver was told, in the order in which it was numbered."""
    return sorted((json.loads(seen.body) for seen in receiver.seen), key=lambda at: at["sequence"])


def tries() -> list[WebhookTry]:
    """All tries, in their order."""
    return list(WebhookTry.rows.order_by("pk"))
