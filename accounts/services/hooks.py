"""Webhooks that are told in a vendor's own words, made and changed whole as its programs do it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts import clock
from accounts.errors import NotThere, TooManyWebhooks
from accounts.models import Account, Disabled, EndpointKind, WebhookEndpoint, WebhookTry
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit, idempotency, webhook_queue
from accounts.services.webhooks import checked_url
from accounts.tenancy import require

MOST: Final = 50
MOST_TRIES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HookTerms:
    """What such a webhook is: whom it tells of which words, and how (``options``).

    ``with_below``: it hears of the accounts below as well, as far as they share.
    """

    name: str
    url: str
    words: tuple[str, ...]
    enabled: bool = True
    with_below: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def create_hook(actor: Actor, *, terms: HookTerms) -> WebhookEndpoint:
    """Add a webhook of the actor's account.

    Raises:
        NotAllowed
        WebhookUrlInvalid, WebhookUrlNotAllowed
        TooManyWebhooks

    """
    require(actor, Action.WEBHOOK_MANAGE)
    hook = WebhookEndpoint(
        account_id=actor.account_id,
        kind=EndpointKind.KAZOO,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    _fill(actor, hook, terms)
    if not terms.enabled:
        _note_off(hook)
    with transaction.atomic():
        # one at a time, so that two together do not pass the limit
        rows = Account.objects.select_for_update(no_key=True).filter(pk=actor.account_id)
        list(rows.values_list("pk"))
        if _visible(actor).count() >= MOST:
            raise TooManyWebhooks(MOST)
        hook.save(force_insert=True)
        _record(actor, "webhook.create", hook, events=hook.event_types)
    return hook


def change_hook(
    actor: Actor, *, hook_id: UUID, change: Callable[[WebhookEndpoint], HookTerms]
) -> WebhookEndpoint:
    """Make a webhook what the terms say; switched off, what waits for it has failed.

    ``change`` makes the terms of what it is, which nobody else changes meanwhile.

    Raises:
        NotAllowed, NotThere
        WebhookUrlInvalid, WebhookUrlNotAllowed

    """
    require(actor, Action.WEBHOOK_MANAGE)
    with transaction.atomic():
        hook = _held(actor, hook_id)
        terms = change(hook)
        _fill(actor, hook, terms)
        hook.save()
        if not terms.enabled and hook.enabled:
            webhook_queue.switch_off(hook, because=Disabled.ASKED, now=clock.now())
        elif terms.enabled and not hook.enabled:
            webhook_queue.switch_on(hook)
        _record(actor, "webhook.change", hook, events=hook.event_types, enabled=hook.enabled)
    return hook


def delete_hook(actor: Actor, *, hook_id: UUID) -> None:
    """Remove a webhook; nothing more is sent to it.

    Raises:
        NotAllowed, NotThere

    """
    require(actor, Action.WEBHOOK_MANAGE)
    now = clock.now()
    with transaction.atomic():
        hook = _held(actor, hook_id)
        webhook_queue.switch_off(hook, because=Disabled.ASKED, now=now)
        hook.deleted_at = now
        hook.url = hook.description = ""
        hook.options = {}
        hook.save()
        _record(actor, "webhook.delete", hook)
        idempotency.forget(actor.account_id, object_ids=[hook.pk])


def hooks_for(actor: Actor) -> list[WebhookEndpoint]:
    """The account's webhooks of this kind, newest first.

    Raises:
        NotAllowed

    """
    require(actor, Action.WEBHOOK_MANAGE)
    return list(_visible(actor).order_by("-id"))


def hook_for(actor: Actor, *, hook_id: UUID) -> WebhookEndpoint:
    """One webhook of the account.

    Raises:
        NotAllowed, NotThere

    """
    require(actor, Action.WEBHOOK_MANAGE)
    found = _visible(actor).filter(pk=hook_id).first()
    if found is None:
        raise NotThere
    return found


def tries_for(
    actor: Actor, *, hook_id: UUID | None = None, limit: int = MOST_TRIES
) -> list[tuple[UUID, WebhookTry]]:
    """The last tries at the account's webhooks, or at one of them, each with whose it was.

    Raises:
        NotAllowed

    """
    keys = [each.pk for each in hooks_for(actor) if hook_id in {None, each.pk}]
    tries = WebhookTry.objects.visible_to(actor).filter(message__endpoint__in=keys)
    rows = tries.select_related("message").order_by("-pk")[:limit]
    return [(each.message.endpoint_id, each) for each in rows]


def _fill(actor: Actor, hook: WebhookEndpoint, terms: HookTerms) -> None:
    url = checked_url(terms.url)
    # Who is at an address that a provider named hears no more than the account shows to providers,
    # whoever changes what else about it.
    outside = actor.role == Role.PROVIDER if url != hook.url else hook.is_providers
    hook.url = url
    hook.description = terms.name
    hook.event_types = list(terms.words)
    hook.with_below = terms.with_below
    hook.options = {**terms.options, "by_provider": outside}


def _note_off(hook: WebhookEndpoint) -> None:
    hook.enabled = False
    hook.disabled_at = clock.now()
    hook.disabled_because = Disabled.ASKED


def _visible(actor: Actor) -> QuerySet[WebhookEndpoint]:
    rows = WebhookEndpoint.objects.visible_to(actor)
    return rows.filter(deleted_at__isnull=True, kind=EndpointKind.KAZOO)


def _held(actor: Actor, hook_id: UUID) -> WebhookEndpoint:
    """A webhook of the account, held until the transaction ends."""
    found = _visible(actor).select_for_update(no_key=True).filter(pk=hook_id).first()
    if found is None:
        raise NotThere
    return found


def _record(actor: Actor, action: str, hook: WebhookEndpoint, **facts: object) -> None:
    audit.record(actor, action=action, object_type="webhook", object_id=hook.pk, **facts)
