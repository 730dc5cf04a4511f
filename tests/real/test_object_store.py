"""Documents in a folder and in a real object store: kept, read in part, gone in all versions."""

import os
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from faxes import vault
from faxes.keyring.models import ObjectKey
from faxes.keyring.stream import SealBroken
from faxes.models import Erasure, Fax
from faxes.services import deletion_list, doctor_storage, privacy, replay_deletions
from faxes.services.pages import fax_tiff
from faxes.services.privacy import delete_fax
from faxportal.object_store import ObjectStore, StoreFailed
from tests.seaweed import seaweed

pytestmark = pytest.mark.real
PLAIN = os.urandom(700_000)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with seaweed(tmp_path_factory.mktemp("seaweed")) as running:
        yield running


@pytest.fixture
def store(world, settings, server):
    """A bucket that keeps every version, where all documents lie."""
    settings.STORAGES = server.storages(settings.STORAGES)
    return default_storage


@pytest.fixture(params=["folder", "store", "store without versions"])
def kept_in(world, settings, server, request):
    if request.param != "folder":
        versioned = request.param == "store"
        settings.STORAGES = server.storages(settings.STORAGES, versioned=versioned)
    return request.param


@pytest.fixture
def listed_in(kept_in, settings):
    """Where the list of deletions is, too."""
    if kept_in != "folder":
        settings.DELETION_LIST = None
    return kept_in


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page"
    path.write_bytes(PLAIN)
    return path


def everything(store):
    """All ids of all there is in the bucket, asked without the product's help."""
    where = {"Bucket": store.bucket_name}
    versions = store.client.list_object_versions(**where)
    uploads = store.client.list_multipart_uploads(**where)
    return [
        *versions.get("Versions", ()),
        *versions.get("DeleteMarkers", ()),
        *uploads.get("Uploads", ()),
    ]


def test_what_is_put_is_sealed_and_is_read_again_from_anywhere(kept_in, world, page):
    stored = vault.put(world.northside.id, page)
    with default_storage.open(stored.key) as raw:
        lies_there = raw.read()
    assert len(lies_there) > len(PLAIN)
    assert PLAIN[:16] not in lies_there
    with vault.open_stored(stored.key) as file:
        assert file.read() == PLAIN
        for at in (600_000, 3, 262_143, len(PLAIN)):
            file.seek(at)
            assert file.read(1000) == PLAIN[at : at + 1000]
    assert vault.keys_of(world.northside.id) == [stored.key]


def test_what_is_destroyed_is_gone_with_what_lies_beside_it_and_its_key(kept_in, world, page):
    one, other = (vault.put(world.northside.id, page) for _ in range(2))
    beside = vault.put_beside(one.key, "1.1.720", b"a picture")
    assert vault.open_beside(one.key, "1.1.720") == b"a picture"
    for key in (one.key, beside, one.key):  # the last for nothing
        vault.destroy(key)
    assert vault.keys_of(world.northside.id) == [other.key]
    assert ObjectKey.objects.count() == 1
    with pytest.raises(FileNotFoundError):
        vault.open_stored(one.key)
    vault.destroy_all(world.northside.id)
    assert vault.keys_of(world.northside.id) == []


def test_what_is_not_there_and_what_was_changed_are_told_apart(kept_in, world, page):
    stored = vault.put(world.northside.id, page)
    with default_storage.open(stored.key) as raw:
        changed = bytearray(raw.read())
    changed[400_000] ^= 1
    default_storage.delete(stored.key)
    with pytest.raises(FileNotFoundError):
        vault.open_stored(stored.key)
    default_storage.save(stored.key, ContentFile(bytes(changed)))
    with pytest.raises(SealBroken), vault.open_stored(stored.key) as file:
        file.read()


def test_every_version_every_mark_and_every_unfinished_upload_goes(store, world, page):
    stored = vault.put(world.northside.id, page)
    neighbour = f"{stored.key}.1.1.720"
    place = {"Bucket": store.bucket_name, "Key": stored.key}
    for _ in range(2):
        default_storage.save(stored.key, ContentFile(b"another version"))
        store.client.delete_object(**place)  # what leaves a mark and all the versions
    upload = store.client.create_multipart_upload(**place)
    store.client.upload_part(**place, UploadId=upload["UploadId"], PartNumber=1, Body=PLAIN)
    default_storage.save(neighbour, ContentFile(b"of another name"))
    assert len([each for each in everything(store) if each["Key"] == stored.key]) == 6
    vault.destroy(stored.key)
    assert [each["Key"] for each in everything(store)] == [neighbour]


def test_what_only_older_versions_are_left_of_goes_with_its_account(store, world, page):
    stored = vault.put(world.northside.id, page)
    store.client.delete_object(Bucket=store.bucket_name, Key=stored.key)
    vault.destroy_all(world.northside.id)
    assert everything(store) == []


