"""The messages that wait to be delivered: claimed by a lease, settled, tried again, given up.

Whoever delivers claims a message by a guarded UPDATE and settles it by another. One that dies in
between leaves a lease that ends, and the message is claimed again: at least once, under one id.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from random import SystemRandom
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import (
    Disabled,
    EndpointKind,
    MessageState,
    WebhookEndpoint,
    WebhookMessage,
    WebhookTry,
)
from accounts.services.events import body_of

# Longer than any try may take.
LEASE: Final = timedelta(seconds=45)
# Deliveries under way at once: an endpoint that hangs holds itself up, and no other.
AT_ONCE_EACH: Final = 2
AT_ONCE_ACCOUNT: Final = 6
# With so many under way in all, an account gets one at a time: a few whose endpoints hang must not
# take every thread.
CROWDED: Final = 16
WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
# Some later than others, so that what failed together does not come back together.
JITTER: Final = 0.1
_LONGEST_WISH: Final = timedelta(hours=24)  # that an endpoint may put us off for
_GIVE_UP_AFTER: Final = timedelta(days=3)
_KEPT: Final = timedelta(days=30)
_DELETED_KEPT: Final = timedelta(hours=1)
_AT_ONCE: Final = 500
_PORTIONS: Final = 20
# Of those that are told a fax's every step: the next step must not wait for long.
SOON: Final = (timedelta(seconds=5), timedelta(seconds=30))
_GONE_STATUS: Final = 410
_SUCCESS: Final = range(200, 300)
_PUT_OFF: Final = frozenset({429, 503})
_IN_OTHER_WORDS: Final = frozenset({EndpointKind.CALLBACK, EndpointKind.KAZOO, EndpointKind.LAML})
USUAL_RETRIES: Final = 2  # of those


@dataclass(frozen=True, slots=True)
class Worded:
    """What whoever is told in other words than ours is told of; ``options`` say how.

    ``account_id`` is whose the thing is, ``endpoint_id`` who hears of it, ``at`` when it happened.
    """

    kind: EndpointKind
    endpoint_id: UUID
    account_id: UUID
    object_type: str
    object_id: UUID
    at: datetime
    options: Mapping[str, Any]

    @property
    def retries(self) -> int:
        """How often it is tried again when nobody answers."""
        return int(self.options.get("retries", USUAL_RETRIES))

    @property
    def signed(self) -> bool:
        """Whether it is signed, told step by step, and tried again after the error of a server."""
        return self.kind == EndpointKind.LAML

    def is_last_word(self, status: int | None) -> bool:
        """Whether there is no use in trying again after such an answer."""
        if self.signed:
            return status is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR
        return status is not None

    @property
    def welcome(self) -> frozenset[int]:
        """The answers that say that it is there."""
        if self.signed:
            return frozenset(_SUCCESS)
        made = {HTTPStatus.CREATED} if self.options.get("verb") == "put" else frozenset()
        return frozenset({HTTPStatus.OK, *made})


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed message as it is to be sent. ``number`` is the try's, and who claims it by.

    ``body`` is what is sent, unless it is told in other words: ``worded``.
    """

    message_id: UUID
    account_id: UUID
    number: int
    url: str
    secrets: tuple[str, ...]
    body: str
    worded: Worded | None = None

    def delivered(self, answer: "Answer") -> bool:
        """Whether the endpoint has it."""
        return answer.status in (self.worded.welcome if self.worded else _SUCCESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a try: a ``status``, or an ``error_code`` where no answer came.

    ``retry_after`` is for how long the endpoint asks not to be asked.
    """

    status: int | None = None
    error_code: str = ""
    seconds: float = 0.0
    request_headers: Mapping[str, str] = field(default_factory=dict)
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: str = ""
    retry_after: timedelta | None = None


def claim_next(now: datetime) -> Parcel | None:
    """Claim the message that is due longest, of an endpoint that is not busy; None without one.

    The sequence of its endpoint goes on with it.
    """
    passed: set[UUID] = set()
    while True:
        found = _due(now).exclude(pk__in=passed).order_by("next_at", "id").first()
        if found is None:
            return None
        parcel = _claimed(found, now)
        if parcel is not None:
            return parcel
        passed.add(found.pk)  # somebody else was quicker


def settle(parcel: Parcel, answer: Answer, *, now: datetime) -> bool:
    """Note what came of a try, and what follows; False if the message is not ours any more."""
    with transaction.atomic():
        message = _messages().filter(pk=parcel.message_id).first()
        if message is None:
            return False
        endpoint = _held(message.endpoint_id)
        wait = None if answer.status == _GONE_STATUS else _wait(message, parcel, answer)
        ours = _messages().filter(
            pk=parcel.message_id, tries=parcel.number, lease_until__isnull=False
        )
        delivered = parcel.delivered(answer)
        if delivered:
            noted = ours.update(**_ended(MessageState.DELIVERED, now))
        elif wait is None:
            noted = ours.update(**_ended(MessageState.FAILED, now))
        else:
            noted = ours.update(next_at=now + wait, lease_until=None)
        if not noted:
            return False
        _put_down(parcel, answer, now)
        _note_health(endpoint, answer, now, delivered=delivered)
    return True


def begin_again(messages: QuerySet[WebhookMessage], *, now: datetime) -> int:
    """Have messages sent anew, under the same ids; what is under way goes on. How many."""
    ended = messages.filter(next_at__isnull=True)
    return ended.update(
        state=MessageState.PENDING, next_at=now, ended_at=None, plan_from=F("tries")
    )


def switch_off(endpoint: WebhookEndpoint, *, because: Disabled, now: datetime) -> None:
    """Switch an endpoint off, in the caller's transaction; what waits for it has failed."""
    endpoint.enabled = False
    endpoint.disabled_at = now
    endpoint.disabled_because = because
    endpoint.told_at = None
    endpoint.save(update_fields=["enabled", "disabled_at", "disabled_because", "told_at"])
    waiting = _messages().filter(endpoint=endpoint, next_at__isnull=False)
    waiting.update(**_ended(MessageState.FAILED, now))


def switch_on(endpoint: WebhookEndpoint) -> None:
    """Switch an endpoint on again, in the caller's transaction; it hears of what is to come."""
    endpoint.enabled = True
    endpoint.disabled_at = endpoint.told_at = endpoint.failing_since = None
    endpoint.disabled_because = ""
    endpoint.save(
        update_fields=["enabled", "disabled_at", "disabled_because", "told_at", "failing_since"]
    )


def forget_old(now: datetime) -> None:
    """Remove messages that ended a month ago, and deleted endpoints with theirs, in portions."""
    deleted = _endpoints().filter(deleted_at__isnull=False)
    for old in (
        _messages().filter(ended_at__lt=now - _KEPT),
        _messages().filter(endpoint__in=deleted),
    ):
        for _ in range(_PORTIONS):  # each short, so that nobody waits long to write
            keys = list(old.values_list("pk", flat=True)[:_AT_ONCE])
            _messages().filter(pk__in=keys).delete()
            if len(keys) < _AT_ONCE:
                break
    # whoever is just writing to one must find it
    empty = deleted.filter(deleted_at__lt=now - _DELETED_KEPT, messages__isnull=True)
    _endpoints().filter(pk__in=list(empty.values_list("pk", flat=True)[:_AT_ONCE])).delete()


def _messages() -> QuerySet[WebhookMessage]:
    return WebhookMessage.objects.across_tenants(why="whoever delivers does so for all")


def _endpoints() -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.across_tenants(why="whoever delivers does so for all")


def _due(now: datetime) -> QuerySet[WebhookMessage]:
    """Messages that may be claimed, of whoever is not busy with others."""
    under_way = _messages().filter(lease_until__gt=now)
    busy = Counter(under_way.values_list("account_id", "endpoint_id", "url"))
    accounts = Counter(account_id for account_id, _, _ in busy.elements())
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    due = _messages().filter(free, next_at__lte=now)
    due = due.exclude(Exists(_steps_before()))
    most = AT_ONCE_ACCOUNT if accounts.total() < CROWDED else 1
    due = due.exclude(account_id__in=[key for key, number in accounts.items() if number >= most])
    for (account_id, endpoint_id, url), number in busy.items():
        # once half is taken, the rest is for those of the account that wait for nobody
        if number >= AT_ONCE_EACH or accounts[account_id] >= AT_ONCE_ACCOUNT // 2:
            due = due.exclude(endpoint_id=endpoint_id, url=url)
    return due


def _steps_before() -> QuerySet[WebhookMessage]:
    """Earlier steps of the same thing that were not told yet, where steps are told in order."""
    return _messages().filter(
        endpoint=OuterRef("endpoint"),
        endpoint__kind=EndpointKind.LAML,
        object_id=OuterRef("object_id"),
        pk__lt=OuterRef("pk"),
        next_at__isnull=False,
    )


def _claimed(message: WebhookMessage, now: datetime) -> Parcel | None:
    """Claim a message, if it is still as it was found and its endpoint is not busy."""
    with transaction.atomic():
        try:
            endpoint = _held(message.endpoint_id)
        except WebhookEndpoint.DoesNotExist:  # erased with its account a moment ago
            return None
        beside = _messages().filter(endpoint=endpoint, url=message.url, lease_until__gt=now)
        if beside.count() >= AT_ONCE_EACH:
            return None
        ours = _messages().filter(pk=message.pk, tries=message.tries, next_at=message.next_at)
        if not endpoint.enabled:  # since the message was written
            ours.update(**_ended(MessageState.FAILED, now))
            return None
        if not ours.update(lease_until=now + LEASE, tries=F("tries") + 1):
            return None
        if message.sequence is None:
            _number(endpoint, up_to=message.pk)
        message = _messages().get(pk=message.pk)
    worded = _worded(endpoint, message)
    signed_with = [] if worded and not worded.signed else [endpoint.secret]
    if endpoint.old_secret_until is not None and endpoint.old_secret_until > now:
        signed_with.append(endpoint.old_secret)
    return Parcel(
        message_id=message.pk,
        account_id=message.account_id,
        number=message.tries,
        url=message.url or endpoint.url,
        secrets=tuple(filter(None, signed_with)),
        body=body_of(message),
        worded=worded,
    )


def _worded(endpoint: WebhookEndpoint, message: WebhookMessage) -> Worded | None:
    if endpoint.kind not in _IN_OTHER_WORDS:
        return None
    return Worded(
        kind=EndpointKind(endpoint.kind),
        endpoint_id=endpoint.pk,
        account_id=UUID(message.data["account_id"]),
        object_type=message.object_type,
        object_id=message.object_id,
        at=message.created_at,
        options={**endpoint.options, **message.options},
    )


def _held(endpoint_id: UUID) -> WebhookEndpoint:
    """An endpoint, held until the transaction ends."""
    rows = _endpoints().select_for_update(no_key=True)
    return rows.get(pk=endpoint_id)


def _number(endpoint: WebhookEndpoint, *, up_to: UUID) -> None:
    """Number the messages of an endpoint in the order in which they were written."""
    rows = _messages().filter(endpoint=endpoint, sequence__isnull=True, pk__lte=up_to)
    new = list(rows.order_by("pk").only("pk"))
    for number, message in enumerate(new, start=endpoint.sequence + 1):
        message.sequence = number
    WebhookMessage.objects.across_tenants(why="of one endpoint").bulk_update(
        new, ["sequence"], batch_size=_AT_ONCE
    )
    _endpoints().filter(pk=endpoint.pk).update(sequence=endpoint.sequence + len(new))


def _wait(message: WebhookMessage, parcel: Parcel, answer: Answer) -> timedelta | None:
    """How long until the next try; None if that was the last."""
    done = message.tries - message.plan_from
    waits = WAITS
    if parcel.worded:
        if parcel.worded.is_last_word(answer.status) or done > parcel.worded.retries:
            return None
        waits = SOON if parcel.worded.signed else WAITS
    if done > len(waits):
        return None
    wait = waits[done - 1] * SystemRandom().uniform(1, 1 + JITTER)
    if waits is SOON:  # whatever the endpoint wishes: the next steps wait for this one
        return wait
    if answer.status in _PUT_OFF and answer.retry_after is not None:
        wait = max(wait, min(answer.retry_after, _LONGEST_WISH))
    return wait


def _ended(state: MessageState, now: datetime) -> dict[str, Any]:
    return {"state": state, "ended_at": now, "next_at": None, "lease_until": None}


def _put_down(parcel: Parcel, answer: Answer, now: datetime) -> None:
    """Write the try down; of a message that was reduced meanwhile without what was answered."""
    message = _messages().get(pk=parcel.message_id)
    if body_of(message) != parcel.body:
        answer = replace(answer, response_headers={}, response_body="")
    write_try(message, answer, now)


def write_try(message: WebhookMessage, answer: Answer, now: datetime) -> None:
    """Write a try at a message down, with what came of it."""
    WebhookTry.objects.create(
        account_id=message.account_id,
        message=message,
        at=now,
        status=answer.status,
        seconds=answer.seconds,
        request_headers=dict(answer.request_headers),
        response_headers=dict(answer.response_headers),
        response_body=answer.response_body,
        error_code=answer.error_code,
    )


def _note_health(
    endpoint: WebhookEndpoint, answer: Answer, now: datetime, *, delivered: bool
) -> None:
    """Note since when an endpoint fails, and switch off one that always does, or wants no more."""
    if delivered:
        if endpoint.failing_since is not None:
            _endpoints().filter(pk=endpoint.pk).update(failing_since=None)
        return
    if endpoint.failing_since is None:
        _endpoints().filter(pk=endpoint.pk).update(failing_since=now)
    if endpoint.kind != EndpointKind.ENDPOINT or not endpoint.enabled:
        return
    if answer.status == _GONE_STATUS:
        switch_off(endpoint, because=Disabled.GONE, now=now)
    elif endpoint.failing_since and endpoint.failing_since <= now - _GIVE_UP_AFTER:
        switch_off(endpoint, because=Disabled.FAILING, now=now)
