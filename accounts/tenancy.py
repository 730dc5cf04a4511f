"""The one place that says no: who is in which account, what they may do, what is in use.

An account can be used if it is active and so are all above it: what is suspended or closed takes
those below along.
"""

import logging
from collections.abc import Collection
from dataclasses import replace
from typing import Final
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q, QuerySet

from accounts import clock
from accounts.at_work import note
from accounts.errors import AccountClosed, AccountNotFound, AccountSuspended, NotAllowed
from accounts.models import (
    Account,
    Kind,
    Membership,
    Shared,
    Sharing,
    Status,
    SupportGrant,
    User,
)
from accounts.prepared import Prepared
from accounts.roles import ALLOWED, Action, Role
from accounts.scoping import Actor

log = logging.getLogger(__name__)

# The worst comes last. What is erased has nothing below it.
_WORSE: Final = (Status.ACTIVE, Status.SUSPENDED, Status.CLOSED, Status.ERASED)
_IS_BLOCKED: Final = (
    f"EXISTS(SELECT 1 FROM {Account._meta.db_table} above"  # noqa: S608, SLF001 (all ours)
    f" WHERE above.status IN ('{Status.SUSPENDED.value}', '{Status.CLOSED.value}')"
    " AND substr(%(expressions)s, 1, length(above.path)) = above.path)"
)


def path_of(account: Account) -> list[UUID]:
    """The ids of an account's ancestors and its own, from the top down."""
    return [UUID(hex=part) for part in account.path.strip("/").split("/")]


def actor_in(
    user: User, account_id: UUID, *, address: str, via: str, closed: bool = False
) -> tuple[Actor, Account]:
    """The person as an actor in an account, and that account with its parent.

    Who is not of it comes in as support while it grants that, if they administer an account above.
    With ``closed`` it is one that waits to be erased, which opens to its administrators only.

    Raises:
        AccountNotFound: there is no such account, or the person is not of it, or it is erased.
        AccountSuspended: nobody uses it at present.
        AccountClosed: nobody uses it any more.

    """
    membership = (
        Membership.objects.select_related("account__parent")
        .annotate(blocked=blocked("account__path"))
        .filter(user_id=user.pk, account_id=account_id)
        .exclude(account__status=Status.ERASED)
        .first()
    )
    if membership is None:
        if closed:
            raise AccountNotFound
        return _support_in(user, account_id, address=address)
    account = membership.account
    if closed:
        if account.status != Status.CLOSED or membership.role != Role.ADMIN:
            raise AccountNotFound
    elif account.status == Status.CLOSED:
        raise AccountClosed(account, administers=membership.role == Role.ADMIN)
    elif membership.blocked:
        raise AccountSuspended(account)
    actor = Actor(
        account_id=account_id,
        role=Role(membership.role),
        name=user.email,
        via=via,
        user_id=user.pk,
        address=address,
    )
    note(account=account_id)
    return actor, account


def _support_in(user: User, account_id: UUID, *, address: str) -> tuple[Actor, Account]:
    """An administrator of an account above, as support; that account is the actor's ``home_id``.

    Every request asks anew, so it is over the moment the grant or the membership is.

    Raises:
        AccountNotFound: no support access is granted, or not to this person.

    """
    in_use_now = support_at(account_id).filter(~blocked("account__path"))
    grant = in_use_now.filter(account__status=Status.ACTIVE).first()
    if grant is None:
        raise AccountNotFound
    administers = Membership.objects.filter(
        user_id=user.pk, role=Role.ADMIN, account_id__in=path_of(grant.account)[:-1]
    ).exclude(account__kind=Kind.CUSTOMER)
    nearest = max(
        administers.select_related("account"), key=lambda each: len(each.account.path), default=None
    )
    if nearest is None:
        raise AccountNotFound
    actor = Actor(
        account_id=account_id,
        role=Role.SUPPORT,
        name=user.email,
        via="support",
        user_id=user.pk,
        address=address,
        on_behalf=nearest.account.name,
        home_id=nearest.account_id,
    )
    note(account=account_id)
    return actor, grant.account


def actor_below(actor: Actor, account_id: UUID, *, pages: bool = False) -> Actor:
    """The actor in an account below, as its provider; in their own account, just who they are.

    There they administer, and see of faxes what the account shares. For ``pages`` they come as
    support, while the account grants that. What they do is on record there, with who did it and for
    whom. A suspended account is administered as any other, since that is how it gets out of it;
    sending from it is refused as it always is. Asked anew for every request.

    Raises:
        NotAllowed: the account is not below theirs, or they (or their token) do not administer
            accounts below, or no support access is granted.
        AccountClosed: it is below, and nobody uses it any more.

    """
    if account_id == actor.account_id:
        return actor
    if actor.role != Role.ADMIN:
        raise NotAllowed("below")
    require(actor, Action.TENANTS_MANAGE)
    account = Account.objects.filter(pk=account_id).exclude(status=Status.ERASED).first()
    if account is None or actor.account_id not in path_of(account)[:-1]:
        raise NotAllowed("below")
    if worst([account])[account_id] == Status.CLOSED:
        raise AccountClosed(account)
    home = Account.objects.get(pk=actor.account_id)
    there = replace(actor, account_id=account_id, on_behalf=home.name, home_id=home.pk)
    if pages:
        if not support_at(account_id).exists() or not is_in_use(account):
            raise NotAllowed("pages")
        return replace(there, role=Role.SUPPORT)
    shared = shared_by(account_id)
    only = ALLOWED[Role.PROVIDER] if actor.only is None else actor.only
    if shared == Shared.NONE:
        only -= {Action.FAX_VIEW}
    return replace(there, role=Role.PROVIDER, only=only, sees_numbers=shared == Shared.FULL)


