"""The key that an account's callbacks in LaML are signed with, and what was told and asked by them.

An account has one key, which its administrators may look up again: whoever checks signatures
elsewhere has it too, and it opens nothing. It is not a provider's, who could sign in its name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from accounts import clock
from accounts.errors import NotAllowed
from accounts.models import EndpointKind, WebhookEndpoint, WebhookMessage, WebhookTry
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit, events
from accounts.tenancy import require

_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Called:
    """A message or question, with its last try: None while there was none."""

    message: WebhookMessage
    last: WebhookTry | None

    @property
    def asked(self) -> bool:
        """Whether it was a question, before a number answered."""
        return bool(self.message.options.get("asked"))


def signing_key(actor: Actor) -> str:
    """The key of the actor's account, made if there is none yet; that it was looked at is recorded.

    Raises:
        NotAllowed: also to providers.

    """
    _require_own(actor)
    with transaction.atomic():
        endpoint = _held(actor)
        if not endpoint.secret:  # its seal is of a secret that is known no longer
            return _renewed(actor, endpoint)
        audit.record_look(
            actor, action="webhook.signing_key", object_type="webhook", object_id=endpoint.pk
        )
    return endpoint.secret


def new_signing_key(actor: Actor) -> str:
    """Another key for the actor's account: all that is sent from now on is signed with it.

    Raises:
        NotAllowed: also to providers.

    """
    _require_own(actor)
    with transaction.atomic():
        return _renewed(actor, _held(actor))


def recent_calls(actor: Actor) -> Sequence[Called]:
    """What was told and asked last, newest first.

    Raises:
        NotAllowed: also to providers.

    """
    _require_own(actor)
    rows = WebhookMessage.objects.visible_to(actor).filter(endpoint__kind=EndpointKind.LAML)
    found = list(rows.order_by("-pk")[:_SHOWN])
    tries = WebhookTry.objects.visible_to(actor).filter(message__in=found).order_by("pk")
    last = {each.message_id: each for each in tries}
    return [Called(message, last.get(message.pk)) for message in found]


def _require_own(actor: Actor) -> None:
    require(actor, Action.WEBHOOK_MANAGE)
    if actor.role == Role.PROVIDER:
        raise NotAllowed(Action.WEBHOOK_MANAGE.value)


def _held(actor: Actor) -> WebhookEndpoint:
    """What holds the key, held until the transaction ends."""
    made = events.signing_endpoint(actor.account_id, at=clock.now())
    return WebhookEndpoint.objects.visible_to(actor).select_for_update().get(pk=made.pk)


def _renewed(actor: Actor, endpoint: WebhookEndpoint) -> str:
    key = events.new_signing_key()
    endpoint.secret = key
    endpoint.save(update_fields=["sealed_secret"])
    audit.record(actor, action="webhook.rotate", object_type="webhook", object_id=endpoint.pk)
    return key
