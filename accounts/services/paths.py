"""The path of an account in the tree: its providers, and whom it provides for."""

from uuid import UUID

from accounts.errors import AccountNotFound
from accounts.models import Account
from accounts.scoping import Actor
from accounts.tenancy import path_of

__all__ = ["account_below", "path_of"]  # who says no reads paths too, and stands below services


def account_below(actor: Actor, account_id: UUID) -> Account:
    """An account that the actor's provides for, at whatever depth; never the actor's own.

    Raises:
        AccountNotFound: there is none of this id below the actor's account.

    """
    account = Account.objects.filter(pk=account_id).first()
    if account is None or actor.account_id not in path_of(account)[:-1]:
        raise AccountNotFound
    return account
