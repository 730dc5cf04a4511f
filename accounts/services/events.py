"""Tell of what happens: a message for each endpoint that listens, in the caller's transaction."""

import base64
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import (
    Account,
    EndpointKind,
    EventType,
    Shared,
    Sharing,
    WebhookEndpoint,
    WebhookMessage,
    WebhookTry,
)
from accounts.prepared import Prepared

_SECRET_BYTES: Final = 32
_AT_ONCE: Final = 500
_NOBODY: Final = frozenset({EventType.WEBHOOK_TEST})  # is sent to one endpoint, and told to none


@dataclass(frozen=True, slots=True)
class About:
    """One thing that is told of: ``data`` are plain values without content.

    With a ``url`` that one is told as well. ``word`` says what happened to those who are told in
    other words than ours, and choose by theirs; ``callback`` is one of them for this thing alone.
    Of what is ``private`` those outside of the account do not hear in that way.
    """

    object_id: UUID
    data: dict[str, Any]
    url: str = ""
    word: str = ""
    callback: "Callback | None" = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Callback:
    """Where to tell of one thing: in the words of ``kind``, and as ``options`` say."""

    url: str
    options: dict[str, Any]
    kind: EndpointKind = EndpointKind.CALLBACK


@dataclass(frozen=True, slots=True)
class _To:
    """Whom a message is for: an endpoint of an account, at another URL than its own if said."""

    account_id: UUID
    endpoint_id: UUID
    url: str = ""
    options: dict[str, Any] = field(default_factory=dict)


def emit(
    account_id: UUID,
    *,
    event: EventType,
    object_type: str,
    object_id: UUID,
    data: dict[str, Any],
    at: datetime,
    url: str = "",
    above: Collection[UUID] = (),
) -> None:
    """Write a message for each endpoint of the account that wants to hear of the event.

    ``above`` are accounts whose endpoints hear of it too. Nothing is sent here: whoever delivers
    finds the message once the transaction is committed. One query where nobody listens.
    """
    about = [About(object_id, data, url)]
    emit_all(account_id, event=event, object_type=object_type, about=about, at=at, above=above)


def emit_all(
    account_id: UUID,
    *,
    event: EventType,
    object_type: str,
    about: Collection[About],
    at: datetime,
    above: Collection[UUID] = (),
) -> None:
    """Write messages of one type about several things of an account, as ``emit`` does for one."""
    listeners = [_To(owner, key) for owner, key in _listeners({account_id, *above}, event)]
    to = {one.object_id: list(listeners) for one in about}
    if any(one.url for one in about):
        beside = per_fax_endpoint(account_id, at=at).pk
        for one in about:
            to[one.object_id] += [_To(account_id, beside, one.url)] if one.url else []
    _add_worded(to, account_id, about, at)
    messages = [
        WebhookMessage(
            account_id=each.account_id,
            endpoint_id=each.endpoint_id,
            url=each.url,
            type=event,
            object_type=object_type,
            object_id=one.object_id,
            # who is told in other words is told what is known at that moment
            data=ids_of(account_id, object_type=object_type, object_id=one.object_id)
            if each.options
            else one.data,
            options=each.options,
            created_at=at,
            next_at=at,
        )
        for one in about
        for each in to[one.object_id]
    ]
    if messages:
        WebhookMessage.objects.bulk_create(messages, batch_size=_AT_ONCE)


def call_back(
    account_id: UUID, *, event: EventType, object_type: str, about: About, at: datetime
) -> None:
    """Write a message of one thing for its ``callback``, and nobody else.

    In the caller's transaction. It stands in the log of the account's one endpoint of that kind.
    """
    if about.callback is None:
        return
    WebhookMessage.objects.create(
        account_id=account_id,
        endpoint=_only_endpoint(account_id, about.callback.kind, at=at),
        url=about.callback.url,
        type=event,
        object_type=object_type,
        object_id=about.object_id,
        data=ids_of(account_id, object_type=object_type, object_id=about.object_id),
        options=about.callback.options,
        created_at=at,
        next_at=at,
    )


def last_called_back(account_id: UUID, *, kind: EndpointKind, object_id: UUID) -> dict[str, Any]:
    """How a thing's callback was told last: the ``options`` of that message; empty if never."""
    told = WebhookMessage.objects.for_account(account_id).filter(object_id=object_id)
    last = told.filter(endpoint__kind=kind).order_by("-pk").first()
    return last.options if last else {}


def _add_worded(
    to: dict[UUID, list[_To]], account_id: UUID, about: Collection[About], at: datetime
) -> None:
    """Add those who are told in other words than ours, each thing by its word."""
    if not any(one.word for one in about):
        return
    hearers = _hearers(account_id)
    if any(one.callback for one in about):
        by_callback = _only_endpoint(account_id, EndpointKind.CALLBACK, at=at).pk
    for one in about:
        to[one.object_id] += [
            _To(each.account_id, each.pk, options={"word": one.word})
            for each in hearers
            if each.wants(one.word) and not (one.private and _is_outside(each, account_id))
        ]
        if one.callback:
            options = {**one.callback.options, "word": one.word}
            to[one.object_id] += [_To(account_id, by_callback, one.callback.url, options)]


