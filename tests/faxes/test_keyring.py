"""Stored objects have keys of their own: destroyed with them, and wrapped anew without them."""

import secrets
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse

from faxes import vault
from faxes.errors import CannotOpen
from faxes.keyring import keys, site
from faxes.keyring.models import AccountKey, ObjectKey
from faxes.keyring.stream import SealBroken
from faxes.models import Erasure, Fax
from faxes.services.privacy import delete_fax, strip_fax

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = b"Jane Roe, 4 May 1971, A1C 9.1 %" * 20


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page"
    path.write_bytes(SECRET)
    return path


def raw(key):
    return Path(default_storage.path(key)).read_bytes()


def read(key):
    with vault.open_stored(key) as file:
        return file.read()


def test_what_lies_in_storage_says_nothing_and_is_read_again(world, page):
    stored = vault.put(world.northside.id, page)
    assert SECRET[:16] not in raw(stored.key)
    assert read(stored.key) == SECRET
    assert stored.size == len(SECRET)


def test_each_object_has_a_key_of_its_own_under_its_accounts(world, page):
    kept = [vault.put(account, page) for account in (world.northside.id, world.lakeside.id) * 2]
    assert ObjectKey.objects.count() == 4
    assert set(AccountKey.objects.values_list("pk", flat=True)) == {
        world.northside.id,
        world.lakeside.id,
    }
    assert len({keys.find(vault._object_id(each.key)) for each in kept}) == 4


def test_neither_a_key_that_cannot_be_kept_nor_a_full_disk_leaves_a_half(
    world, page, settings, monkeypatch
):
    here = vault.put(world.northside.id, page)
    with monkeypatch.context() as broken:
        broken.setattr(vault, "_save", Mock(side_effect=OSError("no space left")))
        with pytest.raises(OSError, match="no space left"):
            vault.put(world.northside.id, page)
    settings.SITE_KEYS = [secrets.token_urlsafe(48)]
    with pytest.raises(site.SiteKeyMissing):
        vault.put(world.northside.id, page)
    assert vault.keys_of(world.northside.id) == [here.key]
    noted = set(Erasure.objects.values_list("key", flat=True))
    assert here.key in noted, "none of it is named by a row, so all of it goes"
    assert len(noted) == 3


def test_of_what_is_destroyed_no_copy_can_be_read(world, page):
    stored = vault.put(world.northside.id, page)
    beside = vault.put_beside(stored.key, "1.1.720", b"a picture")
    copies = {key: raw(key) for key in (stored.key, beside)}
    vault.destroy(stored.key)
    for key, copy in copies.items():  # an older version in storage, or a backup of it
        Path(default_storage.path(key)).write_bytes(copy)
        with pytest.raises(FileNotFoundError):
            read(key)
    assert vault.open_beside(stored.key, "1.1.720") is None


def test_an_object_that_another_was_put_in_place_of_is_not_taken_for_it(world, page):
    mine, theirs = (vault.put(each.id, page) for each in (world.northside, world.lakeside))
    Path(default_storage.path(theirs.key)).write_bytes(raw(mine.key))
    with pytest.raises(SealBroken):
        read(theirs.key)


@pytest.mark.parametrize("act", [strip_fax, delete_fax])
def test_the_keys_of_a_fax_go_with_its_documents(world, work, send, act):
    fax = send(world.northside, "+12025550101")
    work.run_to_end()
    assert ObjectKey.objects.exists()
    act(world.northside.admin, fax_id=fax.pk)
    assert not ObjectKey.objects.exists()


@pytest.mark.parametrize("pages_size", ["small", "large"])
def test_a_damaged_document_is_answered_by_an_error_and_not_by_a_part_of_it(
    world, work, send, client, monkeypatch, pages_size
):
    fax = send(world.northside, "+12025550100")
    work.run_to_end()
    if pages_size == "large":
        monkeypatch.setattr(vault, "_READ_WHOLE", 0)
    key = fax.documents.get(role="rendered").key
    path = Path(default_storage.path(key))
    whole = path.read_bytes()
    client.force_login(world.northside.people["admin"])
    where = reverse("fax-document-tiff", kwargs={"account": world.northside.id, "fax": fax.pk})
    assert b"".join(client.get(where).streaming_content)[:2] in {b"II", b"MM"}
    for wrong in (whole[:-1], whole[:30], bytes([*whole[:40], whole[40] ^ 1, *whole[41:]])):
        path.write_bytes(wrong)
        assert client.get(where).status_code == 503


def test_the_key_of_an_account_takes_all_its_objects_keys_along(world, page):
    stored = vault.put(world.northside.id, page)
    other = vault.put(world.lakeside.id, page)
    vault.destroy_all(world.northside.id)
    assert not default_storage.exists(stored.key)
    assert read(other.key) == SECRET
    assert ObjectKey.objects.count() == 1


