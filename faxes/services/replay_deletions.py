"""Delete and strip again what the list of deletions names, and the database still has.

After a database was restored that is what came back with it; after a failure between the list and
the database it is what was about to go.
"""

import logging
from dataclasses import asdict, dataclass

from django.db import transaction

from accounts.scoping import Actor
from faxes.services import deletion_list, erasure, privacy
from faxes.services.deletion_list import Listed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many faxes were deleted and stripped once more.

    ``left`` are those that are there still: they are under way, or it failed, as the log tells.
    ``unread`` are lines that could not be read.
    """

    deleted: int = 0
    stripped: int = 0
    left: int = 0
    unread: int = 0


def attend() -> None:
    """Make true what the list names and this database does not know of, if there is anything."""
    try:
        known, length = deletion_list.unknown_lines()
        if length > known:
            done = replay(after=known)
            log.warning("of deletions that the database did not know of: %s", done)
    except OSError:
        log.exception("the list of deletions cannot be read")


def replay(*, after: int = 0, even_unread: bool = False) -> Replayed:
    """Delete and strip what the list names behind so many lines.

    May be stopped at any moment, and run again. ``even_unread`` takes lines that cannot be read as
    done; else the database stays behind because of them.

    What fails with one fax is told in the log, and does not keep the others.
    Objects in storage go with their keys, as the first time. What is on the list is on it still.
    Legal holds that came back do not count: it was removed when there were none.
    """
    done, read = Replayed(), after
    while (length := deletion_list.unknown_lines()[1]) > read:  # what is removed is put on it again
        done = _replayed(done, after=read)
        if done.left or (done.unread and not even_unread):
            break
        read = length
    else:
        deletion_list.known_to_be_read(read)
    erasure.scrub_patiently()
    return done


def _replayed(done: Replayed, *, after: int) -> Replayed:
    """What is done, and what is removed now."""
    counts = asdict(done)
    for each in deletion_list.listed_faxes(after=after):
        if each is None:
            counts["unread"] += 1
            continue
        try:
            removed = _removed(each)
        except Exception:
            log.exception("fax %s could not be removed again", each.fax.pk)
            removed = False
        if not removed:
            counts["left"] += 1
        else:
            counts["deleted" if each.deleted else "stripped"] += 1
    return Replayed(**counts)


def _removed(each: Listed) -> bool:
    """Remove again what the list names, unless it is under way still."""
    fax, actor = each.fax, Actor.system(each.fax.account_id)
    if not deletion_list.ended(fax):
        return False
    act = privacy.delete if each.deleted else privacy.strip
    with transaction.atomic(durable=True):
        act(actor, fax=fax, again=True)
    return True
