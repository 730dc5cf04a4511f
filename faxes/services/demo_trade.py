"""The trade of the demonstration: prices and plans, customers' credit, free numbers."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts.errors import DemoOnly
from accounts.models import Account, Beyond, Billing, Kind, Plan, RateDeck
from accounts.scoping import Actor
from accounts.services import money, rates
from accounts.services.amounts import parsed
from accounts.services.money import BillingTerms
from accounts.services.rates import NewRate, PlanTerms
from faxes.models import Number
from faxes.services import numbers
from faxes.services.demo import ACCOUNTS

_CREDIT: Final = parsed("250")
_LOW: Final = parsed("20")
_PAY_AS_YOU_GO, _MONTHLY = "Pay as you go", "Monthly 250"
_CANADA: Final = (
    "204 226 236 249 250 263 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 468 "
    "474 506 514 519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 "
    "819 825 867 873 879 902 905"
)
_PLANS: Final = {"northside": _MONTHLY, "lakeside": _PAY_AS_YOU_GO, "redwood": _PAY_AS_YOU_GO}


@dataclass(frozen=True, slots=True)
class _Seller:
    """What a reseller asks for a page, in figures, and how its free numbers begin."""

    states: str
    canada: str
    britain: str
    germany: str
    elsewhere: str
    pool: str


_SELLERS: Final = {
    "harbor": _Seller("0.07", "0.08", "0.10", "0.12", "0.35", "+1617555013"),
    "summit": _Seller("0.06", "0.09", "0.11", "0.11", "0.30", "+1503555013"),
}


def seed_trade() -> None:
    """Give the demonstration's resellers prices, plans, credit and free numbers, as is missing.

    Raises:
        DemoOnly: this site is no demonstration.

    """
    if not settings.DEMO:
        raise DemoOnly("set FAXPORTAL_DEMO=1: demonstration data has secrets that everybody knows")
    realms = {demo.slug: demo.realm for demo in ACCOUNTS}
    with transaction.atomic():
        for slug, seller in _SELLERS.items():
            account = Account.objects.get(realm=realms[slug])
            actor = Actor.system(account.pk)
            if not RateDeck.objects.for_account(account.pk).exists():
                _make_plans(actor, seller)
            _fill_pool(actor, seller)
            for customer in Account.objects.filter(parent=account, kind=Kind.CUSTOMER):
                _put_on_plan(actor, customer)


def _make_plans(actor: Actor, seller: _Seller) -> None:
    deck = rates.create_deck(actor, name="Standard prices", currency="USD")
    prices = {"1": seller.states, "44": seller.britain, "49": seller.germany}
    prices |= dict.fromkeys("23456789", seller.elsewhere)
    prices |= dict.fromkeys((f"1{area}" for area in _CANADA.split()), seller.canada)
    listed = [NewRate(prefix, parsed(price)) for prefix, price in sorted(prices.items())]
    rates.replace_rates(actor, deck_id=deck.pk, rates=listed)
    rates.create_plan(actor, terms=PlanTerms(name=_PAY_AS_YOU_GO, deck_id=deck.pk))
    rates.create_plan(
        actor,
        terms=PlanTerms(
            name=_MONTHLY,
            deck_id=deck.pk,
            monthly_fee=parsed("15"),
            included_pages=250,
            beyond=Beyond.CHARGE,
            received_price=parsed("0.01"),
        ),
    )


def _put_on_plan(actor: Actor, customer: Account) -> None:
    slug = customer.realm.removesuffix(".example")
    if slug not in _PLANS or Billing.objects.for_account(customer.pk).exists():
        return
    plans = Plan.objects.visible_to(actor).filter(archived_at__isnull=True)
    plan = plans.filter(name=_PLANS[slug]).first() or plans.first()
    if plan is None:
        return
    terms = BillingTerms(plan_id=plan.pk, low_balance=_LOW)
    money.set_billing(actor, account_id=customer.pk, terms=terms)
    money.top_up(actor, account_id=customer.pk, amount=_CREDIT, key="demo", note="Demonstration")


def _fill_pool(actor: Actor, seller: _Seller) -> None:
    """Twelve free numbers, unless any of them is known."""
    pool = [f"{seller.pool}{last}" for last in range(10)]
    pool += [f"{seller.pool[:-1]}4{last}" for last in range(2)]
    known = Number.objects.across_tenants(why="a number is one account's in the whole site")
    if not known.filter(e164__in=pool).exists():
        numbers.import_numbers(actor, text="\n".join(pool))