def forget(account_id: UUID, *, object_type: str, object_id: UUID) -> None:
    """Reduce what was told of an object to its ids, as it is deleted; in that transaction.

    What is still to be sent is reduced too, and what endpoints answered goes.
    """
    all_told = WebhookMessage.objects.across_tenants(why="accounts above were told of it too")
    told = all_told.filter(object_id=object_id, object_type=object_type)
    keys = list(told.values_list("pk", flat=True))
    if not keys:
        return
    messages = all_told.filter(pk__in=keys)
    messages.update(data=ids_of(account_id, object_type=object_type, object_id=object_id))
    tries = WebhookTry.objects.across_tenants(why="accounts above were told of it too")
    tries.filter(message_id__in=keys).update(response_body="", response_headers={})


def ids_of(account_id: UUID, *, object_type: str, object_id: UUID) -> dict[str, str]:
    """What is told of any object, and all that is told of one that is gone."""
    return {"id": str(object_id), "object": object_type, "account_id": str(account_id)}


def body_of(message: WebhookMessage) -> str:
    """What is sent: the same at every try, as long as the message stays as it is."""
    at = message.created_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return json.dumps(
        {
            "type": message.type,
            "timestamp": at.replace("+00:00", "Z"),
            "sequence": message.sequence,
            "data": message.data,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def new_secret() -> str:
    """A secret to sign with, as the makers of Standard Webhooks write one."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


def new_signing_key() -> str:
    """A key to sign callbacks with where there is but one of them at a time, in its usual form."""
    return f"PSK_{secrets.token_hex(_SECRET_BYTES)}"


def signing_endpoint(account_id: UUID, *, at: datetime) -> WebhookEndpoint:
    """What tells an account in LaML's words, and holds the signing key; made if there is none."""
    return _only_endpoint(account_id, EndpointKind.LAML, at=at)


def per_fax_endpoint(account_id: UUID, *, at: datetime) -> WebhookEndpoint:
    """What the account's faxes with a URL of their own are told by; made if there is none yet."""
    return _only_endpoint(account_id, EndpointKind.PER_FAX, at=at)


def _only_endpoint(account_id: UUID, kind: EndpointKind, *, at: datetime) -> WebhookEndpoint:
    """The endpoint of a kind of which an account has one; made if there is none yet."""
    rows = WebhookEndpoint.objects.for_account(account_id).filter(kind=kind)
    found = rows.first()
    if found is None:
        made = WebhookEndpoint(account_id=account_id, kind=kind, created_at=at)
        made.secret = new_signing_key() if kind == EndpointKind.LAML else new_secret()
        WebhookEndpoint.objects.bulk_create([made], ignore_conflicts=True)
        found = rows.get()
    return found


def _listeners(account_ids: Collection[UUID], event: EventType) -> list[tuple[UUID, UUID]]:
    """The endpoints that hear of an event, as ids of account and endpoint."""
    if event in _NOBODY:
        return []
    rows = WebhookEndpoint.objects.across_tenants(why="accounts above hear of accounts below")
    listening = rows.filter(
        account_id__in=account_ids, enabled=True, kind=EndpointKind.ENDPOINT
    ).only("account_id", "event_types")
    return [(each.account_id, each.pk) for each in listening if each.wants(event)]


def _hearers(account_id: UUID) -> list[WebhookEndpoint]:
    """The endpoints that are told in other words, of an account and of those above that listen.

    Those outside hear of an account that shows them its fax records.
    """
    hearers = _HEARERS.rows(account_id=account_id)
    if any(_is_outside(each, account_id) for each in hearers):
        shared = Sharing.objects.for_account(account_id).filter(fax_records=Shared.NONE)
        if shared.exists():
            return [each for each in hearers if not _is_outside(each, account_id)]
    return hearers


def _is_outside(hearer: WebhookEndpoint, account_id: UUID) -> bool:
    """Whether somebody above the account is told: by a webhook of theirs, or one made in it."""
    return hearer.account_id != account_id or hearer.is_providers


def _hearing(account_id: UUID) -> QuerySet[WebhookEndpoint]:
    rows = WebhookEndpoint.objects.across_tenants(why="accounts above hear of accounts below")
    within = Account.objects.filter(pk=account_id).annotate(above=OuterRef("account__path"))
    return rows.filter(
        Q(account_id=account_id)
        | Q(with_below=True) & Exists(within.filter(path__startswith=F("above"))),
        enabled=True,
        kind=EndpointKind.KAZOO,
    )


_HEARERS: Final = Prepared(_hearing)
