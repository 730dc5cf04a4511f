"""Terms of payment, top-ups, adjustments and monthly fees: done by those who provide."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts import clock
from accounts.errors import AccountNotFound, CurrencyDiffers, NotBilled, TermsInvalid
from accounts.models import (
    GONE,
    Account,
    Balance,
    Billing,
    EntryKind,
    LedgerEntry,
    Mode,
    Plan,
)
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, ledger
from accounts.services.ledger import Posting
from accounts.services.paths import account_below, path_of
from accounts.services.periods import day_of, month_of
from accounts.tenancy import require

_LARGEST: Final = 10**15  # micro-units: a thousand million
_NOTE_LENGTH: Final = 200
_KEY_LENGTH: Final = 40
_AHEAD: Final = timedelta(hours=14)  # no clock on Earth is further ahead of UTC
_FEES_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingTerms:
    """How an account pays: its plan, and in micro-units how far it may go."""

    plan_id: UUID
    mode: Mode = Mode.PREPAID
    credit_limit: int = 0
    low_balance: int = 0


@dataclass(frozen=True, slots=True)
class Funds:
    """How an account stands, in micro-units of ``currency``."""

    currency: str
    posted: int
    held: int
    credit: int
    low_balance: int

    @property
    def available(self) -> int:
        """What may be spent now."""
        return self.posted - self.held + self.credit

    @property
    def low(self) -> bool:
        """Whether people should be warned."""
        return self.available < self.low_balance


@dataclass(frozen=True, slots=True)
class Standing:
    """An account below: its terms and funds (None if it is not billed), and plans for it."""

    account: Account
    billing: Billing | None
    funds: Funds | None
    plans: list[Plan]


def set_billing(actor: Actor, *, account_id: UUID, terms: BillingTerms) -> Billing:
    """Put an account below on a plan of the actor's, or of one between the two.

    From then on it pays for its own faxes and for those of all accounts below it.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account, or no provider of it has the plan.
        TermsInvalid: a limit that is none, or a currency other than that of the ledger.

    """
    require(actor, Action.MONEY_MANAGE)
    account = account_below(actor, account_id)
    plan = _plan_for(actor, account, terms.plan_id)
    if not (0 <= terms.credit_limit <= _LARGEST and 0 <= terms.low_balance <= _LARGEST):
        raise TermsInvalid("not an amount")
    with transaction.atomic():
        Balance.objects.bulk_create([Balance(account=account)], ignore_conflicts=True)
        balance = ledger.locked([account.pk])[account.pk]
        before = Billing.objects.for_account(account.pk).first()
        if before and balance.entries and before.currency != plan.deck.currency:
            raise CurrencyDiffers("the ledger is kept in another currency")
        billing, _ = Billing.rows.update_or_create(
            account=account,
            defaults={
                "plan": plan,
                "mode": terms.mode,
                "currency": plan.deck.currency,
                "credit_limit": terms.credit_limit,
                "low_balance": terms.low_balance,
            },
        )
        audit.record_below(
            actor,
            account_id=account.pk,
            action="billing.set",
            mode=terms.mode,
            credit_limit=terms.credit_limit,
        )
    return billing


def top_up(actor: Actor, *, account_id: UUID, amount: int, key: str, note: str = "") -> LedgerEntry:
    """Put money into the ledger of an account below; ``key`` makes a doubled order one.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.
        NotBilled
        TermsInvalid: the amount is not above zero, or too large; the key is none.

    """
    if amount <= 0:
        raise TermsInvalid("a top-up is above zero")
    return _book(actor, account_id, EntryKind.TOP_UP, amount, key, note)


def adjust(actor: Actor, *, account_id: UUID, amount: int, key: str, note: str) -> LedgerEntry:
    """Correct the ledger of an account below, up or down, with the reason in ``note``.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.
        NotBilled
        TermsInvalid: the amount is zero or too large, the reason or the key is none.

    """
    if not amount or not note.strip():
        raise TermsInvalid("an adjustment has an amount and a reason")
    return _book(actor, account_id, EntryKind.ADJUSTMENT, amount, key, note)


def funds_of(account_id: UUID) -> Funds | None:
    """How an account stands; None if it is not billed."""
    found = billed([account_id]).get(account_id)
    return found[1] if found else None


def billed(account_ids: Collection[UUID]) -> dict[UUID, tuple[Billing, Funds]]:
    """How those of the accounts that are billed pay, with their plans, and stand. Two queries."""
    why = "read for accounts that the asker provides for"
    terms = Billing.objects.across_tenants(why=why).filter(account_id__in=account_ids)
    rows = Balance.objects.across_tenants(why=why).filter(account_id__in=account_ids)
    balances = {balance.account_id: balance for balance in rows}
    return {
        each.account_id: (each, _funds(each, balances[each.account_id]))
        for each in terms.select_related("plan")
    }


def with_available() -> QuerySet[Any, Any]:
    """All terms of payment, each ``available`` as ``Funds`` says, where many are asked for."""
    balances = Balance.objects.across_tenants(why="compared with the terms of the same account")
    spendable = balances.filter(account_id=OuterRef("account_id")).values(
        sum=F("posted") - F("held")
    )
    credit = Case(When(mode=Mode.POSTPAID, then=F("credit_limit")), default=Value(0))
    rows = Billing.objects.across_tenants(why="narrowed by who asks")
    return rows.annotate(available=Subquery(spendable) + credit)


def low_on_money() -> QuerySet[Any, Any]:
    """The terms of those whose balance is low, as ``Funds.low`` says."""
    return with_available().filter(available__lt=F("low_balance"))


def terms_below(actor: Actor, *, account_id: UUID) -> Standing:
    """How an account below pays and stands, and which plans of the actor it may be put on.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.

    """
    require(actor, Action.MONEY_MANAGE)
    account = account_below(actor, account_id)
    rows = Billing.objects.for_account(account.pk).select_related("plan__deck", "plan__account")
    billing = rows.first()
    plans = Plan.objects.visible_to(actor).filter(archived_at__isnull=True)
    offered = list(plans.select_related("deck").order_by("name"))
    if billing is not None and billing.plan not in offered:
        offered.append(billing.plan)
    return Standing(account, billing, funds_of(account.pk) if billing else None, offered)


def book_fees(now: datetime) -> int:
    """Book the fee of the month for accounts that have not been charged it; how many were.

    The fee is for the whole month, whenever the account was put on its plan, and is booked even if
    the balance does not cover it. May run anywhere and twice at once.
    """
    rows = Billing.objects.across_tenants(why="the portal books everybody's fees")
    latest = month_of((now + _AHEAD).date())
    due = rows.filter(Q(fee_month__isnull=True) | Q(fee_month__lt=latest), plan__monthly_fee__gt=0)
    waiting = due.exclude(account__status__in=GONE).select_related("account", "plan")
    booked = (_book_fee(billing, now) for billing in waiting.iterator())
    return len(list(islice((each for each in booked if each), _FEES_AT_ONCE)))


def _funds(terms: Billing, balance: Balance) -> Funds:
    return Funds(terms.currency, balance.posted, balance.held, terms.credit, terms.low_balance)


def _book_fee(billing: Billing, now: datetime) -> bool:
    month = month_of(day_of(billing.account, now))
    if billing.fee_month is not None and billing.fee_month >= month:
        return False  # the month has not begun there
    fee = Posting(
        account_id=billing.account_id,
        kind=EntryKind.FEE,
        amount=-billing.plan.monthly_fee,
        key=f"fee/{month:%Y-%m}",
        note=billing.plan.name,
    )
    with transaction.atomic():
        entries = ledger.post(ledger.locked([billing.account_id]), [fee], at=now)
        Billing.objects.for_account(billing.account_id).update(fee_month=month)
    return bool(entries)


def _book(
    actor: Actor, account_id: UUID, kind: EntryKind, amount: int, key: str, note: str
) -> LedgerEntry:
    require(actor, Action.MONEY_MANAGE)
    account = account_below(actor, account_id)
    if abs(amount) > _LARGEST or not 0 < len(key) <= _KEY_LENGTH or len(note) > _NOTE_LENGTH:
        raise TermsInvalid("too large, or without a key")
    if not Billing.objects.for_account(account.pk).exists():
        raise NotBilled
    posting = Posting(
        account_id=account.pk,
        kind=kind,
        amount=amount,
        key=f"{kind}/{key}",
        by=actor.name,
        note=note.strip(),
    )
    with transaction.atomic():
        entries = ledger.post(ledger.locked([account.pk]), [posting], at=clock.now())
        if entries:
            audit.record_below(actor, account_id=account.pk, action=f"money.{kind}", amount=amount)
    return LedgerEntry.objects.for_account(account.pk).get(key=posting.key)


def _plan_for(actor: Actor, account: Account, plan_id: UUID) -> Plan:
    """A plan of the actor's, or of one between the two, that is offered; or the one it is on.

    Raises:
        AccountNotFound: there is none of this id.

    """
    rows = Plan.objects.across_tenants(why="a plan is kept by a provider above")
    path = path_of(account)
    on_it = Billing.objects.for_account(account.pk).filter(plan_id=plan_id).exists()
    sellers = path[path.index(actor.account_id) : -1]
    open_to_it = rows.filter(account_id__in=sellers, archived_at__isnull=True)
    plan = (rows if on_it else open_to_it).filter(pk=plan_id).select_related("deck").first()
    if plan is None:
        raise AccountNotFound
    return plan
