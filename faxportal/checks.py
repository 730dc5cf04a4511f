"""System checks: what is wrong with the configuration, and what to do about it."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import DEFAULT_DB_ALIAS
from django.db import Error as DatabaseError

from accounts import tracing
from accounts.services import paper_keys
from faxes.keyring.site import KMS, SHORTEST
from faxes.services import deletion_list
from faxportal import env
from faxportal.routers import place_of_keys, tables_are_missing


@register()
def names_are_known(**_: Any) -> list[CheckMessage]:
    """E001: a misspelt variable would silently do nothing."""
    return [
        Error(
            f"{name} is not a setting of the portal.",
            hint="docs/settings.md lists every variable; correct or remove this one.",
            id="faxportal.E001",
        )
        for name in env.unknown_names()
    ]


@register()
def tasks_are_patient(**_: Any) -> list[CheckMessage]:
    """E002: a task that is taken again before it can have ended would run twice for nothing."""
    cluster = settings.Q_CLUSTER
    least = cluster["timeout"] * (2 + cluster["queue_limit"] / cluster["workers"])
    if cluster["retry"] > least:
        return []
    return [
        Error(
            f"Q_CLUSTER retry is {cluster['retry']} s; tasks may be under way for {least:.0f} s.",
            hint="Raise retry above timeout x (2 + queue_limit / workers).",
            id="faxportal.E002",
        )
    ]


@register()
def site_keys_are_keys(**_: Any) -> list[CheckMessage]:
    """E003: a key that can be guessed guards nothing."""
    if all(each.startswith(KMS) or len(each) >= SHORTEST for each in settings.SITE_KEYS):
        return []
    return [
        Error(
            f"A key in FAXPORTAL_SITE_KEYS has fewer than {SHORTEST} characters.",
            hint="Make one by `openssl rand -base64 48`.",
            id="faxportal.E003",
        )
    ]


@register()
def papers_can_be_signed(**_: Any) -> list[CheckMessage]:
    """E005: nobody gets a paper without its signature."""
    try:
        paper_keys.check()
    except paper_keys.CannotSign as error:
        return [
            Error(
                f"Papers cannot be signed: {error}.",
                hint="Set FAXPORTAL_SIGNING_FILE (and _PASSWORD) right, or to nothing.",
                id="faxportal.E005",
            )
        ]
    return []


@register()
def traces_can_be_made(**_: Any) -> list[CheckMessage]:
    """E006: what is wished for is not installed everywhere."""
    if not settings.TELEMETRY or tracing.can_be_had():
        return []
    return [
        Error(
            "FAXPORTAL_TELEMETRY is on, and OpenTelemetry is not installed.",
            hint=(
                "Install it: `.venv/bin/python -m pip install --require-hashes"
                " -r deploy/requirements-telemetry.lock`; or set the variable to nothing."
            ),
            id="faxportal.E006",
        )
    ]


@register(Tags.database)
def keys_have_their_tables(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """E004: where keys lay in another database, "migrate" alone believes that all is there."""
    place = place_of_keys()
    if place not in (databases or ()) or not tables_are_missing(place):
        return []
    return [
        Error(
            "The database has no tables for the keys of stored documents.",
            hint=(
                "Name the database that they lie in by FAXPORTAL_KEYS_DATABASE_URL, or run"
                " `manage.py migrate` to begin without them: then what is stored does not open."
            ),
            id="faxportal.E004",
        )
    ]


@register(Tags.database)
def deletions_are_known(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """W001: a database that was restored has what was deleted since its backup."""
    try:
        if DEFAULT_DB_ALIAS not in (databases or ()) or not deletion_list.is_behind():
            return []
    except (DatabaseError, OSError):  # it has no such table yet; or readiness tells
        return []
    return [
        Caution(
            "The list of deletions names some that the database does not know of.",
            hint="It was restored: run `manage.py replay_deletions` before anybody gets in.",
            id="faxportal.W001",
        )
    ]
