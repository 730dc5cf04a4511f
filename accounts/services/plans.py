"""Decks and plans as they are kept: seen with who uses them, changed, put away, deleted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, ProtectedError, QuerySet

from accounts import clock
from accounts.errors import AccountNotFound, CurrencyDiffers, StillUsed
from accounts.models import Billing, Plan, Rate, RateDeck
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.rates import (
    PlanTerms,
    deck_of,
    rates_for,
    rates_to_csv,
    require_amounts,
    require_name,
)
from accounts.tenancy import require

PAGE_SIZE: Final = 100


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck with how many rates it has, and how many plans go by it."""

    deck: RateDeck
    rates: int
    plans: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan with how many accounts are on it."""

    plan: Plan
    accounts: int


@dataclass(frozen=True, slots=True)
class RatePage:
    """Rates of a deck by prefix; ``after`` is where the next page goes on, empty on the last."""

    rates: Sequence[Rate]
    after: str


def decks_with_use(actor: Actor) -> list[Deck]:
    """The decks of the actor's account, by name.

    Raises:
        NotAllowed

    """
    require(actor, Action.MONEY_MANAGE)
    decks = RateDeck.objects.visible_to(actor).order_by("name")
    sizes = _counted(Rate.objects.filter(deck__account_id=actor.account_id).values_list("deck"))
    used = _counted(Plan.objects.visible_to(actor).values_list("deck"))
    return [Deck(each, sizes.get(each.pk, 0), used.get(each.pk, 0)) for each in decks]


def offers_of(actor: Actor) -> list[Offer]:
    """The plans of the actor's account: those offered by name, then those put away.

    Raises:
        NotAllowed

    """
    require(actor, Action.MONEY_MANAGE)
    plans = Plan.objects.visible_to(actor).select_related("deck").order_by("name")
    rows = Billing.objects.across_tenants(why="who is on a plan counts for its keeper")
    used = _counted(rows.filter(plan__account_id=actor.account_id).values_list("plan"))
    offers = [Offer(each, used.get(each.pk, 0)) for each in plans]
    return sorted(offers, key=lambda offer: offer.plan.archived_at is not None)


def plan_of(actor: Actor, *, plan_id: UUID) -> Plan:
    """One of the actor's plans, with its deck.

    Raises:
        NotAllowed
        AccountNotFound: there is none of this id.

    """
    require(actor, Action.MONEY_MANAGE)
    plan = Plan.objects.visible_to(actor).filter(pk=plan_id).select_related("deck").first()
    if plan is None:
        raise AccountNotFound
    return plan


def change_plan(actor: Actor, *, plan_id: UUID, terms: PlanTerms) -> Plan:
    """Change a plan for all who are on it. Faxes on their way keep their price, booked fees stay.

    Raises:
        NotAllowed
        AccountNotFound: the actor has no such plan or deck.
        CurrencyDiffers: somebody is on it whose ledger is kept in the currency of before.
        TermsInvalid: no name, or one that is taken; an amount below zero.

    """
    plan = plan_of(actor, plan_id=plan_id)
    deck = deck_of(actor, deck_id=terms.deck_id)
    others = Plan.objects.visible_to(actor).exclude(pk=plan.pk)
    require_name(terms.name, others.values_list("name", flat=True))
    require_amounts(terms)
    with transaction.atomic():
        if deck.currency != plan.deck.currency and _on(plan):
            raise CurrencyDiffers(deck.currency)
        plan.name, plan.deck = terms.name, deck
        plan.monthly_fee, plan.included_pages = terms.monthly_fee, terms.included_pages
        plan.beyond, plan.received_price = terms.beyond, terms.received_price
        plan.save()
        audit.record(actor, action="plan.change", object_type="plan", object_id=plan.pk)
    return plan


def put_plan_away(actor: Actor, *, plan_id: UUID) -> bool:
    """Offer a plan to nobody any more: True if it is gone, False if kept for those who are on it.

    Raises:
        NotAllowed
        AccountNotFound: the actor has no such plan.

    """
    plan = plan_of(actor, plan_id=plan_id)
    with transaction.atomic():
        try:
            with transaction.atomic():
                plan.delete()
            gone = True
        except ProtectedError:  # somebody is on it
            gone = False
            Plan.objects.visible_to(actor).filter(pk=plan_id, archived_at__isnull=True).update(
                archived_at=clock.now()
            )
        action = "plan.delete" if gone else "plan.archive"
        audit.record(actor, action=action, object_type="plan", object_id=plan_id)
    return gone


def restore_plan(actor: Actor, *, plan_id: UUID) -> None:
    """Offer a plan again that was put away.

    Raises:
        NotAllowed
        AccountNotFound: the actor has no such plan.

    """
    plan = plan_of(actor, plan_id=plan_id)
    with transaction.atomic():
        Plan.objects.visible_to(actor).filter(pk=plan.pk).update(archived_at=None)
        audit.record(actor, action="plan.restore", object_type="plan", object_id=plan.pk)


def rename_deck(actor: Actor, *, deck_id: UUID, name: str) -> RateDeck:
    """Give a deck another name. Its currency stays.

    Raises:
        NotAllowed
        AccountNotFound: the actor has no such deck.
        NameTaken

    """
    require(actor, Action.MONEY_MANAGE)
    deck = deck_of(actor, deck_id=deck_id)
    others = RateDeck.objects.visible_to(actor).exclude(pk=deck.pk)
    require_name(name, others.values_list("name", flat=True))
    with transaction.atomic():
        deck.name = name
        deck.save(update_fields=["name"])
        audit.record(actor, action="deck.rename", object_type="deck", object_id=deck.pk)
    return deck


def delete_deck(actor: Actor, *, deck_id: UUID) -> None:
    """Delete a deck with its rates.

    Raises:
        NotAllowed
        AccountNotFound: the actor has no such deck.
        StillUsed: a plan goes by it.

    """
    require(actor, Action.MONEY_MANAGE)
    deck = deck_of(actor, deck_id=deck_id)
    try:
        with transaction.atomic():
            deck.delete()
            audit.record(actor, action="deck.delete", object_type="deck", object_id=deck_id)
    except ProtectedError:
        raise StillUsed from None


def rates_in(actor: Actor, *, deck_id: UUID, after: str = "") -> RatePage:
    """A page of a deck's rates, by prefix.

    Raises:
        NotAllowed
        AccountNotFound: the actor has no such deck.

    """
    require(actor, Action.MONEY_MANAGE)
    deck = deck_of(actor, deck_id=deck_id)
    rows = Rate.objects.filter(deck=deck, prefix__gt=after).order_by("prefix")
    found = list(rows[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    return RatePage(found[:PAGE_SIZE], found[PAGE_SIZE - 1].prefix if more else "")


def rate_for(actor: Actor, *, deck_id: UUID, number: str) -> Rate | None:
    """What a fax to a number in E.164 costs by a deck; None if the deck does not say.

    Raises:
        NotAllowed
        AccountNotFound: the actor has no such deck.

    """
    require(actor, Action.MONEY_MANAGE)
    deck = deck_of(actor, deck_id=deck_id)
    return rates_for([deck.pk], [number]).get((deck.pk, number))


def deck_csv(actor: Actor, *, deck_id: UUID) -> Iterator[str]:
    """A deck's rates as lines of CSV; the export goes on record.

    Raises:
        NotAllowed
        AccountNotFound: the actor has no such deck.

    """
    require(actor, Action.MONEY_MANAGE)
    deck = deck_of(actor, deck_id=deck_id)
    audit.record(actor, action="deck.export", object_type="deck", object_id=deck.pk)
    return rates_to_csv(Rate.objects.filter(deck=deck).order_by("prefix").iterator(2000))


def _on(plan: Plan) -> bool:
    rows = Billing.objects.across_tenants(why="who is on a plan counts for its keeper")
    return rows.filter(plan=plan).exists()


def _counted(rows: QuerySet[Any, Any]) -> Mapping[UUID, int]:
    """How often each key comes."""
    return dict(rows.order_by().annotate(count=Count("pk")))
