"""System checks before others may come in (``check --deploy``): what works, but not as it is meant.

Where a database or Redis is a server, or documents lie in a bucket, there may be several machines:
then nothing that they share may lie in the data folder, which is each machine's own.
"""

from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, register
from django.core.checks import Warning as Caution

from faxportal import env
from faxportal.databases import SQLITE

TAG: Final = "deployment"
_Question = Callable[[], bool]
_IN_FILES: Final = "django.core.mail.backends.filebased.EmailBackend"
_IN_FOLDER: Final = "django.core.files.storage.FileSystemStorage"
_ONE_KEY: Final = (
    "Each machine would make its own: have one made by deploy/make-secrets and give all the same."
)


def _cautions(name: str, words: str, hint: str) -> Callable[[_Question], _Question]:
    """Register a check that says these words, under this id, while it is so."""

    def registered(is_so: _Question) -> _Question:
        @register(TAG, deploy=True)
        def check(**_: Any) -> list[CheckMessage]:
            return [Caution(words, hint=hint, id=name)] if is_so() else []

        return is_so

    return registered


@_cautions(
    "faxportal.W002",
    "FAXPORTAL_BASE_URL is no https address that others can open.",
    "Put a proxy with TLS in front and name the address that people open: https://fax.example.com.",
)
def people_cannot_come_safely() -> bool:
    """W002: passwords and faxes would travel open, and links in mails lead nowhere."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    return not settings.SECURE or _is_this_machine(host)


@_cautions(
    "faxportal.W003",
    "The database is SQLite, a file of one machine, while Redis or a bucket is set for several.",
    "Set DATABASE_URL to PostgreSQL, or take REDIS_URL and AWS_STORAGE_BUCKET_NAME away.",
)
def machines_share_no_database() -> bool:
    """W003: each machine would have faxes of its own."""
    return not _on_server("default") and bool(settings.REDIS_URL or _in_bucket())


@_cautions(
    "faxportal.W004",
    "The keys of documents lie in SQLite, a file of one machine, while the database is a server.",
    "Set FAXPORTAL_KEYS_DATABASE_URL to a database of PostgreSQL that is backed up apart.",
)
def machines_share_no_keys() -> bool:
    """W004: what one machine stored no other could open."""
    return _on_server("default") and "keys" in settings.DATABASES and not _on_server("keys")


@_cautions(
    "faxportal.W005",
    "Documents lie in a folder of one machine, while the database is a server.",
    "Set AWS_STORAGE_BUCKET_NAME, and AWS_S3_ENDPOINT_URL where it is not Amazon's.",
)
def machines_share_no_documents() -> bool:
    """W005: other machines know of a fax and have no page of it."""
    backend = settings.STORAGES["default"]["BACKEND"]
    return _on_server("default") and backend == _IN_FOLDER


@_cautions(
    "faxportal.W006",
    "The list of deletions is a file on this machine's disk, while documents lie in a bucket.",
    "Take FAXPORTAL_DELETION_LIST away, so that the list lies in the bucket, where all share it.",
)
def machines_share_no_deletions() -> bool:
    """W006: a restored database would get back what other machines deleted."""
    if settings.DELETION_LIST is None or not _in_bucket():
        return False
    return _device(Path(settings.DELETION_LIST)) == _device(settings.DATA)


@_cautions(
    "faxportal.W007",
    "The secret key lies in the data folder, while the database is a server.",
    _ONE_KEY,
)
def machines_share_no_secret_key() -> bool:
    """W007: a session of one machine, and what it sealed, would be nothing to the others."""
    return _on_server("default") and not env.text("FAXPORTAL_SECRET_KEY")


@_cautions(
    "faxportal.W008",
    "The site's key lies in the data folder, while the database is a server.",
    _ONE_KEY,
)
def machines_share_no_site_key() -> bool:
    """W008: what one machine stored no other could open."""
    given = env.text("FAXPORTAL_SITE_KEYS_FILE") or env.text("FAXPORTAL_SITE_KEYS")
    return _on_server("default") and not given


@_cautions(
    "faxportal.W009",
    "The key that papers are signed with lies in the data folder, while the database is a server.",
    _ONE_KEY,
)
def machines_share_no_signing_key() -> bool:
    """W009: each machine would sign as somebody else."""
    return _on_server("default") and not settings.SIGNING_FILE


@_cautions(
    "faxportal.W010",
    "There is no mail server: invitations and notices are files that nobody gets.",
    "Set EMAIL_URL, as smtp+tls://user:password@mail.example.com:587.",
)
def mails_reach_nobody() -> bool:
    """W010: who forgot a password waits for ever."""
    return bool(settings.EMAIL_BACKEND == _IN_FILES)


@_cautions(
    "faxportal.W011",
    "FAXPORTAL_METRICS_ALLOW lets everybody read /metrics.",
    "Name the network of your Prometheus only, as 10.20.0.0/16.",
)
def everybody_reads_metrics() -> bool:
    """W011: how much is faxed, and what fails, is nobody else's business."""
    return any(network.prefixlen == 0 for network in settings.METRICS_ALLOW)


@_cautions(
    "faxportal.W012",
    "Demonstration mode is on: fixed log-ins may be loaded, and tries follow each other quickly.",
    "Take FAXPORTAL_DEMO away, and begin with a data folder and a database without that data.",
)
def is_demonstration() -> bool:
    """W012: everybody knows those passwords."""
    return bool(settings.DEMO)


@_cautions(
    "faxportal.W013",
    "FAXPORTAL_METRICS_PORT answers nobody: FAXPORTAL_METRICS_ALLOW names no network.",
    "Name the network of your Prometheus in FAXPORTAL_METRICS_ALLOW, as 10.20.0.0/16.",
)
def metrics_for_nobody() -> bool:
    """W013: who opens a port for Prometheus wants it to be answered there."""
    return bool(settings.METRICS_PORT and not settings.METRICS_ALLOW)


def _on_server(database: str) -> bool:
    return bool(settings.DATABASES.get(database, {}).get("ENGINE", SQLITE) != SQLITE)


def _in_bucket() -> bool:
    return "bucket_name" in settings.STORAGES["default"].get("OPTIONS", {})


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _device(path: Path) -> int:
    """Which file system a path is on, or will be."""
    return next(each for each in (path, *path.parents) if each.exists()).stat().st_dev
