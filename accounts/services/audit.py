"""Write the record of who did what."""

from typing import Any
from uuid import UUID

from accounts import clock
from accounts.models import AuditEntry
from accounts.scoping import Actor


def record(
    actor: Actor, *, action: str, object_type: str, object_id: UUID | None, **facts: Any
) -> None:
    """Add one line, in the caller's transaction.

    ``facts`` are plain values without content: counts, sizes, reasons; never a name, a number,
    a subject or a word of a page.
    """
    AuditEntry.objects.create(
        account_id=actor.account_id,
        at=clock.now(),
        user_id=actor.user_id,
        actor=actor.name,
        via=actor.via,
        address=actor.address,
        action=action,
        object_type=object_type,
        object_id=object_id,
        facts=facts,
    )
