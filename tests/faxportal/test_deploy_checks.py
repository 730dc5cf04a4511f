"""``check --deploy`` tells what works but should not be so where others come in, and a remedy."""

import os
import re
import subprocess
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.checks import run_checks

from faxportal import checks, deploy_checks
from faxportal.databases import SQLITE
from tests import commands

_ROOT = Path(__file__).resolve().parent.parent.parent
_POSTGRESQL = "django.db.backends.postgresql"
_BUCKET = {
    "BACKEND": "faxportal.object_store.ObjectStore",
    "OPTIONS": {"bucket_name": "faxes"},
}
_FOLDER = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {}}
_MAIL_FILES = "django.core.mail.backends.filebased.EmailBackend"
_GIVEN = ("FAXPORTAL_SECRET_KEY", "FAXPORTAL_SITE_KEYS", "FAXPORTAL_SITE_KEYS_FILE")
_SECRET = "s3cr" * 12


class Site:
    """A portal on several machines as it should be, until something is set otherwise."""

    def __init__(self, settings, monkeypatch, data):
        self.settings, self.patch, self.data = settings, monkeypatch, data
        self.has(BASE_URL="https://fax.example.com", SECURE=True, DEMO=False, DATA=data)
        self.has(REDIS_URL="redis://redis", DELETION_LIST=None, SIGNING_FILE="/run/signing.pem")
        self.has(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend")
        self.has(METRICS_ALLOW=(ip_network("10.20.0.0/16"),))
        self.databases(_POSTGRESQL, keys=_POSTGRESQL)
        self.documents(_BUCKET)
        for name in _GIVEN:
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(f"{name}_FILE", raising=False)
        monkeypatch.setenv("FAXPORTAL_SECRET_KEY", _SECRET)
        monkeypatch.setenv("FAXPORTAL_SITE_KEYS_FILE", "/run/site_keys")

    def has(self, **values):
        """Set settings."""
        for name, value in values.items():
            setattr(self.settings, name, value)

    def documents(self, storage):
        """Say where documents lie."""
        self.has(STORAGES={**self.settings.STORAGES, "default": storage})

    def databases(self, engine, *, keys):
        """Say what the databases are; nothing is asked of them here."""
        self.patch.setitem(self.settings.DATABASES, "default", {"ENGINE": engine})
        self.patch.delitem(self.settings.DATABASES, "keys", raising=False)
        if keys:
            self.patch.setitem(self.settings.DATABASES, "keys", {"ENGINE": keys})

    def alone(self):
        """One machine, with nothing but its data folder."""
        self.databases(SQLITE, keys=SQLITE)
        self.documents(_FOLDER)
        self.has(REDIS_URL="", DELETION_LIST=self.data / "deletions", SIGNING_FILE="")
        self.without(*_GIVEN)

    def without(self, *names):
        """Take variables away."""
        for name in names:
            self.patch.delenv(name, raising=False)


@pytest.fixture
def site(settings, monkeypatch, tmp_path):
    return Site(settings, monkeypatch, tmp_path)


def told():
    found = run_checks(tags=[deploy_checks.TAG], include_deployment_checks=True)
    return [str(each.id).removeprefix("faxportal.") for each in found]


def sqlite_with_redis(site):
    site.alone()
    site.has(REDIS_URL="redis://redis")


def sqlite_with_bucket(site):
    site.alone()
    site.documents(_BUCKET)
    site.has(DELETION_LIST=None)


WRONG = [
    ("W002", "http", lambda site: site.has(BASE_URL="http://fax.example.com", SECURE=False)),
    ("W002", "localhost", lambda site: site.has(BASE_URL="https://localhost:8000")),
    ("W002", "loopback", lambda site: site.has(BASE_URL="https://[::1]:8000")),
    ("W003", "SQLite with Redis", sqlite_with_redis),
    ("W003", "SQLite with a bucket", sqlite_with_bucket),
    ("W004", "keys in a file", lambda site: site.databases(_POSTGRESQL, keys=SQLITE)),
    ("W005", "folder", lambda site: site.documents(_FOLDER)),
    ("W006", "list on a disk", lambda site: site.has(DELETION_LIST=str(site.data / "deletions"))),
    ("W007", "secret key", lambda site: site.without("FAXPORTAL_SECRET_KEY")),
    ("W008", "site key", lambda site: site.without("FAXPORTAL_SITE_KEYS_FILE")),
    ("W009", "signing key", lambda site: site.has(SIGNING_FILE="")),
    ("W010", "mails in files", lambda site: site.has(EMAIL_BACKEND=_MAIL_FILES)),
    ("W011", "IPv4", lambda site: site.has(METRICS_ALLOW=(ip_network("0.0.0.0/0"),))),
    ("W011", "IPv6", lambda site: site.has(METRICS_ALLOW=(ip_network("::/0"),))),
    ("W012", "demonstration", lambda site: site.has(DEMO=True)),
    ("W013", "metrics for nobody", lambda site: site.has(METRICS_PORT=9464, METRICS_ALLOW=())),
]


@pytest.mark.parametrize(
    ("number", "set_wrong"),
    [(number, wrong) for number, _, wrong in WRONG],
    ids=[f"{number} {words}" for number, words, _ in WRONG],
)
def test_what_is_set_wrong_is_told_and_nothing_else(site, number, set_wrong):
    set_wrong(site)
    assert told() == [number]


RIGHT = [
    ("several machines", lambda _: None),
    ("one machine", lambda site: site.alone()),
    ("keys beside all else", lambda site: site.databases(_POSTGRESQL, keys=None)),
    ("PostgreSQL without Redis", lambda site: site.has(REDIS_URL="")),
]


@pytest.mark.parametrize(
    "set_right", [right for _, right in RIGHT], ids=[words for words, _ in RIGHT]
)
def test_of_what_is_set_right_nothing_is_told(site, set_right):
    set_right(site)
    assert told() == []


def test_a_list_of_deletions_on_a_disk_that_machines_share_is_right(site, monkeypatch):
    site.has(DELETION_LIST="/shared/deletions")
    monkeypatch.setattr(deploy_checks, "_device", lambda path: str(path).startswith("/shared"))
    assert told() == []


def test_a_site_of_several_machines_with_made_secrets_passes_every_check(tmp_path):
    made = tmp_path / "secrets"
    subprocess.run(
        [_ROOT / "deploy" / "make-secrets", made],
        env={**os.environ, "MAIL_SERVER": "smtp+tls://portal:hush@mail.example.com:587"},
        capture_output=True,
        check=True,
    )
    several = commands.bare(
        tmp_path / "data",
        FAXPORTAL_BASE_URL="https://fax.example.com",
        FAXPORTAL_HOSTS="fax.example.com,localhost",
        FAXPORTAL_SECRET_KEY_FILE=str(made / "secret_key"),
        FAXPORTAL_SITE_KEYS_FILE=str(made / "site_keys"),
        FAXPORTAL_SIGNING_FILE=str(made / "signing.pem"),
        DATABASE_URL_FILE=str(made / "database_url"),
        FAXPORTAL_KEYS_DATABASE_URL_FILE=str(made / "keys_database_url"),
        REDIS_URL_FILE=str(made / "redis_url"),
        AWS_STORAGE_BUCKET_NAME="faxes",
        EMAIL_URL_FILE=str(made / "email_url"),
        FAXPORTAL_METRICS_ALLOW="10.20.0.0/16",
    )
    done = commands.manage(several, "check", "--deploy", "--fail-level", "INFO")
    assert done.returncode == 0, done.stderr


def test_the_table_of_the_papers_has_every_check_once():
    papers = (_ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    code = "".join(
        Path(str(each.__file__)).read_text(encoding="utf-8") for each in (checks, deploy_checks)
    )
    rows = re.findall(r"^\| `([EW]\d{3})` \|", papers, re.MULTILINE)
    assert rows == sorted(re.findall(r'"faxportal\.([EW]\d{3})"', code))
