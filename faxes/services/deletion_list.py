"""The list of what was deleted, kept apart from the database: a restored one is behind it.

A line is a day, ``d`` for a deleted fax or ``s`` for one that was stripped, and a keyed digest of
its id, which tells nothing to who has the list alone. The database counts the lines that it knows.
"""

import errno
import hashlib
import hmac
import logging
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import clock
from accounts.sealing import key_for, keys_for
from faxes import lifecycle
from faxes.enums import TERMINAL_STATES, FaxState
from faxes.models import DeletionMark, Fax

DELETED, STRIPPED = "d", "s"
_PURPOSE: Final = "list of deletions"
_LINE: Final = len("2026-01-01 d ") + 64 + 1
_WHOLE: Final = re.compile(r"\d{4}-\d\d-\d\d ([ds]) ([0-9a-f]{64})$")
_AT_ONCE: Final = 500
_WAITING: Final = (FaxState.PREPARING, FaxState.QUEUED)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """A fax that is in this database and should not be, or not with its pages."""

    fax: Fax
    deleted: bool


def note(faxes: Iterable[UUID], *, what: str) -> None:
    """Put faxes on the list, as the last thing in the transaction that deletes or strips them.

    It is on disk before that is committed: should it fail even so, the next replay makes it true.

    Raises:
        OSError: it cannot be written; the transaction must not be kept.

    """
    secret = key_for(_PURPOSE, str(settings.SECRET_KEY))
    day = f"{clock.now():%Y-%m-%d}"
    lines = "".join(f"{day} {what} {_digest(secret, fax)}\n" for fax in faxes)
    mark = _mark()
    before = _appended(lines.encode())
    # one that is behind stays so, by as much; of a list that was lost, what there is now counts
    mark.lines = min(mark.lines, before) + len(lines) // _LINE
    mark.save(update_fields=["lines"])


def is_behind() -> bool:
    """Whether the list names deletions that this database does not know of: it was restored."""
    length = lines_listed()
    known = DeletionMark.objects.filter(pk=1).values_list("lines", flat=True).first() or 0
    if length <= known:
        return False
    with transaction.atomic():  # behind whoever is between the list and the commit
        return length > _mark().lines


def known_to_be_read() -> None:
    """Note that this database knows of all that is on the list."""
    length = lines_listed()
    with transaction.atomic():
        mark = _mark()
        mark.lines = length
        mark.save(update_fields=["lines"])


def listed_faxes() -> Iterator[Listed]:
    """The faxes that the list says are deleted or stripped, and that are not."""
    deleted, stripped = _read()
    secrets = keys_for(_PURPOSE)
    after = UUID(int=0)
    rows = Fax.objects.across_tenants(why="the list is of all").order_by("pk")
    while portion := list(rows.filter(pk__gt=after)[:_AT_ONCE]):
        after = portion[-1].pk
        for fax in portion:
            digests = {_digest(secret, fax.pk) for secret in secrets}
            if not digests.isdisjoint(deleted):
                yield Listed(fax, deleted=True)
            elif fax.stripped_at is None and not digests.isdisjoint(stripped):
                yield Listed(fax, deleted=False)


def ended(fax: Fax) -> bool:
    """Whether a fax has ended; one that waits is canceled, lest it goes out once more."""
    if fax.state in _WAITING:
        lifecycle.cancel(fax, now=clock.now())
        fax.refresh_from_db()
    return fax.state in TERMINAL_STATES


def _mark() -> DeletionMark:
    """The one row, held until the transaction ends."""
    rows = DeletionMark.objects.select_for_update().filter(pk=1)
    if (mark := rows.first()) is not None:
        return mark
    DeletionMark.objects.bulk_create([DeletionMark(pk=1)], ignore_conflicts=True)
    return rows.get()


def _appended(lines: bytes) -> int:
    """Put lines on disk, all of them or none; how many were there before.

    What a crash left of a line is cut off first: nothing was committed with it.
    """
    handle = os.open(_path(), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        end = _end_of_lines(handle)
        os.ftruncate(handle, end)
        try:
            _write(handle, lines)
            os.fsync(handle)
        except BaseException:
            os.ftruncate(handle, end)
            raise
    finally:
        os.close(handle)
    return end // _LINE


def _write(handle: int, rest: bytes) -> None:
    """Write all of it, as a call may write a part only."""
    while rest:
        written = os.write(handle, rest)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[written:]


def _end_of_lines(handle: int) -> int:
    """Where the last whole line ends."""
    size = os.fstat(handle).st_size
    start = max(0, size - _LINE)
    return start + os.pread(handle, _LINE, start).rfind(b"\n") + 1


def _read() -> tuple[set[str], set[str]]:
    """The digests of what was deleted and stripped; a line that is none is told in the log."""
    found: dict[str, set[str]] = {DELETED: set(), STRIPPED: set()}
    if _path().exists():
        with _path().open(encoding="ascii", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                whole = _WHOLE.search(line)  # behind what a crash may have left of another
                if whole is None or whole.start():
                    log.error("line %d of the list of deletions is damaged", number)
                if whole is not None:
                    found[whole[1]].add(whole[2])
    return found[DELETED], found[STRIPPED]


def lines_listed() -> int:
    """How many lines are on the list."""
    try:
        return _path().stat().st_size // _LINE
    except FileNotFoundError:
        return 0


def _path() -> Path:
    return Path(settings.DELETION_LIST)


def _digest(secret: bytes, fax: UUID) -> str:
    return hmac.new(secret, fax.bytes, hashlib.sha256).hexdigest()
