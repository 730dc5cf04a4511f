"""An account's webhooks, made, changed, tried and looked at by its administrators."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts import clock
from accounts.errors import (
    EventTypeUnknown,
    NotThere,
    TooManyWebhooks,
    WebhookOff,
    WebhookTextTooLong,
    WebhookUrlInvalid,
    WebhookUrlNotAllowed,
)
from accounts.models import (
    Account,
    Disabled,
    EndpointKind,
    EventType,
    MessageState,
    WebhookEndpoint,
    WebhookMessage,
    WebhookTry,
)
from accounts.reach import may_ask, read_url
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, events, idempotency, webhook_queue
from accounts.tenancy import require

MOST: Final = 50
OLD_SECRET_HOURS: Final = 24
PAGE_SIZE: Final = 30
# What an endpoint can ask for.
EVENT_TYPES: Final = tuple(each for each in EventType if each != EventType.WEBHOOK_TEST)
STATES: Final = MessageState
FAILED: Final = MessageState.FAILED
_DESCRIPTION_LENGTH: Final = 200
_OURS: Final = (EndpointKind.ENDPOINT, EndpointKind.PER_FAX)


@dataclass(frozen=True, slots=True)
class Signed:
    """An endpoint at the one moment when its secret is told."""

    endpoint: WebhookEndpoint
    secret: str


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of a log, newest first; ``older`` is the id to go on below, None at the end."""

    messages: Sequence[WebhookMessage]
    older: UUID | None


@dataclass(frozen=True, slots=True)
class Told:
    """A message with what is sent and what came of each try, the last one first."""

    message: WebhookMessage
    body: str
    tries: Sequence[WebhookTry]


