"""What an account lets its providers see of its fax records."""

from django.db import transaction

from accounts.models import Shared, Sharing
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require, shared_by

__all__ = [  # pages name a choice without its table
    "Shared",
    "record_provider_look",
    "set_sharing",
    "shared_by",
]


def record_provider_look(actor: Actor) -> None:
    """Put on record in the account that its provider looks at its fax records.

    Once in 15 minutes, and nothing if the actor is no provider of the account.
    """
    if actor.role == Role.PROVIDER:
        audit.record_look(
            actor, action="sharing.look", object_type="account", object_id=actor.account_id
        )


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
