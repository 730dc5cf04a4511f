"""What an account lets its providers see of its fax records."""

from uuid import UUID

from django.db import transaction

from accounts.models import Shared, Sharing
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require

__all__ = ["Shared", "set_sharing", "shared_by"]  # pages name a choice without its table


def shared_by(account_id: UUID) -> Shared:
    """What the providers of an account see of its fax records."""
    kept = Sharing.objects.for_account(account_id).first()
    return Shared(kept.fax_records) if kept else Shared.MASKED


def set_sharing(actor: Actor, *, fax_records: Shared) -> None:
    """Say what the providers of the actor's account see.

    Raises:
        NotAllowed: the actor may not.

    """
    require(actor, Action.SHARING_MANAGE)
    with transaction.atomic():
        kept = Sharing.objects.for_account(actor.account_id).select_for_update().first()
        before = kept.fax_records if kept else Shared.MASKED.value
        if before == fax_records.value:
            return
        kept = kept or Sharing(account_id=actor.account_id)
        kept.fax_records = fax_records.value
        kept.save()
        audit.record(
            actor,
            action="sharing.set",
            object_type="account",
            object_id=actor.account_id,
            before=before,
            after=fax_records.value,
        )
