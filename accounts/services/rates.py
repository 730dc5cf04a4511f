"""Decks of rates and plans: kept by whoever sells, looked up by destination."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.errors import AccountNotFound, LineInvalid, NameTaken, TermsInvalid
from accounts.models import Beyond, Plan, Rate, RateDeck, Unit
from accounts.prepared import Prepared
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, sheets
from accounts.services.amounts import parsed, plain
from accounts.tenancy import require

_LONGEST_PREFIX: Final = 15  # digits of E.164
MOST_RATES: Final = 50_000
_LONGEST_INCREMENT: Final = 600
_AT_ONCE: Final = 5000  # prefixes looked up: no database takes any number of parameters
_CURRENCY_LETTERS: Final = 3
_NAME_LENGTH: Final = 80
_MOST_PAGES: Final = 10**9
_LARGEST: Final = 10**15  # micro-units
_SECONDS: Final = re.compile(r"(-?[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class NewRate:
    """A price for numbers that begin with ``prefix``; micro-units, seconds."""

    prefix: str
    price: int
    unit: Unit = Unit.PAGE
    increment: int = 60
    connection_fee: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTerms:
    """What a plan asks and gives; micro-units of its deck's currency."""

    name: str
    deck_id: UUID
    monthly_fee: int = 0
    included_pages: int = 0
    beyond: Beyond = Beyond.CHARGE
    received_price: int = 0


def rates_for(deck_ids: Collection[UUID], numbers: Collection[str]) -> dict[tuple[UUID, str], Rate]:
    """The rate of each number in each deck, by the longest prefix; one query for some hundreds.

    A number that a deck has no rate for is left out.
    """
    prefixes = sorted({prefix for number in numbers for prefix in _prefixes(number)})
    found = {
        (rate.deck_id, rate.prefix): rate
        for start in range(0, len(prefixes), _AT_ONCE)
        for rate in _RATES.rows(decks=list(deck_ids), prefixes=prefixes[start : start + _AT_ONCE])
    }
    return {
        (deck_id, number): rate
        for deck_id in deck_ids
        for number in numbers
        if (rate := _longest(found, deck_id, number)) is not None
    }


_RATES: Final = Prepared(
    lambda decks, prefixes: Rate.objects.filter(deck_id__in=decks, prefix__in=prefixes)
)


def create_deck(actor: Actor, *, name: str, currency: str) -> RateDeck:
    """Make an empty deck of the actor's account.

    Raises:
        NotAllowed
        TermsInvalid: no name, or one that is taken; no currency.

    """
    require(actor, Action.MONEY_MANAGE)
    code = currency.strip().upper()
    if len(code) != _CURRENCY_LETTERS or not (code.isascii() and code.isalpha()):
        raise TermsInvalid(f"not a currency: {currency[:10]}")
    require_name(name, RateDeck.objects.visible_to(actor).values_list("name", flat=True))
    with transaction.atomic():
        deck = RateDeck.objects.create(account_id=actor.account_id, name=name, currency=code)
        audit.record(actor, action="deck.create", object_type="deck", object_id=deck.pk)
    return deck


def replace_rates(actor: Actor, *, deck_id: UUID, rates: Sequence[NewRate]) -> None:
    """Give a deck these rates in place of those it has. Faxes on their way keep their price.

    Raises:
        NotAllowed
        AccountNotFound: the actor has no such deck.
        TermsInvalid: a prefix that is none or comes twice, a price below zero, too many.

    """
    require(actor, Action.MONEY_MANAGE)
    deck = deck_of(actor, deck_id=deck_id)
    _require_rates(rates)
    with transaction.atomic():
        Rate.objects.filter(deck=deck).delete()
        Rate.objects.bulk_create(
            [
                Rate(
                    deck=deck,
                    prefix=rate.prefix,
                    unit=rate.unit,
                    price=rate.price,
                    increment=rate.increment,
                    connection_fee=rate.connection_fee,
                )
                for rate in rates
            ],
            batch_size=1000,
        )
        audit.record(
            actor, action="deck.rates", object_type="deck", object_id=deck.pk, rates=len(rates)
        )


def rates_from_csv(text: str) -> list[NewRate]:
    """Rates as sheets of prices list them: ``prefix,price[,unit[,increment[,connection_fee]]]``.

    A first line that has no digits is taken for headings.

    Raises:
        LineInvalid: a line that cannot be, by its number; or there are too many.

    """
    rates: list[NewRate] = []
    seen: set[str] = set()
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    try:
        for row in reader:
            cells = [sheets.meant(cell) for cell in row]
            if not any(cells) or (not rates and not any(c.isdecimal() for c in cells[0])):
                continue
            rates.append(_sound(_rate(cells), seen))
    except (ValueError, IndexError, csv.Error):
        raise LineInvalid(reader.line_num, "unreadable") from None
    except TermsInvalid as fault:
        raise LineInvalid(reader.line_num, str(fault)) from None
    if len(rates) > MOST_RATES:
        raise LineInvalid(reader.line_num, "many")
    return rates


