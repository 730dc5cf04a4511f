"""Tell webhooks of accounts: an account's own, and those of all who provide for it."""

from accounts.clock import now
from accounts.models import Account, EventType
from accounts.services import events
from accounts.services.paths import path_of


def tell(account: Account, event: EventType) -> None:
    """Tell of an account, in the caller's transaction: its ids, kind and state, never its name."""
    above = path_of(account)[:-1]
    events.emit(
        account.pk,
        event=event,
        object_type="account",
        object_id=account.pk,
        data=events.ids_of(account.pk, object_type="account", object_id=account.pk)
        | {
            "parent_id": str(account.parent_id) if account.parent_id else None,
            "kind": account.kind,
            "status": account.status,
        },
        at=now(),
        above=above,
    )
