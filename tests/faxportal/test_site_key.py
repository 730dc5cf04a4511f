"""Without the site's key nothing opens: that is told, and no other is made in its place."""

import secrets
import sqlite3
from contextlib import closing

import pytest
from django.core.exceptions import ImproperlyConfigured

from faxes import vault
from faxes.keyring.models import AccountKey
from faxes.services import site_keys
from faxportal.kept_secrets import kept_site_key
from tests import commands
from tests.migrated import put_both_migrated


def database(path):
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}


def execute(path, *statements):
    with closing(sqlite3.connect(path)) as opened:
        for each in statements:
            opened.execute(each)
        opened.commit()


def tables(path):
    with closing(sqlite3.connect(path)) as opened:
        return {name for (name,) in opened.execute("SELECT name FROM sqlite_master")}


def manage(data, *arguments, **variables):
    return commands.manage(commands.bare(data, **variables), *arguments)


def test_a_missing_site_key_is_made_only_as_long_as_nothing_hangs_on_it(tmp_path):
    path, keys = tmp_path / "site_key", tmp_path / "keys.sqlite3"
    first = kept_site_key(path, database(keys))
    assert kept_site_key(path, database(keys)) == first
    path.unlink()
    execute(keys, "CREATE TABLE keyring_accountkey (account_id)")
    second = kept_site_key(path, database(keys))
    assert second != first
    execute(keys, "INSERT INTO keyring_accountkey VALUES (1)")
    assert kept_site_key(path, database(keys)) == second
    path.unlink()
    with pytest.raises(ImproperlyConfigured, match=r"is missing.+put it back"):
        kept_site_key(path, database(keys))
    assert not path.exists()


def test_a_site_key_that_another_process_makes_at_this_moment_is_taken(tmp_path, monkeypatch):
    path = tmp_path / "site_key"

    def meanwhile(_database):
        path.write_text("theirs")
        return True

    monkeypatch.setattr("faxportal.kept_secrets._holds_keys", meanwhile)
    assert kept_site_key(path, database(tmp_path / "keys.sqlite3")) == "theirs"


@pytest.mark.django_db
def test_readiness_says_that_documents_do_not_open(world, client, settings, tmp_path):
    page = tmp_path / "page"
    page.write_bytes(b"a page")
    vault.put(world.northside.id, page)
    site_keys._keys_seen.clear()
    assert client.get("/health/ready").json()["parts"]["keys"] is True
    settings.SITE_KEYS = [secrets.token_urlsafe(48)]
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    well = {"database": True, "keys": False, "worker": True, "deletions": True}
    assert answer.json()["parts"] == well


@pytest.mark.django_db
def test_readiness_goes_on_while_other_accounts_documents_can_be_sealed(
    world, client, settings, tmp_path
):
    page = tmp_path / "page"
    page.write_bytes(b"a page")
    vault.put(world.northside.id, page)
    settings.SITE_KEYS = [secrets.token_urlsafe(48)]  # what the first hangs on is lost
    vault.put(world.lakeside.id, page)
    site_keys._keys_seen.clear()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["accounts_without_key"] == 1
    AccountKey.objects.filter(pk=world.lakeside.id).update(wrapped=bytes(40))
    site_keys._keys_seen.clear()
    assert client.get("/health/ready").status_code == 503, "nobody's can be"


def test_migrating_the_key_ring_alone_makes_its_tables_where_they_belong(tmp_path):
    done = manage(tmp_path / "data", "migrate", "keyring", "-v0")
    assert done.returncode == 0, done.stderr
    assert "keyring_objectkey" in tables(tmp_path / "data" / "keys.sqlite3")
    assert manage(tmp_path / "data", "migrate", "keyring", "zero", "-v0").returncode == 0
    assert "keyring_objectkey" not in tables(tmp_path / "data" / "keys.sqlite3")


def test_one_database_after_two_lacks_the_keys_tables_until_it_is_migrated(tmp_path):
    put_both_migrated(tmp_path)
    tmp_path.chmod(0o700)
    one = {"DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3"}
    refused = manage(tmp_path, "check", "--database", "default", **one)
    assert refused.returncode == 1
    assert "faxportal.E004" in refused.stderr
    done = manage(tmp_path, "migrate", "-v0", **one)
    assert done.returncode == 0, done.stderr
    assert "FAXPORTAL_KEYS_DATABASE_URL" in done.stderr
    assert "keyring_objectkey" in tables(tmp_path / "portal.sqlite3")
