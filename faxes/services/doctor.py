"""Looks for what should not be, and repairs what can be repaired; it shows ids, never content.

Looking changes nothing. All runs through the rows in portions, beside a portal at work: what is
under way at this moment is given an hour.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from faxes.services import doctor_rows, doctor_site, doctor_storage

_SHOWN: Final = 10
Repair = Callable[[list[Any]], None] | None
# What is found: in portions, so that there may be millions. Then what is done about a portion.
Look = tuple[Callable[[], Iterator[list[Any]]], Repair]

EXAMINED: Final[dict[str, tuple[Look, str]]] = {
    "migrations_missing": (
        (doctor_site.migrations_missing, None),
        "Run `manage.py migrate`, also with --database keys if keys lie apart.",
    ),
    "clocks_apart": (
        (doctor_site.clocks_apart, None),
        "Keep the clocks of all machines right, by NTP.",
    ),
    "deletions_not_replayed": (
        (doctor_site.deletions_not_replayed, None),
        "Run `manage.py replay_deletions` before anybody gets in.",
    ),
    "faxes_nobody_wakes": (
        (doctor_rows.faxes_nobody_wakes, doctor_rows.wake),
        "Repaired by waking them; look whether a worker runs.",
    ),
    "leases_expired": (
        (doctor_rows.leases_expired, doctor_rows.free),
        "Repaired by freeing them; look in the log for what killed their holder.",
    ),
    "holds_without_faxes": (
        (doctor_rows.holds_without_faxes, doctor_rows.release),
        "Repaired by releasing what was set aside.",
    ),
    "ledger_wrong": (
        (doctor_rows.ledger_wrong, None),
        "`manage.py ledger_verify` says what; book an adjustment with a reason.",
    ),
    "uploads_expired": (
        (doctor_rows.uploads_expired, doctor_rows.drop_uploads),
        "Repaired by removing them; look whether a worker runs.",
    ),
    "jobs_left_behind": (
        (doctor_rows.jobs_left_behind, doctor_rows.drop_jobs),
        "Repaired by removing them: the rows are woken all the same.",
    ),
    "search_gaps": (
        (doctor_rows.search_gaps, doctor_rows.note_for_search),
        "Repaired by noting them to be read.",
    ),
    "rows_without_objects": (
        (doctor_storage.rows_without_objects, None),
        "Bring the objects back from a backup or an older version in the bucket.",
    ),
    "objects_without_rows": (
        (doctor_storage.objects_without_rows, doctor_storage.destroy),
        "Repaired by destroying them, an hour later, unless a row names them by then.",
    ),
    "keys_without_objects": (
        (doctor_storage.keys_without_objects, doctor_storage.destroy),
        "Repaired by destroying them, an hour later, unless a row names them by then.",
    ),
    "objects_without_keys": (
        (doctor_storage.objects_without_keys, doctor_storage.destroy),
        "Repaired by removing them, an hour later: nobody can read them.",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one sort, and what to do about it; some ids, to look for in the log."""

    name: str
    count: int
    repaired: int
    remedy: str
    ids: list[str]

    @property
    def left(self) -> int:
        """How many are there still."""
        return self.count - self.repaired

    def told(self) -> dict[str, object]:
        """All of it, for programs."""
        return asdict(self)


def examine(*, repair: bool = False, only: str = "") -> Iterator[Finding]:
    """What was found, one sort after the other; those of which there is nothing are left out."""
    for name, ((look, mend), remedy) in EXAMINED.items():
        if only and only != name:
            continue
        count = repaired = 0
        ids: list[str] = []
        for portion in look():
            count += len(portion)
            ids += [str(getattr(each, "pk", each)) for each in portion[: _SHOWN - len(ids)]]
            if repair and mend is not None:
                mend(portion)
                repaired += len(portion)
        if count:
            yield Finding(name, count, repaired, remedy, ids)
