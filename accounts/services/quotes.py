"""What faxes would cost an account, as things stand: looked up, and nothing set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.errors import MoneyRefused, PlanUsedUp, RateMissing
from accounts.models import Account, Beyond, Billing, Rate, Unit
from accounts.services import pricing
from accounts.services.charges import billings_of, included_used
from accounts.services.pricing import Try
from accounts.services.rates import rates_for


@dataclass(frozen=True, slots=True)
class Quote:
    """What a fax to one number would cost; micro-units of ``currency``.

    ``cost`` is None if it cannot be priced, as ``refused`` tells, or if the account is not billed:
    then ``currency`` is empty. ``included`` are pages that the plan pays for.
    """

    number: str
    currency: str = ""
    cost: int | None = None
    included: int = 0
    rate: Rate | None = None
    refused: MoneyRefused | None = None


def quotes(account: Account, *, numbers: Sequence[str], fax: Try, now: datetime) -> list[Quote]:
    """What the same fax would cost to each of these numbers, if one try delivers it.

    Included pages go to the first numbers first, as they will. Whether it can be paid for is not
    looked at.
    """
    billings = billings_of(account)
    rates = rates_for({each.plan.deck_id for each in billings}, set(numbers))
    used = included_used(billings, now)
    left = {
        each.account_id: max(0, each.plan.included_pages - used.get(each.account_id, 0))
        for each in billings
    }
    found = []
    for number in numbers:
        quote = Quote(number)
        for billing in billings:
            own = billing.account_id == account.pk
            rate = rates.get((billing.plan.deck_id, number))
            try:
                cost = _cost(billing, rate, fax, left[billing.account_id], number, own=own)
            except MoneyRefused as refused:
                quote = Quote(number, refused=refused)
                break
            left[billing.account_id] -= cost.included
            if own:
                quote = Quote(number, billing.currency, cost.amount, cost.included, rate)
        found.append(quote)
    return found


def _cost(
    billing: Billing, rate: Rate | None, fax: Try, left: int, number: str, *, own: bool
) -> pricing.Cost:
    if rate is None:
        raise RateMissing(own=own, number=number)
    cost = pricing.cost_of([fax], rate, included=left)
    beyond = rate.unit == Unit.PAGE and cost.included < fax.pages
    if beyond and billing.plan.beyond == Beyond.REFUSE:
        raise PlanUsedUp(own=own, limit=billing.plan.included_pages)
    return cost
