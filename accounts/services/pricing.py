"""What a fax costs: the one home of the rule. Plain sums, in whole micro-units.

A try costs by what the other machine confirmed: each page that it acknowledged, or where the rate
is by the minute, the time on the line rounded up to the rate's increment. A try in which no page
was confirmed costs nothing, however it ended; so does a fax whose fate is not known. Pages that a
plan includes go first, and only where the rate is by the page. The connection fee is added to each
try that costs anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from accounts.models import Unit

_MINUTE: Final = 60
# What is set aside for a page by the minute. A page of text takes half of it at 14,400 bit/s.
_SECONDS_A_PAGE: Final = 60


class Terms(Protocol):
    """A price: of a page or a minute, micro-units. ``increment`` is in seconds."""

    unit: str
    price: int
    increment: int
    connection_fee: int


@dataclass(frozen=True, slots=True)
class Try:
    """A try at transmission: pages that were confirmed, whole seconds on the line."""

    pages: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What it comes to: micro-units, and how many included pages it uses."""

    amount: int
    included: int


def cost_of(tries: Sequence[Try], terms: Terms, *, included: int) -> Cost:
    """What the tries of a fax cost, of which up to ``included`` pages are paid for already."""
    amount, left = 0, included
    for each in tries:
        if not each.pages:
            continue
        if terms.unit == Unit.MINUTE:
            amount += _of_time(each.seconds, terms) + terms.connection_fee
            continue
        free = min(left, each.pages)
        left -= free
        if each.pages > free:
            amount += (each.pages - free) * terms.price + terms.connection_fee
    return Cost(amount, included - left)


def estimate(pages: int, terms: Terms, *, included: int) -> Cost:
    """What to set aside for a fax: one try in which all of its pages arrive."""
    return cost_of([Try(pages, pages * _SECONDS_A_PAGE)], terms, included=included)


def _of_time(seconds: int, terms: Terms) -> int:
    """The price of time on the line, rounded up to the increment, and to the micro-unit."""
    billed = -(-max(seconds, 1) // terms.increment) * terms.increment
    return -(-billed * terms.price // _MINUTE)
