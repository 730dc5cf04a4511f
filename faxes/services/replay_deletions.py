"""After a database was restored: delete and strip again what the list of deletions names."""

from dataclasses import dataclass

from accounts.scoping import Actor
from faxes.services import deletion_list, erasure, privacy


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many faxes were deleted and stripped once more, and how many are under way still."""

    deleted: int = 0
    stripped: int = 0
    left: int = 0


def replay() -> Replayed:
    """Delete and strip what the list names; may be stopped at any moment, and run again.

    Objects in storage go with their keys, as the first time. What is on the list is on it still.
    """
    counts = {"deleted": 0, "stripped": 0, "left": 0}
    for each in deletion_list.listed_faxes():
        fax, actor = each.fax, Actor.system(each.fax.account_id)
        if not deletion_list.ended(fax):
            counts["left"] += 1
        elif each.deleted:
            privacy.delete_fax(actor, fax_id=fax.pk)
            counts["deleted"] += 1
        else:
            privacy.strip_fax(actor, fax_id=fax.pk)
            counts["stripped"] += 1
    if not counts["left"]:
        deletion_list.known_to_be_read()
    erasure.scrub_patiently()
    return Replayed(**counts)
