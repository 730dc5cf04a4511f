"""A backup put back onto an installation that is empty; what was deleted since stays deleted."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader

from accounts import clock
from accounts.services.leaving import end_all_sessions
from faxes import lifecycle
from faxes.enums import Direction, FaxState
from faxes.keyring import site
from faxes.models import Fax
from faxes.services import backup, deletion_list, replay_deletions
from faxes.services.backup_databases import BackupError, has_tables, keys_alias, put_databases
from faxes.services.replay_deletions import Replayed

# Lies in the data folder from the first byte that is put back to the last: so it can be gone on.
MARK: Final = "restoring"
STOPPED: Final = "restored"  # why a fax was taken back, in its events


@dataclass(frozen=True, slots=True)
class Restored:
    """How many documents came back, what was deleted again, how many faxes no longer wait to go."""

    documents: int
    replayed: Replayed
    stopped: int


def restore(
    folder: Path, keys: Path, *, without_deletions: bool = False, send_waiting: bool = False
) -> Restored:
    """Put a backup back; may be stopped at any moment, and run again.

    Faxes that waited to be sent are stopped, as they may have gone since, unless ``send_waiting``
    says that none has. Of those under way their carriers are asked, as after any crash.

    Raises:
        BackupError: it is damaged, does not fit, or something is there that it would overwrite.

    """
    told = backup.manifest(folder)
    mark = Path(settings.DATA) / MARK
    _must_fit(told, backup.manifest(keys))
    if not without_deletions:
        _must_know_deletions(told)
    _must_be_empty(mark, told["id"])
    backup.verify(folder, keys)
    mark.write_text(told["id"])
    documents = _put_documents(folder) if told["documents"]["copied"] else 0
    put_databases(folder / told["file"]["name"], keys / backup.manifest(keys)["file"]["name"])
    call_command("migrate", verbosity=0)
    if keys_alias() != DEFAULT_DB_ALIAS:
        call_command("migrate", database=keys_alias(), verbosity=0)
    end_all_sessions()  # whoever was signed out since would be in again
    replayed = replay_deletions.replay()
    stopped = 0 if send_waiting else _stop_waiting()
    if not replayed.left and not replayed.unread:
        mark.unlink()
    return Restored(documents, replayed, stopped)


def _stop_waiting() -> int:
    """Take back what waits to be sent; who sent it decides whether it goes again."""
    rows = Fax.objects.across_tenants(why="all that wait may have gone, whoever's they are")
    waiting = rows.filter(
        direction=Direction.OUTBOUND, state__in=(FaxState.PREPARING, FaxState.QUEUED)
    )
    return sum(
        lifecycle.cancel(fax, now=clock.now(), because=STOPPED) for fax in waiting.iterator(500)
    )


def _must_fit(told: dict[str, Any], of_keys: dict[str, Any]) -> None:
    """Refuse what this portal, with the settings that it has, could not go on with."""
    if told["id"] != of_keys["id"]:
        raise BackupError("These keys are of another backup.")
    if told["secret"] not in backup.secret_marks():
        raise BackupError(
            "The backup was made with another secret key: set FAXPORTAL_SECRET_KEY (or put the "
            "file secret_key into the data folder), or name it in FAXPORTAL_OLD_SECRET_KEYS."
        )
    for name in of_keys["wrapped_by"]:
        try:
            site.named(name)
        except site.SiteKeyMissing as missing:
            raise BackupError(
                f"The site's key {name} is missing, without which nothing opens: set "
                "FAXPORTAL_SITE_KEYS, or put the file site_key into the data folder."
            ) from missing
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    ours = {app for app, _name in known}
    later = [name for app, name in told["migrations"] if app in ours and (app, name) not in known]
    if later:
        raise BackupError(f"The backup is of a later version of the portal (it has {later[0]}).")
    kind = Path(told["file"]["name"]).suffix
    vendor = connections[DEFAULT_DB_ALIAS].vendor
    if (kind == ".sqlite3") != (vendor == "sqlite"):
        raise BackupError(f"The backup is none of {vendor}: set DATABASE_URL as it was.")


def _must_know_deletions(told: dict[str, Any]) -> None:
    """Refuse to bring back what was deleted since, for want of the list that names it."""
    if settings.DELETION_LIST is None:
        return  # it lies in the bucket, where the documents are
    if deletion_list.lines_listed(0) < max(1, told["deletions"]):
        raise BackupError(
            f"The list of deletions is not at {settings.DELETION_LIST}, or is older than the "
            "backup: put the newest copy there, lest deleted faxes come back. Where there is none: "
            "--without-deletions."
        )


def _must_be_empty(mark: Path, backup_id: str) -> None:
    """Refuse to overwrite anything but what an earlier try at the same backup has put there."""
    if mark.exists():
        if mark.read_text() != backup_id:
            raise BackupError(f"Another backup was half restored here ({mark}): empty it first.")
        return
    for alias in {DEFAULT_DB_ALIAS, keys_alias()}:
        if has_tables(alias):
            raise BackupError(f"The database {alias!r} is not empty: it is not overwritten.")
    with contextlib.suppress(FileNotFoundError):
        if any(default_storage.listdir("t")):
            raise BackupError("There are documents in storage: they are not overwritten.")


def _put_documents(folder: Path) -> int:
    count = 0
    for key, size, _sha256 in backup.listed(folder):
        if not (default_storage.exists(key) and default_storage.size(key) == size):
            with (folder / backup.DOCUMENTS / key).open("rb") as file:
                default_storage.save(key, File(file))
        count += 1
    return count
