"""The one place that says no: who is in which account, and what they may do there."""

from uuid import UUID

from accounts.errors import AccountNotFound, AccountSuspended, NotAllowed
from accounts.models import Account, Membership, Status, User
from accounts.roles import Action, Role
from accounts.scoping import Actor


def actor_in(user: User, account_id: UUID, *, address: str, via: str) -> tuple[Actor, Account]:
    """The person as an actor in an account, and that account.

    Raises:
        AccountNotFound: there is no such account, or the person is not of it, or it is closed.

    """
    membership = (
        Membership.objects.select_related("account")
        .filter(user_id=user.pk, account_id=account_id)
        .exclude(account__status=Status.CLOSED)
        .first()
    )
    if membership is None:
        raise AccountNotFound
    actor = Actor(
        account_id=account_id,
        role=Role(membership.role),
        name=user.email,
        via=via,
        user_id=user.pk,
        address=address,
    )
    return actor, membership.account


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
    account = Account.objects.get(pk=actor.account_id)
    if account.status != Status.ACTIVE:
        raise AccountSuspended
    return account


def accounts_of(user: User) -> list[Membership]:
    """The person's memberships with their accounts, by the accounts' names."""
    return list(
        Membership.objects.select_related("account")
        .filter(user_id=user.pk)
        .exclude(account__status=Status.CLOSED)
        .order_by("account__name", "account_id")
    )