def test_the_doctor_finds_what_nobody_can_read_also_in_older_versions(kept_in, world, page):
    kept, unread = (vault.put(world.northside.id, page) for _ in range(2))
    ObjectKey.objects.filter(pk=unread.key.split("/")[2]).delete()
    Erasure.objects.all().delete()
    if kept_in == "store":
        bucket: Any = default_storage
        place = {"Bucket": bucket.bucket_name, "Key": unread.key}
        bucket.client.delete_object(**place)  # what leaves a mark and the version
    found = {key for portion in doctor_storage.objects_without_keys() for key in portion}
    assert found == {unread.key}
    doctor_storage.destroy(sorted(found))
    assert list(doctor_storage.objects_without_keys()) == []
    vault.destroy(unread.key)
    assert vault.keys_of(world.northside.id) == [kept.key]


def test_an_object_that_will_not_go_is_an_error_and_is_tried_again(store, world, page, monkeypatch):
    stored = vault.put(world.northside.id, page)
    monkeypatch.setattr(ObjectStore, "_remove", lambda *_: None)
    with pytest.raises(StoreFailed, match="1 of its versions"):
        vault.destroy(stored.key)
    assert not ObjectKey.objects.exists(), "nobody can read it meanwhile"


def test_a_long_document_goes_in_parts_and_leaves_none_when_that_fails(
    store, world, tmp_path, monkeypatch
):
    long = tmp_path / "long"
    long.write_bytes(PLAIN * 26)
    stored = vault.put(world.northside.id, long)
    with vault.open_stored(stored.key) as file:
        assert file.read() == PLAIN * 26
        file.seek(17_000_000)
        assert file.read(7) == (PLAIN * 26)[17_000_000:17_000_007]
    vault.destroy(stored.key)
    send = store.client.upload_part

    def breaks_off(**part):
        if part["PartNumber"] == 3:
            raise EndpointConnectionError(endpoint_url="the store")
        return send(**part)

    monkeypatch.setattr(store.client, "upload_part", breaks_off)
    with pytest.raises(StoreFailed):
        vault.put(world.northside.id, long)
    assert everything(store) == []


def test_an_answer_that_breaks_off_is_read_on_where_it_was(store, world, page):
    stored = vault.put(world.northside.id, page)
    with vault.open_stored(stored.key) as file:
        begin = file.read(300_000)
        file.raw._stored.raw._body.close()  # type: ignore[attr-defined]  # the connection is lost
        assert begin + file.read() == PLAIN


def test_a_store_that_is_away_fails_like_a_disk(store, world, page, settings):
    stored = vault.put(world.northside.id, page)
    away = {**settings.STORAGES["default"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": away},
    }
    for act in (vault.open_stored, vault.destroy):
        with pytest.raises(StoreFailed):
            act(stored.key)


def test_a_fax_goes_over_the_line_is_read_and_deleted_in_the_store(store, world, work, send):
    sent = send(world.northside, world.lakeside.number, pages=2)
    work.run_to_end()
    received = world.lakeside.faxbox.faxes.get()
    with fax_tiff(world.lakeside.admin, fax_id=received.pk) as tiff:
        assert tiff.read(2) in {b"II", b"MM"}
    delete_fax(world.northside.admin, fax_id=sent.pk)
    delete_fax(world.lakeside.admin, fax_id=received.pk)
    work.run()
    assert not Fax.rows.exists()
    assert not Erasure.objects.exists()
    assert everything(store) == []


class Died(Exception):
    """A process, between two instructions."""


def test_a_deletion_that_was_listed_and_then_not_kept_is_made_true(
    listed_in, world, work, send, caplog
):
    admin = world.northside.admin
    first, second, third, other = (send(world.northside, "+12025550100") for _ in range(4))
    work.run_to_end()
    delete_fax(admin, fax_id=first.pk)
    assert not deletion_list.is_behind()
    for fax in (second, third):
        with suppress(Died), transaction.atomic():
            privacy.delete(admin, fax=fax)
            raise Died
    assert Fax.rows.count() == 3
    assert deletion_list.is_behind()
    replay_deletions.attend()
    assert not deletion_list.is_behind()
    assert Fax.rows.get().pk == other.pk, listed_in
    delete_fax(admin, fax_id=other.pk)
    assert not deletion_list.is_behind()
    assert [each for each in caplog.records if "damaged" in each.message] == []


def test_where_the_list_cannot_be_written_nothing_is_deleted(world, work, send, settings, store):
    fax = send(world.northside, "+12025550100")
    work.run_to_end()
    settings.DELETION_LIST = None
    options = {**settings.STORAGES["default"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}
    away = {"BACKEND": "faxportal.object_store.ObjectStore", "OPTIONS": options}
    before = settings.STORAGES
    settings.STORAGES = {**before, "default": away}
    with pytest.raises(StoreFailed):
        delete_fax(world.northside.admin, fax_id=fax.pk)
    assert Fax.rows.get().pk == fax.pk
    settings.STORAGES = before
    delete_fax(world.northside.admin, fax_id=fax.pk)
    assert not Fax.rows.exists()
