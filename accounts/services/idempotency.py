"""Requests that come twice do their work once, and are answered alike for a day.

The key is claimed in a transaction of its own before any work. Whatever the work puts on record it
also notes under the key, in the same transaction; so whoever finds the key of a process that died
knows whether its work was done. A claim is a lease: who lost it cannot commit any work.

What is written behind the work is not worth failing for: a database that is gone by then leaves
the same as a process that died.
"""

import hashlib
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

from django.db import Error, IntegrityError, transaction

from accounts import clock, patience
from accounts.errors import KeyReused, KeyUnderWay
from accounts.ids import new_id
from accounts.models import IdempotencyKey, IdempotencyObject
from accounts.scoping import Actor
from accounts.sealing import seal, unseal

log = logging.getLogger(__name__)

KEPT_FOR: Final = timedelta(hours=24)
LONGEST_KEY: Final = 255
# Longer than almost any request takes, and no longer than a client should wait for a process that
# died: one that works on behind it cannot commit.
_LEASE: Final = timedelta(seconds=45)
_WAIT: Final = 10.0  # seconds for a twin to finish
_WAIT_BRIEFLY: Final = 5.0  # where others wait already: each holds a thread
_waiting: Final = BoundedSemaphore(patience.AT_ONCE)
_LOOK_EVERY: Final = 0.05
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What the first request was answered; ``answer`` is empty if what it told of was erased.

    ``made`` are the objects that it made, as kind and id.
    """

    status: int
    answer: str
    made: tuple[tuple[str, UUID], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that is ours: to do the work under ``token``.

    ``made`` are the objects, as kind and id, of a process that died after its work was done.
    """

    token: UUID
    key: str
    made: tuple[tuple[str, UUID], ...] = ()


def claim(actor: Actor, *, key: str, request_digest: str) -> Claim | Told:
    """Take a key for a request, or hear what it was answered before; waits for a twin at work.

    ``request_digest`` is a SHA-256 of all that the request asks for.

    Raises:
        KeyReused: it was used for another request.
        KeyUnderWay: the first request with it is still at work after some seconds.

    """
    found = _tried(actor, key, request_digest)
    if found is not None:
        return found
    patient = patience.taken(_waiting)
    try:
        return _waited(actor, key, request_digest, _WAIT if patient else _WAIT_BRIEFLY)
    finally:
        if patient:
            patience.give_back(_waiting)


def keep(claimed: Claim, *, status: int, answer: str) -> None:
    """Keep what the request was answered, for those who ask the same again, if that can be."""
    sealed = seal(answer, purpose=_purpose(claimed.key))
    with _as_if_it_had_died():
        IdempotencyKey.rows.filter(token=claimed.token, status__isnull=True).update(
            status=status, answer=sealed
        )


def release(claimed: Claim) -> None:
    """Let go of a key whose request changed nothing; if it did after all, the lease just ends."""
    ours = IdempotencyKey.rows.filter(token=claimed.token, status__isnull=True)
    with _as_if_it_had_died():
        ours.filter(objects_made__isnull=True).delete()
        ours.update(lease_until=clock.now())


def note(token: UUID, *, object_type: str, object_id: UUID | None) -> None:
    """Note what was done under a key, in the transaction that does it.

    What was done to no one thing (many numbers, say) is noted with the account in its place: a
    repeat must know that it was done.

    Raises:
        KeyUnderWay: the key is somebody else's by now; the transaction must not be kept.

    """
    row = IdempotencyKey.rows.filter(token=token, status__isnull=True).select_for_update().first()
    if row is None:
        raise KeyUnderWay
    IdempotencyObject.rows.create(
        key=row,
        account_id=row.account_id,
        object_type=object_type,
        object_id=object_id or row.account_id,
    )


def forget(account_id: UUID, *, object_ids: Iterable[UUID]) -> None:
    """Erase the answers that tell of objects, in the transaction that erases those.

    An answer that is on its way to be kept at this moment is not: its key changes hands.
    """
    made = IdempotencyObject.objects.for_account(account_id).filter(object_id__in=list(object_ids))
    keys = IdempotencyKey.objects.for_account(account_id).filter(pk__in=made.values("key_id"))
    for each in keys.filter(status__isnull=True).values_list("pk", flat=True):
        IdempotencyKey.rows.filter(pk=each, status__isnull=True).update(
            token=new_id(), lease_until=clock.now()
        )
    # behind that: an answer that was kept a moment before its key changed hands is found here
    keys.filter(status__isnull=False).update(answer="")


def expire() -> None:
    """Remove keys whose day is over."""
    old = IdempotencyKey.objects.across_tenants(why="expiry").filter(expires_at__lte=clock.now())
    while keys := list(old.values_list("pk", flat=True)[:_AT_ONCE]):
        IdempotencyKey.rows.filter(pk__in=keys).delete()


@contextmanager
def _as_if_it_had_died() -> Iterator[None]:
    """A request whose work is over is answered, also if the database has gone since."""
    try:
        yield
    except Error:
        log.warning("how a request with a key ended could not be noted", exc_info=True)


def _waited(actor: Actor, key: str, request_digest: str, seconds: float) -> Claim | Told:
    """The claim or the answer, once a twin is done.

    Raises:
        KeyReused: the twin is another request.
        KeyUnderWay: it is still at work after so many seconds.

    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(_LOOK_EVERY)
        found = _tried(actor, key, request_digest)
        if found is not None:
            return found
    raise KeyUnderWay


def _tried(actor: Actor, key: str, request_digest: str) -> Claim | Told | None:
    """The claim or the answer; None while a twin is at work."""
    now = clock.now()
    digest = hashlib.sha256(f"{actor.account_id} {key}".encode()).hexdigest()
    mine = IdempotencyKey.objects.for_account(actor.account_id).filter(
        credential_id=actor.credential_id or actor.account_id, key_digest=digest
    )
    row = mine.first()
    if row is not None and row.expires_at <= now:
        mine.filter(pk=row.pk, expires_at=row.expires_at).delete()
        row = None
    if row is None:
        return _claimed(actor, key, digest, request_digest)
    if row.request_digest != request_digest:
        raise KeyReused
    if row.status is not None:
        if row.answer:
            return Told(row.status, unseal(row.answer, purpose=_purpose(key)))
        return Told(row.status, "", _made_under(row))
    if row.lease_until > now:
        return None
    token = new_id()
    if not mine.filter(token=row.token, status__isnull=True).update(
        token=token, lease_until=now + _LEASE
    ):
        return None
    return Claim(token, key, _made_under(row))


def _made_under(row: IdempotencyKey) -> tuple[tuple[str, UUID], ...]:
    """The objects that were made under a key, in their order."""
    made = IdempotencyObject.objects.for_account(row.account_id).filter(key=row).order_by("pk")
    return tuple(made.values_list("object_type", "object_id"))


def _claimed(actor: Actor, key: str, digest: str, request_digest: str) -> Claim | None:
    now = clock.now()
    try:
        with transaction.atomic(durable=True):
            row = IdempotencyKey.objects.create(
                account_id=actor.account_id,
                credential_id=actor.credential_id or actor.account_id,
                key_digest=digest,
                request_digest=request_digest,
                lease_until=now + _LEASE,
                created_at=now,
                expires_at=now + KEPT_FOR,
            )
    except IntegrityError:
        return None
    return Claim(row.token, key)


def _purpose(key: str) -> str:
    return f"idempotent answer {key}"
