"""Who takes a stopped portal's folder and both databases, but not the site's key, reads no page."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from django.core.files.storage import default_storage

from faxes import vault
from faxes.keyring.models import AccountKey, ObjectKey
from faxes.keyring.site import SecretKey, SiteKeyMissing
from faxes.keyring.stream import Opened, SealBroken
from faxes.models import Document
from tests.databases import every_value
from tests.erasure.finder import places


@dataclass(frozen=True)
class Taken:
    """All that lies on the disks of a stopped portal, but for the site's key."""

    documents: Path
    values: list[Any]  # of all rows of both databases
    keys: dict[UUID, bytes]  # of accounts, as they are kept
    wrapped: list[bytes]  # of accounts and objects


@pytest.fixture
def taken(world, work, send, documents):
    """What is left of a portal with a fax, sent and received."""
    send(world.northside, world.lakeside.number, pages=2)
    work.run_to_end()
    accounts = dict(AccountKey.objects.values_list("account_id", "wrapped"))
    objects = ObjectKey.objects.values_list("wrapped", flat=True)
    keys = {account: bytes(each) for account, each in accounts.items()}
    wrapped = [*map(bytes, objects), *keys.values()]
    return Taken(documents, list(every_value()), keys, wrapped)


def blobs(taken):
    """Every value of the database that may be a key, by itself and beside what it names."""
    for value in taken.values:
        content = bytes(value) if isinstance(value, memoryview) else value
        content = content.encode() if isinstance(content, str) else content
        if isinstance(content, bytes) and 16 <= len(content) <= 200:
            yield content


def candidates(taken):
    """What of that could be a key as it is, or be cut to one."""
    found = set()
    for blob in blobs(taken):
        found |= {blob[:32], blob[-32:]} if len(blob) >= 32 else set()
        with suppress(ValueError):
            found.add(bytes.fromhex(blob.decode("ascii", "replace"))[:32])
    return {each for each in found if len(each) == 32}


def test_no_page_is_plain_and_nothing_that_lies_there_opens_one(taken):
    files = [path for path in taken.documents.rglob("*") if path.is_file()]
    stored = {str(path.relative_to(taken.documents)): path for path in files}
    assert len(stored) >= 3
    assert places("A fax page", [taken.documents]) == []
    for path in stored.values():
        content = path.read_bytes()
        assert not any(mark in content for mark in (b"%PDF", b"II*\0", b"MM\0*", b"/Contents"))
    guesses = candidates(taken)
    assert len(guesses) > 20
    for key in guesses:
        for each in taken.wrapped:
            with pytest.raises((InvalidUnwrap, ValueError)):
                aes_key_unwrap(key, each)
        for name, path in stored.items():
            with pytest.raises(SealBroken), path.open("rb") as file:
                Opened(file, key=key, name=name).read()


def test_another_site_key_and_a_key_put_in_another_row_open_nothing(world, taken, settings):
    accounts = taken.keys
    assert len(accounts) == 2
    theirs = SecretKey(settings.SITE_KEYS[0])
    other = SecretKey(secrets.token_urlsafe(48))
    for account, wrapped in accounts.items():
        assert len(theirs.unwrap(wrapped, account)) == 32, "with the key itself it opens"
        with pytest.raises(SiteKeyMissing):
            other.unwrap(wrapped, account)
        for stranger in accounts.keys() - {account}:
            with pytest.raises(SiteKeyMissing):
                theirs.unwrap(wrapped, stranger)


def test_an_object_with_another_objects_key_or_in_anothers_place_does_not_open(world, work, send):
    send(world.northside, world.lakeside.number, pages=2)
    work.run_to_end()
    keys = sorted(Document.rows.values_list("key", flat=True))
    raw = {key: Path(default_storage.path(key)).read_bytes() for key in keys}
    for one, other in permutations(keys, 2):
        Path(default_storage.path(one)).write_bytes(raw[other])
        with pytest.raises(SealBroken), vault.open_stored(one) as file:
            file.read()
        Path(default_storage.path(one)).write_bytes(raw[one])
    mine, theirs = (ObjectKey.objects.get(pk=vault._object_id(key)) for key in keys[:2])
    ObjectKey.objects.filter(pk=mine.pk).update(wrapped=theirs.wrapped, account=theirs.account)
    with pytest.raises(SealBroken), vault.open_stored(keys[0]) as file:
        file.read()