def create(
    actor: Actor, *, url: str, description: str = "", event_types: Collection[str] = ()
) -> Signed:
    """Add an endpoint that hears of these types of events, or of all; its secret is told once.

    Raises:
        NotAllowed
        WebhookInvalid: as one of its kinds, which name the argument that is wrong.
        TooManyWebhooks

    """
    require(actor, Action.WEBHOOK_MANAGE)
    secret = events.new_secret()
    endpoint = WebhookEndpoint(
        account_id=actor.account_id,
        url=checked_url(url),
        description=_description(description),
        event_types=_event_types(event_types),
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    endpoint.secret = secret
    with transaction.atomic():
        # one at a time, so that two together do not pass the limit
        rows = Account.objects.select_for_update(no_key=True).filter(pk=actor.account_id)
        list(rows.values_list("pk"))
        if _visible(actor).filter(kind=EndpointKind.ENDPOINT).count() >= MOST:
            raise TooManyWebhooks(MOST)
        endpoint.save(force_insert=True)
        _record(actor, "webhook.create", endpoint, events=endpoint.event_types)
    return Signed(endpoint, secret)


def update(
    actor: Actor,
    *,
    endpoint_id: UUID,
    url: str | None = None,
    description: str | None = None,
    event_types: Collection[str] | None = None,
    enabled: bool | None = None,
) -> WebhookEndpoint:
    """Change an endpoint: what is None stays. Switched off, what waits for it has failed.

    Raises:
        NotAllowed, NotThere
        WebhookInvalid: as one of its kinds, which name the argument that is wrong.

    """
    require(actor, Action.WEBHOOK_MANAGE)
    with transaction.atomic():
        endpoint = _held(actor, endpoint_id, kind=EndpointKind.ENDPOINT)
        if url is not None:
            endpoint.url = checked_url(url)
        if description is not None:
            endpoint.description = _description(description)
        if event_types is not None:
            endpoint.event_types = _event_types(event_types)
        endpoint.save(update_fields=["url", "description", "event_types"])
        if enabled is False and endpoint.enabled:
            webhook_queue.switch_off(endpoint, because=Disabled.ASKED, now=clock.now())
        elif enabled and not endpoint.enabled:
            webhook_queue.switch_on(endpoint)
        _record(
            actor,
            "webhook.change",
            endpoint,
            events=endpoint.event_types,
            enabled=endpoint.enabled,
        )
    return endpoint


def delete(actor: Actor, *, endpoint_id: UUID) -> None:
    """Remove an endpoint with its log; nothing more is sent to it.

    Raises:
        NotAllowed, NotThere

    """
    require(actor, Action.WEBHOOK_MANAGE)
    now = clock.now()
    with transaction.atomic():
        endpoint = _held(actor, endpoint_id, kind=EndpointKind.ENDPOINT)
        webhook_queue.switch_off(endpoint, because=Disabled.ASKED, now=now)
        endpoint.deleted_at = now
        endpoint.url = endpoint.description = ""
        endpoint.sealed_secret = endpoint.sealed_old_secret = ""
        endpoint.save()
        _record(actor, "webhook.delete", endpoint)
        idempotency.forget(actor.account_id, object_ids=[endpoint.pk])


def rotate_secret(actor: Actor, *, endpoint_id: UUID, keep_hours: int = OLD_SECRET_HOURS) -> Signed:
    """Make a new secret, told once; for ``keep_hours`` messages are signed with the old one too.

    Raises:
        NotAllowed, NotThere

    """
    require(actor, Action.WEBHOOK_MANAGE)
    secret = events.new_secret()
    with transaction.atomic():
        endpoint = _held(actor, endpoint_id)
        endpoint.sealed_old_secret = endpoint.sealed_secret if keep_hours > 0 else ""
        endpoint.old_secret_until = clock.now() + timedelta(hours=max(0, min(keep_hours, 168)))
        endpoint.secret = secret
        endpoint.save(update_fields=["sealed_secret", "sealed_old_secret", "old_secret_until"])
        _record(actor, "webhook.rotate", endpoint)
    return Signed(endpoint, secret)


def rotate_per_fax_secret(actor: Actor, *, keep_hours: int = OLD_SECRET_HOURS) -> Signed:
    """Make a new secret for the addresses that faxes name, also before any fax named one.

    Raises:
        NotAllowed

    """
    require(actor, Action.WEBHOOK_MANAGE)
    endpoint = events.per_fax_endpoint(actor.account_id, at=clock.now())
    return rotate_secret(actor, endpoint_id=endpoint.pk, keep_hours=keep_hours)


def endpoints_for(actor: Actor) -> list[WebhookEndpoint]:
    """The account's endpoints, newest first; last that of its faxes' own URLs, if any had one.

    Raises:
        NotAllowed

    """
    require(actor, Action.WEBHOOK_MANAGE)
    return list(_visible(actor).select_related("created_by").order_by("kind", "-id"))


def endpoint_for(actor: Actor, *, endpoint_id: UUID) -> WebhookEndpoint:
    """One endpoint of the account.

    Raises:
        NotAllowed, NotThere

    """
    require(actor, Action.WEBHOOK_MANAGE)
    found = _visible(actor).select_related("created_by").filter(pk=endpoint_id).first()
    if found is None:
        raise NotThere
    return found


def messages_for(
    actor: Actor,
    *,
    endpoint_id: UUID,
    state: MessageState | None = None,
    below: UUID | None = None,
    size: int = PAGE_SIZE,
) -> MessagePage:
    """A page of an endpoint's delivery log, newest first: messages with an id below ``below``.

    Raises:
        NotAllowed, NotThere

    """
    endpoint = endpoint_for(actor, endpoint_id=endpoint_id)
    rows = WebhookMessage.objects.visible_to(actor).filter(endpoint=endpoint)
    if state:
        rows = rows.filter(state=state)
    if below:
        rows = rows.filter(pk__lt=below)
    found = list(rows.order_by("-pk")[: size + 1])
    return MessagePage(found[:size], found[size - 1].pk if len(found) > size else None)


def message_for(actor: Actor, *, message_id: UUID) -> Told:
    """One message, with what is sent and what was answered.

    Raises:
        NotAllowed, NotThere

    """
    require(actor, Action.WEBHOOK_MANAGE)
    message = _messages(actor).select_related("endpoint").filter(pk=message_id).first()
    if message is None:
        raise NotThere
    tries = WebhookTry.objects.visible_to(actor).filter(message=message).order_by("-pk")
    return Told(message, events.body_of(message), list(tries))


def redeliver(actor: Actor, *, message_id: UUID) -> WebhookMessage:
    """Send a message again, under the same id; one that still waits is sent now.

    Raises:
        NotAllowed, NotThere
        WebhookOff: its endpoint is switched off.

    """
    require(actor, Action.WEBHOOK_MANAGE)
    now = clock.now()
    with transaction.atomic():
        message = message_for(actor, message_id=message_id).message
        endpoint = _held(actor, message.endpoint_id)
        if not endpoint.enabled:
            raise WebhookOff
        one = WebhookMessage.objects.visible_to(actor).filter(pk=message.pk)
        if not webhook_queue.begin_again(one, now=now):
            one.filter(next_at__gt=now, lease_until__isnull=True).update(next_at=now)
        _record(actor, "webhook.redeliver", endpoint, messages=1)
    return one.get()


def redeliver_failed(
    actor: Actor, *, endpoint_id: UUID, since: datetime, until: datetime | None = None
) -> int:
    """Send all messages of a time again that failed: since ≤ when they were written < until.

    Raises:
        NotAllowed, NotThere
        WebhookOff: the endpoint is switched off.

    """
    require(actor, Action.WEBHOOK_MANAGE)
    now = clock.now()
    with transaction.atomic():
        endpoint = _held(actor, endpoint_id)
        if not endpoint.enabled:
            raise WebhookOff
        failed = WebhookMessage.objects.visible_to(actor).filter(
            endpoint=endpoint,
            state=MessageState.FAILED,
            created_at__gte=since,
            created_at__lt=until or now + timedelta(seconds=1),
        )
        begun = webhook_queue.begin_again(failed, now=now)
        _record(actor, "webhook.redeliver", endpoint, messages=begun)
    return begun


def send_test(actor: Actor, *, endpoint_id: UUID) -> WebhookMessage:
    """Have a message sent that tells of nothing, to try the endpoint.

    Raises:
        NotAllowed, NotThere
        WebhookOff: the endpoint is switched off.

    """
    endpoint = endpoint_for(actor, endpoint_id=endpoint_id)
    if not endpoint.enabled or endpoint.kind != EndpointKind.ENDPOINT:
        raise WebhookOff
    now = clock.now()
    with transaction.atomic():
        _record(actor, "webhook.test", endpoint)
        return WebhookMessage.objects.create(
            account_id=actor.account_id,
            endpoint=endpoint,
            type=EventType.WEBHOOK_TEST,
            object_type="webhook",
            object_id=endpoint.pk,
            data=events.ids_of(actor.account_id, object_type="webhook", object_id=endpoint.pk),
            created_at=now,
            next_at=now,
        )


def _visible(actor: Actor) -> QuerySet[WebhookEndpoint]:
    """Those that are told in our words; of the others ``accounts.services.hooks`` knows."""
    rows = WebhookEndpoint.objects.visible_to(actor)
    return rows.filter(deleted_at__isnull=True, kind__in=_OURS)


def _messages(actor: Actor) -> QuerySet[WebhookMessage]:
    rows = WebhookMessage.objects.visible_to(actor)
    return rows.filter(endpoint__deleted_at__isnull=True, endpoint__kind__in=_OURS)


def _held(actor: Actor, endpoint_id: UUID, *, kind: EndpointKind | None = None) -> WebhookEndpoint:
    """An endpoint of the account, held until the transaction ends."""
    rows = _visible(actor).select_for_update(no_key=True).filter(pk=endpoint_id)
    found = (rows.filter(kind=kind) if kind else rows).first()
    if found is None:
        raise NotThere
    return found


def checked_url(written: str) -> str:
    """An address that may be told, in its one form.

    Raises:
        WebhookUrlInvalid, WebhookUrlNotAllowed

    """
    target = read_url(written.strip())
    if target is None:
        raise WebhookUrlInvalid
    if not may_ask(target, allowed=settings.FETCH_ALLOW):
        raise WebhookUrlNotAllowed
    return target.url


def _description(written: str) -> str:
    plain = " ".join(written.replace("\0", " ").split())
    if len(plain) > _DESCRIPTION_LENGTH:
        raise WebhookTextTooLong
    return plain


def _event_types(wanted: Collection[str]) -> list[str]:
    if not set(wanted) <= set(EVENT_TYPES):
        raise EventTypeUnknown
    return [str(each) for each in EVENT_TYPES if each in wanted]


def _record(actor: Actor, action: str, endpoint: WebhookEndpoint, **facts: object) -> None:
    audit.record(actor, action=action, object_type="webhook", object_id=endpoint.pk, **facts)