def test_a_new_site_key_opens_everything_and_the_old_one_may_go(world, page, settings, capsys):
    old, new = settings.SITE_KEYS[0], secrets.token_urlsafe(48)
    stored = vault.put(world.northside.id, page)
    before = raw(stored.key)
    settings.SITE_KEYS = [new, old]
    assert read(stored.key) == SECRET
    call_command("rotate_keys")
    assert "1 wrapped anew" in capsys.readouterr().out
    settings.SITE_KEYS = [new]
    assert (read(stored.key), raw(stored.key)) == (SECRET, before)
    call_command("rotate_keys")
    assert "0 wrapped anew" in capsys.readouterr().out


def test_without_the_site_key_nothing_is_read_and_the_command_says_so(world, page, settings):
    stored = vault.put(world.northside.id, page)
    settings.SITE_KEYS = [secrets.token_urlsafe(48)]
    with pytest.raises(site.SiteKeyMissing):
        read(stored.key)
    with pytest.raises(CommandError, match="1 account"):
        call_command("rotate_keys")


def test_without_the_site_key_nothing_is_sent_and_nothing_half_made(world, send, settings, page):
    vault.put(world.northside.id, page)
    settings.SITE_KEYS = [secrets.token_urlsafe(48)]
    with pytest.raises(CannotOpen):
        send(world.northside, world.lakeside.number)
    assert not Fax.rows.exists()
    assert ObjectKey.objects.count() == 1


def test_accounts_are_given_new_keys_and_their_objects_stay_as_they_are(world, page, capsys):
    kept = [vault.put(world.northside.id, page) for _ in range(3)]
    before = bytes(AccountKey.objects.get().wrapped), [raw(each.key) for each in kept]
    call_command("rotate_keys", "--accounts")
    assert "1 account" in capsys.readouterr().out
    assert bytes(AccountKey.objects.get().wrapped) != before[0]
    assert [raw(each.key) for each in kept] == before[1]
    assert {read(each.key) for each in kept} == {SECRET}


def test_new_keys_of_accounts_that_are_half_done_open_everything(
    world, page, settings, monkeypatch
):
    kept = [vault.put(world.northside.id, page) for _ in range(3)]
    monkeypatch.setattr(keys, "_AT_ONCE", 1)
    keys._begin_generation(world.northside.id)
    assert keys._wrap_portion(world.northside.id)
    kept.append(vault.put(world.northside.id, page))
    settings.SITE_KEYS = [secrets.token_urlsafe(48), *settings.SITE_KEYS]
    call_command("rotate_keys")
    settings.SITE_KEYS = settings.SITE_KEYS[:1]
    assert {read(each.key) for each in kept} == {SECRET}
    assert set(ObjectKey.objects.values_list("generation", flat=True)) == {1, 2}
    call_command("rotate_keys", "--accounts")
    assert {read(each.key) for each in kept} == {SECRET}
    assert set(ObjectKey.objects.values_list("generation", flat=True)) == {2}
    assert AccountKey.objects.get().older is None


def test_a_wrapped_key_does_not_open_for_another_account(world, page):
    vault.put(world.northside.id, page)
    theirs = vault.put(world.lakeside.id, page)
    mine = AccountKey.objects.get(pk=world.northside.id)
    AccountKey.objects.filter(pk=world.lakeside.id).update(wrapped=bytes(mine.wrapped))
    with pytest.raises(site.SiteKeyMissing):
        read(theirs.key)


def test_a_key_service_wraps_and_is_not_asked_for_every_page():
    service = KeyService()
    own = site.ServiceKey("kms:alias/fax", service)
    account = uuid4()
    wrapped = own.wrap(b"k" * 32, account)
    assert b"k" * 32 not in wrapped
    assert {own.unwrap(wrapped, account) for _ in range(5)} == {b"k" * 32}
    assert service.asked == 1
    with pytest.raises(site.SiteKeyMissing):
        own.unwrap(own.wrap(b"k" * 32, uuid4()), account)


class KeyService:
    """AWS KMS as far as it is asked: what it sealed for an account it opens for that alone."""

    class Refused(Exception):
        """It was sealed otherwise."""

    exceptions = SimpleNamespace(InvalidCiphertextException=Refused, IncorrectKeyException=Refused)

    def __init__(self):
        self.asked = 0

    def encrypt(self, **asked):
        return {"CiphertextBlob": self._mark(asked) + asked["Plaintext"][::-1].hex().encode()}

    def decrypt(self, **asked):
        self.asked += 1
        mark, sealed = self._mark(asked), asked["CiphertextBlob"]
        if not sealed.startswith(mark):
            raise self.Refused
        return {"Plaintext": bytes.fromhex(sealed.removeprefix(mark).decode())[::-1]}

    def _mark(self, asked):
        return f"{asked['KeyId']} {asked['EncryptionContext']['account']} ".encode()
