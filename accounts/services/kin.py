"""An account and its relations, as far as whoever asks reaches: themselves and those below."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import languages
from accounts.models import GONE, Account, EventType, Kind
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, tree
from accounts.services.paths import account_below, path_of
from accounts.services.tenant_events import tell
from accounts.services.tenants import checked_time_zone
from accounts.tenancy import require


class Kin(StrEnum):
    """What accounts are to another."""

    CHILDREN = "children"
    DESCENDANTS = "descendants"
    SIBLINGS = "siblings"
    PARENTS = "parents"
    TREE = "tree"  # from the asker's own account down to this one


def account_of(actor: Actor) -> Account:
    """The account that the actor is in.

    Raises:
        NotAllowed

    """
    require(actor, Action.ACCOUNT_VIEW)
    return Account.objects.get(pk=actor.account_id)


def reseller_above(account: Account) -> UUID | None:
    """The nearest account above that sells to it; None for the platform."""
    above = path_of(account)[:-1]
    return above[-1] if above else None


def kin_of(home: Actor, *, account_id: UUID, kin: Kin) -> list[Account]:
    """The accounts that are so related to one of the asker's branch, within that branch.

    Who is above the asker's own account, or beside it, is nobody's business there.

    Raises:
        NotAllowed
        AccountNotFound: it is neither the asker's account nor below.

    """
    own = Account.objects.get(pk=home.account_id)
    account = own if account_id == home.account_id else account_below(home, account_id)
    if own.kind == Kind.CUSTOMER:
        require(home, Action.ACCOUNT_VIEW)
        return [own] if kin == Kin.TREE else []
    require(home, Action.TENANTS_MANAGE)
    if kin in {Kin.PARENTS, Kin.TREE}:
        path = path_of(account)
        keys = path[path.index(own.pk) :]
        found = Account.objects.in_bulk(keys if kin == Kin.TREE else keys[:-1])
        return [found[key] for key in keys if key in found]
    rows = tree.below(own if kin == Kin.SIBLINGS else account).exclude(status__in=GONE)
    if kin == Kin.CHILDREN:
        rows = rows.filter(parent=account)
    elif kin == Kin.SIBLINGS:
        rows = rows.filter(parent=account.parent_id).exclude(pk=account.pk)
    return list(rows.order_by("name", "pk"))


def speak(actor: Actor, *, language: str) -> None:
    """Set what the actor's account speaks to who chose no language; empty is English.

    Raises:
        NotAllowed

    """
    require(actor, Action.TEAM_MANAGE)
    chosen = languages.known(language) or None
    with transaction.atomic():
        rows = Account.objects.select_for_update(no_key=True).filter(pk=actor.account_id)
        account = rows.get()
        if account.language == chosen:
            return
        before, account.language = account.language, chosen
        account.save(update_fields=["language"])
        audit.record(
            actor,
            action="account.language",
            object_type="account",
            object_id=account.pk,
            before=before or "",
            after=chosen or "",
        )


def change(
    actor: Actor, *, time_zone: str | None = None, said: Callable[[Account], Mapping[str, Any]]
) -> Account:
    """Change the actor's account, but for a time zone of None.

    What ``said`` makes of it as it is, while nobody else changes it, is kept and told again just as
    it is.

    Raises:
        NotAllowed
        TimeZoneInvalid

    """
    require(actor, Action.TEAM_MANAGE)
    with transaction.atomic():
        rows = Account.objects.select_for_update(no_key=True).filter(pk=actor.account_id)
        account = rows.get()
        before = account.time_zone
        if time_zone is not None:
            account.time_zone = checked_time_zone(time_zone)
        account.echo = dict(said(account))
        account.save(update_fields=["time_zone", "echo"])
        audit.record(actor, action="account.change", object_type="account", object_id=account.pk)
        if account.time_zone != before:
            tell(account, EventType.ACCOUNT_UPDATED)
    return account
