"""Keys of stored objects: made, found, destroyed, and wrapped anew after a new site key."""

import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from django.db import router, transaction
from django.db.models import Model, QuerySet

from accounts import clock
from faxes.keyring import site
from faxes.keyring.models import AccountKey, ObjectKey

log = logging.getLogger(__name__)
M = TypeVar("M", bound=Model)
_BYTES: Final = 32
_AT_ONCE: Final = 500
_SAMPLE: Final = 5


@dataclass(frozen=True, slots=True)
class KeysState:
    """Whether new documents can be sealed, and how many accounts no site key opens any more."""

    can_seal: bool = False
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Wrapped:
    """How many keys of accounts were wrapped anew, and how many no site key opens any more."""

    done: int = 0
    lost: int = 0


def draw() -> bytes:
    """A new key for an object, 32 bytes. What is sealed with it opens once it is kept."""
    return secrets.token_bytes(_BYTES)


def keep(owner: UUID, object_id: UUID, key: bytes) -> None:
    """Keep the key of an object of an account, until it is destroyed.

    Raises:
        SiteKeyMissing: the site's key that it would hang on is gone.

    """
    while not _kept(owner, object_id, key):
        _make_account_key(owner)


def _kept(owner: UUID, object_id: UUID, key: bytes) -> bool:
    """Whether the account has a key, with which this one is wrapped now."""
    with transaction.atomic(using=_alias()):
        own = _held(owner)
        if own is None:
            return False
        wrapped = aes_key_wrap(_opened(own), key)
        row = ObjectKey(id=object_id, account=own, wrapped=wrapped, generation=own.generation)
        row.save(force_insert=True)
    return True


def find(object_id: UUID) -> bytes | None:
    """The key of an object; None if it was destroyed, or never made.

    Raises:
        SiteKeyMissing: the site's key that it hangs on is gone.

    """
    row = ObjectKey.objects.select_related("account").filter(pk=object_id).first()
    if row is None:
        return None
    return aes_key_unwrap(_opened(row.account, row.generation), bytes(row.wrapped))


def destroy(object_id: UUID) -> None:
    """Destroy the key of an object, and with it all that was ever sealed with it."""
    ObjectKey.objects.filter(pk=object_id).delete()


def destroy_all(owner: UUID) -> None:
    """Destroy the key of an account, and with it those of all its objects."""
    AccountKey.objects.filter(pk=owner).delete()


def state() -> KeysState:
    """Whether new documents can be sealed, and of how many accounts those that are there open.

    Raises:
        django.db.Error: the database is away, or has no such tables.

    """
    ObjectKey.objects.exists()
    today = site.first()
    can_seal = bool(today.unwrap(today.wrap(bytes(_BYTES), UUID(int=0)), UUID(int=0)))
    names = AccountKey.objects.order_by().values_list("wrapped_by", flat=True).distinct()
    opening = lost = 0
    for name in names:
        of_this = AccountKey.objects.filter(wrapped_by=name)
        try:
            site.named(name)
        except site.SiteKeyMissing as missing:
            lost += of_this.count()
            log.error("the site's key %s is missing", missing)  # noqa: TRY400 (no trace)
            continue
        for own in of_this[:_SAMPLE]:
            try:
                opening += bool(_opened(own))
            except site.SiteKeyMissing:
                lost += 1
                log.error("no site key opens the key of account %s", own.pk)  # noqa: TRY400
    return KeysState(can_seal=can_seal and bool(opening or not lost), lost=lost)


def wrap_anew() -> Wrapped:
    """Wrap the keys of accounts with the first of the site's keys; objects stay as they are.

    May be stopped at any moment, run beside the portal, and run again.
    """
    done = lost = 0
    today = site.first()
    for own in _portions(AccountKey.objects.exclude(wrapped_by=today.name)):
        try:
            key = _opened(own)
            older = None if own.older is None else _opened(own, own.generation - 1)
        except site.SiteKeyMissing:
            lost += 1
            continue
        same = AccountKey.objects.filter(
            pk=own.pk,
            wrapped_by=own.wrapped_by,
            generation=own.generation,
            older__isnull=older is None,
        )
        done += same.update(
            wrapped=today.wrap(key, own.pk),
            wrapped_by=today.name,
            older=None if older is None else today.wrap(older, own.pk),
        )
    return Wrapped(done, lost)


def replace_account_keys() -> int:
    """Give every account a new key, and wrap those of its objects with it; how many accounts.

    For when a key of an account may be known to somebody. A portion at a time, so that the portal
    works on beside it; may be stopped at any moment, and run again.
    """
    done = 0
    for each in _portions(AccountKey.objects.all()):
        _begin_generation(each.pk)
        while _wrap_portion(each.pk):
            pass
        done += 1
    return done


def _begin_generation(owner: UUID) -> None:
    """A new key beside the one that an account has, unless that is itself not done with yet."""
    with transaction.atomic(using=_alias()):
        own = _held(owner)
        if own is None or own.older is not None:
            return
        today, old = site.first(), _opened(own)
        own.older, own.wrapped_by = today.wrap(old, own.pk), today.name
        own.wrapped = today.wrap(secrets.token_bytes(_BYTES), own.pk)
        own.generation += 1
        own.save(update_fields=["older", "wrapped", "wrapped_by", "generation"])


def _wrap_portion(owner: UUID) -> bool:
    """Wrap some objects' keys with the new key; False if that were all, and the old one is gone."""
    with transaction.atomic(using=_alias()):
        own = _held(owner)
        if own is None or own.older is None:
            return False
        rows = list(ObjectKey.objects.filter(account=own, generation__lt=own.generation)[:_AT_ONCE])
        if not rows:
            own.older = None
            own.save(update_fields=["older"])
            return False
        new = _opened(own)
        old = _opened(own, own.generation - 1)
        for row in rows:
            row.wrapped = aes_key_wrap(new, aes_key_unwrap(old, bytes(row.wrapped)))
            row.generation = own.generation
        ObjectKey.objects.bulk_update(rows, ["wrapped", "generation"], batch_size=100)
    return True


def _make_account_key(owner: UUID) -> None:
    """Give an account a key; of two who do so at the same time, one wins."""
    today = site.first()
    wrapped = today.wrap(secrets.token_bytes(_BYTES), owner)
    new = AccountKey(
        account_id=owner, wrapped=wrapped, wrapped_by=today.name, created_at=clock.now()
    )
    AccountKey.objects.bulk_create([new], ignore_conflicts=True)


def _held(owner: UUID) -> AccountKey | None:
    """The key of an account, which nobody replaces before the transaction ends."""
    return AccountKey.objects.select_for_update().filter(pk=owner).first()


def _opened(own: AccountKey, generation: int | None = None) -> bytes:
    """The key of an account, of today or of the generation before."""
    wrapped = own.wrapped
    if own.older is not None and generation not in {None, own.generation}:
        wrapped = own.older
    return site.named(own.wrapped_by).unwrap(bytes(wrapped), own.pk)


def _portions(rows: QuerySet[M]) -> Iterator[M]:
    """All rows by their keys, never many in memory, nor a query that lasts."""
    after = None
    while True:
        later = rows if after is None else rows.filter(pk__gt=after)
        portion = list(later.order_by("pk")[:_AT_ONCE])
        yield from portion
        if len(portion) < _AT_ONCE:
            return
        after = portion[-1].pk


def _alias() -> str:
    return router.db_for_write(ObjectKey)
