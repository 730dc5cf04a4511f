"""After a database was restored: delete and strip again what the list of deletions names."""

import logging
from dataclasses import dataclass

from django.db import transaction

from accounts.scoping import Actor
from faxes.services import deletion_list, erasure, privacy
from faxes.services.deletion_list import Listed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many faxes were deleted and stripped once more.

    ``left`` are those that are there still: they are under way, or it failed, as the log tells.
    """

    deleted: int = 0
    stripped: int = 0
    left: int = 0


def replay() -> Replayed:
    """Delete and strip what the list names; may be stopped at any moment, and run again.

    What fails with one fax is told in the log, and does not keep the others.
    Objects in storage go with their keys, as the first time. What is on the list is on it still.
    Legal holds that came back do not count: it was removed when there were none.
    """
    counts = {"deleted": 0, "stripped": 0, "left": 0}
    for each in deletion_list.listed_faxes():
        try:
            done = _removed(each)
        except Exception:
            log.exception("fax %s could not be removed again", each.fax.pk)
            done = False
        if not done:
            counts["left"] += 1
        else:
            counts["deleted" if each.deleted else "stripped"] += 1
    if not counts["left"]:
        deletion_list.known_to_be_read()
    erasure.scrub_patiently()
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