def shared_by(account_id: UUID) -> Shared:
    """What the providers of an account see of its fax records."""
    kept = Sharing.objects.for_account(account_id).first()
    return Shared(kept.fax_records) if kept else Shared.MASKED


def support_at(account_id: UUID) -> QuerySet[SupportGrant]:
    """The support access that an account grants at present, if any, the longest first."""
    rows = SupportGrant.objects.for_account(account_id).select_related("account__parent")
    rows = rows.filter(ended_at__isnull=True, until__gt=clock.now(), path=F("account__path"))
    return rows.order_by("-until")


def require(actor: Actor, action: Action) -> None:
    """Let pass what the actor's role, and the token if it is one, allow; note who was refused.

    Raises:
        NotAllowed: they do not.

    """
    if not actor.may(action):
        log.info(
            "refused %s to a %s of %s (user %s, token %s) by %s from %s",
            action.value,
            actor.role.value,
            actor.account_id,
            actor.user_id,
            actor.credential_id,
            actor.via,
            actor.address or "inside",
        )
        raise NotAllowed(action.value)


def require_provider(actor: Actor) -> None:
    """Let pass who is of an account that provides for others.

    Raises:
        AccountNotFound: it is a customer, for whom there is nothing of the kind.

    """
    if Account.objects.filter(pk=actor.account_id, kind=Kind.CUSTOMER).exists():
        raise AccountNotFound


def require_sending(actor: Actor) -> Account:
    """Let pass who may send, from an account that may; the account is handed back.

    Raises:
        NotAllowed: the role does not allow it.
        AccountSuspended: the account does not send at present.

    """
    require(actor, Action.FAX_SEND)
    account = _ACCOUNT.first(key=actor.account_id)
    if account is None:
        raise Account.DoesNotExist
    if getattr(account, "blocked", False) or account.status != Status.ACTIVE:
        raise AccountSuspended(account)
    return account


def blocked(path: str = "path") -> Func:
    """Whether an account, or one above it, is suspended or closed: to annotate and filter by.

    ``path`` is where the query at hand has the account's path. Every request asks this, so it is
    written as SQL: putting it together anew each time would cost more than asking.
    """
    return Func(F(path), template=_IS_BLOCKED, output_field=BooleanField())


_ACCOUNT: Final = Prepared(
    lambda key: Account.objects.annotate(blocked=blocked()).filter(pk=key),
)


def in_use() -> QuerySet[Account]:
    """The accounts that can be used."""
    return Account.objects.filter(~blocked(), status=Status.ACTIVE)


def is_in_use(account: Account) -> bool:
    """Whether an account can be used."""
    return in_use().filter(pk=account.pk).exists()


def worst(accounts: Collection[Account]) -> dict[UUID, Status]:
    """The effective status of several accounts; one query for all."""
    paths = {each.pk: path_of(each) for each in accounts}
    above = {key for path in paths.values() for key in path}
    found = Account.objects.filter(pk__in=above).exclude(status=Status.ACTIVE)
    own = {key: Status(status) for key, status in found.values_list("pk", "status")}
    return {
        key: max((own.get(each, Status.ACTIVE) for each in path), key=_WORSE.index)
        for key, path in paths.items()
    }


def accounts_of(user: User) -> list[Membership]:
    """The person's memberships with their accounts, by the accounts' names.

    Each is marked ``blocked`` if nobody uses the account at present. One that is closed is told to
    its administrators only.
    """
    closed_to_them = Q(account__status=Status.CLOSED) & ~Q(role=Role.ADMIN)
    return list(
        Membership.objects.select_related("account")
        .annotate(blocked=blocked("account__path"))
        .filter(user_id=user.pk)
        .exclude(Q(account__status=Status.ERASED) | closed_to_them)
        .order_by("account__name", "account_id")
    )


def shut_out(user: User, *, only: UUID | None = None) -> Account | None:
    """The account that a person would find shut, if they can use none; else None.

    Administrators find a closed one open, to take along what is theirs. Who is of no account at all
    is not shut out. ``only`` is the one account that they could get into.
    """
    rows = Membership.objects.filter(user_id=user.pk)
    if only is not None:
        rows = rows.filter(account_id=only)
    rows = rows.exclude(account__status=Status.ERASED)
    open_ones = rows.filter(
        ~blocked("account__path") | Q(account__status=Status.CLOSED, role=Role.ADMIN)
    )
    if open_ones.exists():
        return None
    first = rows.select_related("account__parent").order_by("account__name").first()
    return first.account if first else None