def rates_to_csv(rates: Iterable[Rate]) -> Iterator[str]:
    """Rates as lines of CSV that can be read again."""
    yield sheets.line(["prefix", "price", "unit", "increment", "connection_fee"])
    for rate in rates:
        price, fee = plain(rate.price), plain(rate.connection_fee)
        yield sheets.line([rate.prefix, price, rate.unit, str(rate.increment), fee])


def create_plan(actor: Actor, *, terms: PlanTerms) -> Plan:
    """Make a plan of the actor's account, on a deck of its own.

    Raises:
        NotAllowed
        AccountNotFound: the actor has no such deck.
        TermsInvalid: no name, or one that is taken; an amount below zero.

    """
    require(actor, Action.MONEY_MANAGE)
    deck = deck_of(actor, deck_id=terms.deck_id)
    require_name(terms.name, Plan.objects.visible_to(actor).values_list("name", flat=True))
    require_amounts(terms)
    with transaction.atomic():
        plan = Plan.objects.create(
            account_id=actor.account_id,
            name=terms.name,
            deck=deck,
            monthly_fee=terms.monthly_fee,
            included_pages=terms.included_pages,
            beyond=terms.beyond,
            received_price=terms.received_price,
        )
        audit.record(actor, action="plan.create", object_type="plan", object_id=plan.pk)
    return plan


def plans_of(actor: Actor) -> list[Plan]:
    """The plans of the actor's account with their decks, by name."""
    require(actor, Action.MONEY_MANAGE)
    return list(Plan.objects.visible_to(actor).select_related("deck").order_by("name"))


def deck_of(actor: Actor, *, deck_id: UUID) -> RateDeck:
    """One of the actor's decks.

    Raises:
        AccountNotFound: there is none of this id.

    """
    deck = RateDeck.objects.visible_to(actor).filter(pk=deck_id).first()
    if deck is None:
        raise AccountNotFound
    return deck


def _prefixes(number: str) -> list[str]:
    """The digits that a number begins with, longest first."""
    digits = number.removeprefix("+")[:_LONGEST_PREFIX]
    return [digits[:length] for length in range(len(digits), 0, -1)]


def _longest(found: Mapping[tuple[UUID, str], Rate], deck_id: UUID, number: str) -> Rate | None:
    each = (found.get((deck_id, prefix)) for prefix in _prefixes(number))
    return next((rate for rate in each if rate is not None), None)


def _rate(cells: Sequence[str]) -> NewRate:
    unit, increment, fee = (*cells[2:], "", "", "")[:3]
    if not _SECONDS.fullmatch(increment):
        raise ValueError(increment)
    try:
        price, connection_fee = parsed(cells[1]), parsed(fee or "0")
    except TermsInvalid:
        raise TermsInvalid("price") from None
    return NewRate(
        prefix=cells[0].removeprefix("+"),
        price=price,
        unit=Unit(unit.lower() or Unit.PAGE),
        increment=int(increment or 60),
        connection_fee=connection_fee,
    )


def _require_rates(rates: Sequence[NewRate]) -> None:
    if len(rates) > MOST_RATES:
        raise TermsInvalid(f"more than {MOST_RATES} rates")
    seen: set[str] = set()
    for rate in rates:
        _sound(rate, seen)


def _sound(rate: NewRate, seen: set[str]) -> NewRate:
    """A rate that can be, and whose prefix was not seen before.

    Raises:
        TermsInvalid: with a word for what is wrong.

    """
    digits = rate.prefix.isascii() and rate.prefix.isdecimal()
    if not digits or len(rate.prefix) > _LONGEST_PREFIX:
        raise TermsInvalid("prefix")
    if rate.prefix in seen:
        raise TermsInvalid("twice")
    if min(rate.price, rate.connection_fee) < 0:
        raise TermsInvalid("price")
    if not 0 < rate.increment <= _LONGEST_INCREMENT:
        raise TermsInvalid("increment")
    seen.add(rate.prefix)
    return rate


def require_name(name: str, taken: Iterable[str]) -> None:
    """Let pass what can be the name of a deck or plan.

    Raises:
        NameTaken: it cannot.

    """
    if not name.strip() or len(name) > _NAME_LENGTH or name in taken:
        raise NameTaken(f"no name, or taken: {name[:20]}")


def require_amounts(terms: PlanTerms) -> None:
    """Let pass what a plan can ask and give.

    Raises:
        TermsInvalid: an amount below zero, or beyond all measure.

    """
    amounts = (terms.monthly_fee, terms.included_pages, terms.received_price)
    if min(amounts) < 0 or terms.included_pages > _MOST_PAGES or max(amounts) > _LARGEST:
        raise TermsInvalid("below zero, or too much")
