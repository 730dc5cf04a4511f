"""What the operator sees of the tree of accounts, and does to it, from a shell."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.errors import AccountNotFound
from accounts.models import Account, Kind, Status
from accounts.roles import Role
from accounts.scoping import Actor
from accounts.services import tenants
from accounts.services.paths import path_of
from accounts.tenancy import worst


@dataclass(frozen=True, slots=True)
class Branch:
    """One account in the tree; ``status`` is the worst of its own and those above it."""

    depth: int
    name: str
    realm: str
    kind: Kind
    status: Status


def branches() -> Iterator[Branch]:
    """All accounts that are not erased, each right before those below it."""
    accounts = list(Account.objects.exclude(status=Status.ERASED).order_by("path"))
    statuses = worst(accounts)
    for account in accounts:
        depth = len(path_of(account)) - 1
        yield Branch(depth, account.name, account.realm, Kind(account.kind), statuses[account.pk])


def set_suspended(*, realm: str, suspended: bool) -> Account:
    """Suspend the account of a realm, or end that; on record as done by the operator.

    Raises:
        AccountNotFound: there is none, or nobody is above it.
        TenantClosed: it is closed.

    """
    account = Account.objects.filter(realm=realm.strip().lower()).first()
    if account is None or account.parent_id is None:
        raise AccountNotFound
    # at the top: what the operator suspends, no reseller resumes
    operator = Actor(path_of(account)[0], Role.SYSTEM, name="operator", via="shell")
    act = tenants.suspend if suspended else tenants.resume
    return act(operator, account_id=account.pk)
