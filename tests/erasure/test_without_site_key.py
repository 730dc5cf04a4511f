"""Who takes a stopped portal's folder and both databases, but not the site's key, reads no page."""

import secrets
import shutil
import sqlite3
from contextlib import closing, suppress
from itertools import permutations
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from django.core.files.storage import default_storage
from django.db import connection

from faxes import vault
from faxes.keyring.models import ObjectKey
from faxes.keyring.site import SecretKey, SiteKeyMissing
from faxes.keyring.stream import Opened, SealBroken
from faxes.models import Document
from tests.erasure.finder import places


@pytest.fixture
def taken(world, work, send, tmp_path, documents):
    """All that lies on the disk of a portal with a fax, sent and received, without its site key."""
    send(world.northside, world.lakeside.number, pages=2)
    work.run_to_end()
    folder = tmp_path / "taken"
    shutil.copytree(documents, folder / "documents")
    with closing(sqlite3.connect(folder / "portal.sqlite3")) as copy:
        connection.connection.backup(copy)
    return folder


def blobs(folder):
    """Every value of the database that may be a key, by itself and beside what it names."""
    with closing(sqlite3.connect(folder / "portal.sqlite3")) as rows:
        tables = [
            name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for table in tables:
            for row in rows.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 (a test)
                for value in row:
                    content = value.encode() if isinstance(value, str) else value
                    if isinstance(content, bytes) and 16 <= len(content) <= 200:
                        yield content


def candidates(folder):
    """What of that could be a key as it is, or be cut to one."""
    found = set()
    for blob in blobs(folder):
        found |= {blob[:32], blob[-32:]} if len(blob) >= 32 else set()
        with suppress(ValueError):
            found.add(bytes.fromhex(blob.decode("ascii", "replace"))[:32])
    return {each for each in found if len(each) == 32}


def files(taken):
    return [path for path in (taken / "documents").rglob("*") if path.is_file()]


def test_no_page_is_plain_and_nothing_that_lies_there_opens_one(taken):
    with closing(sqlite3.connect(taken / "portal.sqlite3")) as rows:
        wrapped = [row[0] for row in rows.execute("SELECT wrapped FROM keyring_objectkey")]
        wrapped += [row[0] for row in rows.execute("SELECT wrapped FROM keyring_accountkey")]
    stored = {str(path.relative_to(taken / "documents")): path for path in files(taken)}
    assert len(stored) >= 3
    assert places("A fax page", [taken / "documents"]) == []
    for path in stored.values():
        content = path.read_bytes()
        assert not any(mark in content for mark in (b"%PDF", b"II*\0", b"MM\0*", b"/Contents"))
    guesses = candidates(taken)
    assert len(guesses) > 20
    for key in guesses:
        for each in wrapped:
            with pytest.raises((InvalidUnwrap, ValueError)):
                aes_key_unwrap(key, each)
        for name, path in stored.items():
            with pytest.raises(SealBroken), path.open("rb") as file:
                Opened(file, key=key, name=name).read()


def test_another_site_key_and_a_key_put_in_another_row_open_nothing(world, taken, settings):
    with closing(sqlite3.connect(taken / "portal.sqlite3")) as rows:
        accounts = dict(rows.execute("SELECT account_id, wrapped FROM keyring_accountkey"))
    assert len(accounts) == 2
    theirs = SecretKey(settings.SITE_KEYS[0])
    other = SecretKey(secrets.token_urlsafe(48))
    for account, wrapped in accounts.items():
        assert len(theirs.unwrap(wrapped, UUID(account))) == 32, "with the key itself it opens"
        with pytest.raises(SiteKeyMissing):
            other.unwrap(wrapped, UUID(account))
        for stranger in accounts.keys() - {account}:
            with pytest.raises(SiteKeyMissing):
                theirs.unwrap(wrapped, UUID(stranger))


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
