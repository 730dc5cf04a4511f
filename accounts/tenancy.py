"""The one place that says no: who is in which account, what they may do, what is in use.

An account can be used if it is active and so are all above it: what is suspended or closed takes
those below along.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from accounts import clock
from accounts.errors import AccountClosed, AccountNotFound, AccountSuspended, NotAllowed
from accounts.models import Account, Kind, Membership, Status, SupportGrant, User
from accounts.roles import Action, Role
from accounts.scoping import Actor

# The worst comes last. What is erased has nothing below it.
_WORSE: Final = (Status.ACTIVE, Status.SUSPENDED, Status.CLOSED, Status.ERASED)


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
    return actor, grant.account


def support_at(account_id: UUID) -> QuerySet[SupportGrant]:
    """The support access that an account grants at present, if any, the longest first."""
    rows = SupportGrant.objects.for_account(account_id).select_related("account__parent")
    rows = rows.filter(ended_at__isnull=True, until__gt=clock.now(), path=F("account__path"))
    return rows.order_by("-until")


def require(actor: Actor, action: Action) -> None:
    """Let pass what the actor's role, and the token if it is one, allow.

    Raises:
        NotAllowed: they do not.

    """
    if not actor.may(action):
        raise NotAllowed(action.value)


def require_sending(actor: Actor) -> Account:
    """Let pass who may send, from an account that may; the account is handed back.

    Raises:
        NotAllowed: the role does not allow it.
        AccountSuspended: the account does not send at present.

    """
    require(actor, Action.FAX_SEND)
    account = Account.objects.annotate(blocked=blocked()).get(pk=actor.account_id)
    if account.blocked or account.status != Status.ACTIVE:
        raise AccountSuspended(account)
    return account


def blocked(path: str = "path") -> Exists:
    """Whether an account, or one above it, is suspended or closed: to annotate and filter by.

    ``path`` is where the query at hand has the account's path.
    """
    above = Account.objects.filter(status__in=(Status.SUSPENDED, Status.CLOSED)).annotate(
        lower=ExpressionWrapper(OuterRef(path), output_field=CharField())
    )
    return Exists(above.filter(lower__startswith=F("path")))


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
