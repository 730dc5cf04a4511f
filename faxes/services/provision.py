"""A tenant in one go: account, plan, starting credit, number, and its administrator asked to join.

All of it in one transaction, so that what cannot be leaves nothing behind; the mail goes out after.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.errors import AccountNotFound, AccountsError, NotAllowed, TenantInvalid
from accounts.models import Account, AuditEntry, Kind
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit, invitations, money, tenants, tree
from accounts.services.invitations import Letter
from accounts.services.money import BillingTerms
from accounts.tenancy import require
from faxes.errors import FaxError, OrderRefused
from faxes.services import numbers

_DONE: Final = "tenant.provision"
_REMEMBERED: Final = 100  # orders of the account; one that is sent twice is among the last
_FIRST_TOP_UP: Final = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantOrder:
    """What a new tenant is to have. What is None or empty is left out or taken from the parent.

    ``credit`` is in micro-units of the plan's currency. An order that comes again with the same
    ``key`` is done once. Without ``email`` nobody is asked to join.
    """

    name: str
    email: str = ""
    kind: Kind = Kind.CUSTOMER
    parent_id: UUID | None = None
    number_id: UUID | None = None
    plan_id: UUID | None = None
    credit: int = 0
    time_zone: str = ""
    country: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Provisioned:
    """The tenant, and whether the mail to its administrator could be sent."""

    account: Account
    mailed: bool


def provision(actor: Actor, *, order: TenantOrder) -> Provisioned:
    """Make a tenant with all that was ordered, and ask its administrator to join.

    Raises:
        NotAllowed
        OrderRefused: with the field of the order that cannot be, and why; nothing is made.

    """
    require(actor, Action.TENANTS_MANAGE)
    with transaction.atomic():
        tree.hold_tree(Account.objects.get(pk=actor.account_id))  # one order after the other
        before = _made_earlier(actor, order.key)
        if before is not None:
            return Provisioned(before, mailed=True)
        account = _account(actor, order)
        _terms(actor, order, account)
        if order.number_id is not None:
            with _at("number"):
                numbers.assign(actor, number_ids=[order.number_id], account_id=account.pk)
        letter = _invitation(actor, order, account) if order.email else None
        audit.record(
            actor,
            action=_DONE,
            object_type="account",
            object_id=account.pk,
            order=order.key,
            numbers=int(order.number_id is not None),
            credit=order.credit,
        )
    return Provisioned(account, mailed=letter is not None and letter.send())


def _account(actor: Actor, order: TenantOrder) -> Account:
    try:
        with _at("name"):
            return tenants.create_tenant(
                actor,
                name=order.name,
                kind=order.kind,
                parent_id=order.parent_id,
                time_zone=order.time_zone,
                country=order.country,
            )
    except OrderRefused as refused:
        nowhere = isinstance(refused.reason, AccountNotFound)
        raise OrderRefused("parent_id" if nowhere else refused.field, refused.reason) from None


def _terms(actor: Actor, order: TenantOrder, account: Account) -> None:
    if order.plan_id is not None:
        with _at("plan"):
            money.set_billing(
                actor, account_id=account.pk, terms=BillingTerms(plan_id=order.plan_id)
            )
    if order.credit:
        with _at("credit"):
            money.top_up(actor, account_id=account.pk, amount=order.credit, key=_FIRST_TOP_UP)


def _invitation(actor: Actor, order: TenantOrder, account: Account) -> Letter:
    with _at("email"):
        return invitations.write_below(
            actor, account_id=account.pk, email=order.email, role=Role.ADMIN
        )


def _made_earlier(actor: Actor, key: str) -> Account | None:
    """The account that an order with this key made already."""
    if not key:
        return None
    mine = AuditEntry.objects.filter(account_id=actor.account_id, action=_DONE)
    for entry in mine.order_by("-number")[:_REMEMBERED]:
        if entry.object_id is not None and entry.facts.get("order") == key:
            return Account.objects.filter(pk=entry.object_id).first()
    return None


@contextmanager
def _at(field: str) -> Iterator[None]:
    """Name the field at fault for whatever goes wrong inside."""
    try:
        yield
    except NotAllowed:
        raise
    except TenantInvalid as error:
        raise OrderRefused(error.field, error) from None
    except (AccountsError, FaxError) as error:
        raise OrderRefused(field, error) from None
