"""One act on many accounts below, each on its own: what fails for one is told, and goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from accounts.errors import AccountsError, NotAllowed, NotBilled, TermsInvalid, TooManyTenants
from accounts.models import Account, Billing, Mode
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import money, tenants
from accounts.services.money import BillingTerms
from accounts.services.paths import account_below
from accounts.tenancy import require

MOST_AT_ONCE: Final = 200


class BulkAct(StrEnum):
    """What can be done to many at once."""

    SUSPEND = "suspend"
    RESUME = "resume"
    PLAN = "plan"
    TOP_UP = "top_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOrder:
    """What to do to which accounts; ``amount`` in micro-units of each one's currency.

    A top-up that comes again with the same ``key`` is booked once.
    """

    act: BulkAct
    account_ids: Sequence[UUID]
    reason: str = ""
    plan_id: UUID | None = None
    amount: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went for one account; ``error`` is None where it is done."""

    account: Account
    error: AccountsError | None


def do_to_many(actor: Actor, *, order: BulkOrder) -> list[Outcome]:
    """Do it to one account after the other; those that are not below the actor's are left out.

    Raises:
        NotAllowed
        TooManyTenants: more than ``MOST_AT_ONCE`` are named.
        TermsInvalid: no plan is chosen, or the amount is none.

    """
    require(actor, Action.TENANTS_MANAGE)
    if len(order.account_ids) > MOST_AT_ONCE:
        raise TooManyTenants(MOST_AT_ONCE)
    if order.act == BulkAct.PLAN and order.plan_id is None:
        raise TermsInvalid("no plan")
    if order.act == BulkAct.TOP_UP and order.amount <= 0:
        raise TermsInvalid("no amount")
    outcomes = []
    for account_id in dict.fromkeys(order.account_ids):
        try:
            account = account_below(actor, account_id)
        except AccountsError:
            continue
        outcomes.append(Outcome(account, _tried(actor, order, account)))
    return outcomes


def _tried(actor: Actor, order: BulkOrder, account: Account) -> AccountsError | None:
    try:
        _do(actor, order, account)
    except NotAllowed:
        raise
    except AccountsError as error:
        return error
    return None


def _do(actor: Actor, order: BulkOrder, account: Account) -> None:
    billing = Billing.objects.for_account(account.pk).first()
    if order.act == BulkAct.SUSPEND:
        tenants.suspend(actor, account_id=account.pk, reason=order.reason)
    elif order.act == BulkAct.RESUME:
        tenants.resume(actor, account_id=account.pk)
    elif order.act == BulkAct.PLAN and order.plan_id is not None:
        # only the plan changes: how and how far an account pays stays as it was agreed
        terms = BillingTerms(
            plan_id=order.plan_id,
            mode=Mode(billing.mode) if billing else Mode.PREPAID,
            credit_limit=billing.credit_limit if billing else 0,
            low_balance=billing.low_balance if billing else 0,
        )
        money.set_billing(actor, account_id=account.pk, terms=terms)
    elif billing is None:
        raise NotBilled
    else:
        money.top_up(actor, account_id=account.pk, amount=order.amount, key=order.key)
