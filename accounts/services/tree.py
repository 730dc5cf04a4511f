"""Make accounts in the tree."""

from uuid import UUID

from django.db import transaction

from accounts.ids import new_id
from accounts.models import Account, Kind


def create_account(
    *, name: str, kind: Kind, realm: str, parent: Account | None, account_id: UUID | None = None
) -> Account:
    """Make an account below its parent (the platform has none)."""
    key = account_id or new_id()
    with transaction.atomic():
        return Account.objects.create(
            id=key,
            parent=parent,
            path=f"{parent.path if parent else ''}{key.hex}/",
            kind=kind,
            name=name,
            realm=realm,
        )
