"""The shape of the tree of accounts: add a leaf, move a branch, list what is below.

Whoever changes the shape of a tree holds its root meanwhile. Changes are rare, and one after the
other they can neither close a circle nor leave a path that leads to where a parent no longer is.
"""

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Max, QuerySet, Value
from django.db.models.functions import Concat, Length, Substr

from accounts.errors import ParentInvalid, PlanNotOffered, TreeTooDeep
from accounts.ids import new_id
from accounts.models import GONE, Account, Billing, Kind
from accounts.services.paths import path_of

_LONGEST_PATH: Final = 2000  # the column's; 60 accounts below each other


def create_account(
    *,
    name: str,
    kind: Kind,
    realm: str,
    parent: Account | None,
    account_id: UUID | None = None,
    **more: str,
) -> Account:
    """Make an account below its parent (the platform has none); ``more`` are further columns.

    Raises:
        ParentInvalid: there can be none below that parent.
        TreeTooDeep

    """
    key = account_id or new_id()
    with transaction.atomic():
        if parent is not None:
            parent = hold_tree(parent)
            require_parent(parent)
        path = f"{parent.path if parent else ''}{key.hex}/"
        _require_room(len(path))
        return Account.objects.create(
            id=key, parent=parent, path=path, kind=kind, name=name, realm=realm, **more
        )


def hold_tree(account: Account) -> Account:
    """Hold the shape of an account's tree until the transaction ends; the account as it is now."""
    root = path_of(account)[0]
    # Not the key: rows that refer to the platform may be written all the same.
    list(Account.objects.select_for_update(no_key=True).filter(pk=root).values_list("pk"))
    return Account.objects.get(pk=account.pk)


def below(account: Account) -> QuerySet[Account]:
    """The accounts below an account, at whatever depth."""
    return branch(account).exclude(pk=account.pk)


def branch(account: Account) -> QuerySet[Account]:
    """An account and all that are below it."""
    # A range, which an index answers everywhere: paths are of hex digits and strokes, and z comes
    # after all of them in every order of letters.
    return Account.objects.filter(path__gte=account.path, path__lt=f"{account.path}z")


def require_parent(parent: Account) -> None:
    """Let pass an account that others may be below.

    Raises:
        ParentInvalid: a customer, or one that is closed.

    """
    if parent.kind == Kind.CUSTOMER or parent.status in GONE:
        raise ParentInvalid


def move_branch(account: Account, *, parent: Account) -> None:
    """Put an account with all that are below it under another parent; the tree is held.

    Raises:
        ParentInvalid: the parent is of the branch, or none may be below it.
        TreeTooDeep
        PlanNotOffered: somebody in the branch pays by a plan that is not offered over there.

    """
    require_parent(parent)
    if parent.path.startswith(account.path):
        raise ParentInvalid
    _require_plans(account, parent)
    old, new = account.path, f"{parent.path}{account.pk.hex}/"
    deepest = branch(account).aggregate(longest=Max(Length("path")))["longest"]
    _require_room(deepest - len(old) + len(new))
    rest = Substr("path", len(old) + 1)
    branch(account).update(path=Concat(Value(new), rest, output_field=CharField()))
    Account.objects.filter(pk=account.pk).update(parent=parent)
    account.path, account.parent = new, parent


def _require_plans(account: Account, parent: Account) -> None:
    """Plans are kept by a provider above whoever is on them, and the move must leave that so."""
    lost = set(path_of(account)[:-1]) - set(path_of(parent))
    billings = Billing.objects.across_tenants(why="a branch takes its terms of payment along")
    in_branch = billings.filter(account__in=branch(account))
    if in_branch.filter(plan__account_id__in=lost).exists():
        raise PlanNotOffered


def _require_room(length: int) -> None:
    if length > _LONGEST_PATH:
        raise TreeTooDeep
