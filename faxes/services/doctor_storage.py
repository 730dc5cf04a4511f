"""What the doctor looks for in storage: objects, their keys, and the rows that name them."""

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.files.storage import default_storage

from accounts import clock
from faxes import vault
from faxes.keyring.models import ObjectKey
from faxes.models import Document, Erasure
from faxes.services import erasure

_AT_ONCE: Final = 500
_DOCUMENTS: Final = "t"
_OURS: Final = re.compile(r"t/[0-9a-f]{32}/[0-9a-f]{32}(\.[\w.-]+)?")


def rows_without_objects() -> Iterator[list[Document]]:
    """Documents of faxes that cannot be opened: their key or their object is gone."""
    rows = Document.objects.across_tenants(why="the doctor looks at all").order_by("pk")
    after = UUID(int=0)
    while portion := list(rows.filter(pk__gt=after).only("key")[:_AT_ONCE]):
        after = portion[-1].pk
        lost = [each for each in portion if not default_storage.exists(each.key)]
        ids = {_id_of(each.key): each for each in portion}
        there = ObjectKey.objects.filter(pk__in=list(ids)).values_list("pk", flat=True)
        gone = set(ids) - set(there)
        lost += [each for each in portion if _id_of(each.key) in gone and each not in lost]
        # a fax may have been deleted while this looked
        left = rows.filter(pk__in=[each.pk for each in lost]).values_list("pk", flat=True)
        if still := [each for each in lost if each.pk in set(left)]:
            yield still


def objects_without_rows() -> Iterator[list[str]]:
    """Objects with a key that no row names, and that are not noted for destruction either."""
    for portion in _unneeded():
        if there := [key for key in portion if default_storage.exists(key)]:
            yield there


def keys_without_objects() -> Iterator[list[str]]:
    """Keys that no row needs, of objects that are gone."""
    for portion in _unneeded():
        if gone := [key for key in portion if not default_storage.exists(key)]:
            yield gone


def objects_without_keys() -> Iterator[list[str]]:
    """What lies among the documents, and nobody can read; of a bucket its older versions, too."""
    names = (each for each in _names_of_all() if _OURS.fullmatch(each))
    while portion := list(islice(names, _AT_ONCE)):
        yield from _keyless(portion)


def destroy(keys: list[str]) -> None:
    """Note them for destruction in an hour: whatever names one by then keeps it."""
    due_at = clock.now() + vault.UNNAMED_FOR
    Erasure.objects.bulk_create([Erasure(key=key, due_at=due_at) for key in keys])


def _names_of_all() -> Iterator[str]:
    store: Any = default_storage
    try:
        root = Path(store.path(_DOCUMENTS))
    except NotImplementedError:
        yield from store.names_of_all(_DOCUMENTS)
        return
    for owner in root.iterdir() if root.is_dir() else ():
        with os.scandir(owner) as files:
            for file in files:
                yield f"{_DOCUMENTS}/{owner.name}/{file.name}"


def _unneeded() -> Iterator[list[str]]:
    rows = ObjectKey.objects.order_by("pk").values_list("pk", "account_id")
    after = UUID(int=0)
    while portion := list(rows.filter(pk__gt=after)[:_AT_ONCE]):
        after = portion[-1][0]
        keys = {f"{vault.prefix_of(owner)}{object_id.hex}" for object_id, owner in portion}
        keys -= _noted(keys)
        if left := sorted(keys - erasure.needed(keys)):
            yield left


def _noted(keys: set[str]) -> set[str]:
    return set(Erasure.objects.filter(key__in=keys).values_list("key", flat=True))


def _keyless(keys: list[str]) -> Iterator[list[str]]:
    ids = {key: _id_of(key) for key in keys}
    there = set(ObjectKey.objects.filter(pk__in=set(ids.values())).values_list("pk", flat=True))
    lost = {key for key, object_id in ids.items() if object_id not in there}
    if left := sorted(lost - _noted(lost)):
        yield left


def _id_of(key: str) -> UUID:
    return UUID(key.rpartition("/")[2].partition(".")[0])
