"""No order of holds, settlements, top-ups and fees, done twice or late, breaks a ledger."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.errors import InsufficientCredit
from accounts.ids import new_id
from accounts.models import (
    Account,
    Balance,
    Billing,
    Charge,
    DayCount,
    DayUsage,
    LedgerEntry,
    MonthSum,
    Plan,
    RateDeck,
    Status,
)
from accounts.services import charges, limits, money
from accounts.services.charges import Intended
from accounts.services.ledger_audit import discrepancies
from accounts.services.money import funds_of
from accounts.services.pricing import Try
from tests.accounts.money import CENT, bill, plan_by, provider_of
from tests.world import make_world

START = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)
INCLUDED = 6
RARELY = st.integers(0, 5).map(lambda drawn: drawn == 5)


def forget_everything():
    """What an earlier example left; entries go with accounts that are closed."""
    Account.objects.update(status=Status.CLOSED)
    for model in (LedgerEntry, Balance, MonthSum, Charge, DayUsage, DayCount, Billing):
        model.rows.all().delete()
    Plan.rows.all().delete()
    RateDeck.rows.all().delete()
    Account.objects.update(status=Status.ACTIVE)


class Money(RuleBasedStateMachine):
    """A customer and its reseller, both billed; faxes end in any order, and more than once."""

    def __init__(self):
        super().__init__()
        world = make_world()
        forget_everything()
        self.customer = world.northside.account
        self.reseller = Account.objects.get(children=self.customer)
        self.now = START
        self.open: dict[object, int] = {}
        self.ended: list[object] = []
        self.paid_in = {self.customer.pk: 0, self.reseller.pk: 0}
        self.spent = {self.customer.pk: 0, self.reseller.pk: 0}

    @initialize(credit=st.integers(0, 100), cents=st.integers(50, 400))
    def terms(self, credit, cents):
        seller = provider_of(self.customer)
        plan = plan_by(seller, included_pages=INCLUDED, monthly_fee=3 * CENT)
        bill(self.customer, plan=plan)
        above = plan_by(provider_of(self.reseller), price=2 * CENT)
        bill(self.reseller, plan=above, mode="postpaid", credit_limit=credit * CENT)
        for whose in (True, False):
            self.is_topped_up(cents, twice=True, whose=whose)

    @rule(days=st.integers(0, 3))
    def time_passes(self, days):
        self.now += timedelta(days=days, minutes=1)

    @rule(cents=st.integers(1, 400), twice=st.booleans(), whose=st.booleans())
    def is_topped_up(self, cents, twice, whose):
        account = self.customer if whose else self.reseller
        key = str(new_id())
        for _ in range(1 + twice):
            money.top_up(provider_of(account), account_id=account.pk, amount=cents * CENT, key=key)
        self.paid_in[account.pk] += cents * CENT

    @rule(pages=st.lists(st.integers(1, 5), min_size=1, max_size=3), dies=RARELY)
    def faxes_are_handed_in(self, pages, dies):
        faxes = [Intended(new_id(), f"+1202555010{n}", count) for n, count in enumerate(pages)]
        try:
            with transaction.atomic():
                limits.count_pages(self.customer, pages=pages, now=self.now)
                charges.hold(self.customer, faxes=faxes, now=self.now)
                if dies:
                    transaction.set_rollback(True)
        except InsufficientCredit:
            return
        if not dies:
            self.open |= {fax.fax_id: fax.pages for fax in faxes}

    @precondition(lambda self: self.open)
    @rule(data=st.data(), dies=RARELY)
    def a_fax_ends(self, data, dies):
        fax_id = data.draw(st.sampled_from(sorted(self.open, key=str)))
        confirmed = data.draw(st.lists(st.integers(0, self.open[fax_id]), max_size=3))
        tries = [Try(pages, 30 * pages) for pages in confirmed]
        with transaction.atomic():
            charges.settle(fax_id, tries=tries, now=self.now)
            if dies:
                transaction.set_rollback(True)
        if not dies:
            self.open.pop(fax_id)
            self.ended.append(fax_id)
            self.spent[self.reseller.pk] += 2 * CENT * sum(confirmed)

    @precondition(lambda self: self.ended)
    @rule(data=st.data())
    def an_end_is_told_again(self, data):
        for fax_id in (data.draw(st.sampled_from(self.ended)), new_id()):  # and of none
            charges.settle(fax_id, tries=[Try(99, 999)], now=self.now)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def a_charge_is_made_twice(self, data):
        fax_id = data.draw(st.sampled_from(sorted(self.open, key=str)))
        fax = Intended(fax_id, "+12025550100", 1)
        refused = pytest.raises((IntegrityError, InsufficientCredit))
        with refused, transaction.atomic():
            charges.hold(self.customer, faxes=[fax], now=self.now)

    @rule()
    def fees_are_booked(self):
        money.book_fees(self.now)

    @invariant()
    def it_adds_up(self):
        assert list(discrepancies()) == []

    @invariant()
    def what_was_paid_in_is_spent_or_there(self):
        for account in (self.customer, self.reseller):
            balance = Balance.objects.for_account(account.pk).first()
            if balance is None:
                continue
            sums = MonthSum.objects.for_account(account.pk)
            fees = sum(row.fees for row in sums)
            charged = sum(row.charges for row in sums)
            assert balance.posted == self.paid_in[account.pk] + fees + charged
            assert sum(row.top_ups for row in sums) == self.paid_in[account.pk]
        sums = MonthSum.objects.for_account(self.reseller.pk)
        assert -sum(row.charges for row in sums) == self.spent[self.reseller.pk]

    @invariant()
    def nothing_is_held_once_all_has_ended(self):
        if not self.open:
            for account in (self.customer, self.reseller):
                funds = funds_of(account.pk)
                assert funds is None or funds.held == 0

    @invariant()
    def no_more_is_included_than_the_plan_says(self):
        for row in MonthSum.objects.for_account(self.customer.pk):
            assert 0 <= row.included_used <= INCLUDED

    @invariant()
    def pages_of_the_day_are_never_below_zero(self):
        assert not DayCount.rows.filter(pages__lt=0).exists()

    def teardown(self):
        Account.objects.update(status=Status.CLOSED)
        assert connection.in_atomic_block


class TestMoney(TestCase):
    def test_no_order_of_events_breaks_a_ledger(self):
        settings = hypothesis_settings(
            max_examples=25, stateful_step_count=30, phases=[Phase.generate]
        )
        run_state_machine_as_test(Money, settings=settings)
