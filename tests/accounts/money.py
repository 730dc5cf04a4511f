"""Money for the cast: decks, plans, terms and top-ups at every level."""

from uuid import uuid4

from accounts.models import Account, Plan
from accounts.roles import Role
from accounts.scoping import Actor
from accounts.services import money, rates
from accounts.services.amounts import MICRO
from accounts.services.money import BillingTerms
from accounts.services.rates import NewRate, PlanTerms

CENT = MICRO // 100


def actor_of(account: Account) -> Actor:
    """An administrator of an account."""
    return Actor(account_id=account.pk, role=Role.ADMIN, name=f"admin@{account.realm}", via="test")


def provider_of(account: Account) -> Actor:
    """An administrator of the account above."""
    assert account.parent is not None
    return actor_of(account.parent)


def plan_by(
    seller: Actor, *, price: int = 10 * CENT, prefix: str = "1", name: str = "", **terms: object
) -> Plan:
    """A plan of a seller with one rate a page, in dollars."""
    named = name or f"plan {uuid4()}"
    deck = rates.create_deck(seller, name=named, currency="USD")
    rates.replace_rates(seller, deck_id=deck.pk, rates=[NewRate(prefix, price)])
    return rates.create_plan(
        seller,
        terms=PlanTerms(name=named, deck_id=deck.pk, **terms),  # type: ignore[arg-type]
    )


def bill(account: Account, *, balance: int = 0, plan: Plan | None = None, **terms: object) -> None:
    """Put an account on a plan of whoever keeps that, else of the account above, with a balance."""
    seller = actor_of(plan.account) if plan else provider_of(account)
    chosen = plan or plan_by(seller)
    money.set_billing(
        seller,
        account_id=account.pk,
        terms=BillingTerms(plan_id=chosen.pk, **terms),  # type: ignore[arg-type]
    )
    if balance:
        money.top_up(seller, account_id=account.pk, amount=balance, key=str(uuid4()))


def standing(account: Account) -> tuple[int, int]:
    """What is posted and what is held, in cents."""
    funds = money.funds_of(account.pk)
    assert funds is not None
    return funds.posted // CENT, funds.held // CENT
