"""Rates, plans, terms, top-ups, fees: what providers do, and what they are kept from."""

import threading
from datetime import UTC, datetime
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import Error as DatabaseError
from django.db import connection, transaction

from accounts import clock
from accounts.errors import AccountNotFound, NotAllowed, TermsInvalid
from accounts.models import (
    Account,
    AuditEntry,
    Balance,
    Billing,
    EntryKind,
    LedgerEntry,
    MonthSum,
    Plan,
    RateDeck,
    Status,
    Unit,
)
from accounts.roles import Role
from accounts.services import ledger, money, rates
from accounts.services.amounts import parsed, plain, readable
from accounts.services.ledger import Posting
from accounts.services.ledger_audit import discrepancies
from accounts.services.money import BillingTerms
from accounts.services.pricing import Try, cost_of
from accounts.services.rates import NewRate, rates_for
from tests.accounts.money import CENT, actor_of, bill, plan_by, provider_of, standing


@pytest.fixture(autouse=True)
def everything_adds_up(request, world):
    yield
    if "does_not_add_up" not in request.node.name:
        assert list(discrepancies()) == []


@pytest.mark.parametrize(
    ("amount", "figure", "people"),
    [
        (0, "0.00", "0.00 USD"),
        (1_234_500_000, "1234.50", "1,234.50 USD"),
        (-50_000, "-0.05", "-0.05 USD"),
        (12_345, "0.012345", "0.012345 USD"),
    ],
)
def test_amounts_are_exact_to_the_millionth(amount, figure, people):
    assert plain(amount) == figure
    assert readable(amount, "USD") == people
    assert parsed(figure) == amount


@pytest.mark.parametrize(
    "written", ["", "abc", "1,5", "0.0000001", "NaN", "Infinity", "1e99", "9" * 12]
)
def test_what_is_no_amount_is_refused(written):
    with pytest.raises(TermsInvalid):
        parsed(written)


def test_the_longest_prefix_counts(world):
    seller = provider_of(world.northside.account)
    deck = rates.create_deck(seller, name="World", currency="usd")
    rates.replace_rates(
        seller,
        deck_id=deck.pk,
        rates=[
            NewRate("1", 10),
            NewRate("1202", 20),
            NewRate("12025550100", 30),
            NewRate("44", 40),
        ],
    )
    numbers = ["+12025550100", "+12025550101", "+13125550100", "+442079460000", "+4930901820"]
    found = rates_for({deck.pk}, numbers)
    assert [found[deck.pk, number].price for number in numbers[:-1]] == [30, 20, 10, 40]
    assert (deck.pk, numbers[-1]) not in found


def test_rates_are_read_from_a_sheet():
    sheet = "prefix,price\n+1,0.05\n44,0.10,minute,6,0.02\n\n"
    assert rates.rates_from_csv(sheet) == [
        NewRate("1", 50_000),
        NewRate("44", 100_000, Unit.MINUTE, 6, 20_000),
    ]


@pytest.mark.parametrize("line", ["1", "1,abc", "1,0.1,day", "1,0.1,page,x", "1,0.1,page,6,-"])
def test_a_line_that_is_no_rate_is_named(line):
    with pytest.raises(TermsInvalid, match="line 2"):
        rates.rates_from_csv(f"prefix,price\n{line}\n2,0.1")


@pytest.mark.parametrize(
    "wrong",
    [
        [NewRate("", 1)],
        [NewRate("1a", 1)],
        [NewRate("1" * 16, 1)],
        [NewRate("1", -1)],
        [NewRate("1", 1, increment=0)],
        [NewRate("1", 1), NewRate("1", 2)],
    ],
)
def test_rates_that_cannot_be_are_refused_as_a_whole(world, wrong):
    seller = provider_of(world.northside.account)
    plan = plan_by(seller)
    with pytest.raises(TermsInvalid):
        rates.replace_rates(seller, deck_id=plan.deck_id, rates=wrong)
    assert plan.deck.rates.count() == 1


class Terms:
    def __init__(self, unit, price, increment=60, connection_fee=0):
        self.unit, self.price = unit, price
        self.increment, self.connection_fee = increment, connection_fee


@pytest.mark.parametrize(
    ("tries", "terms", "included", "cost", "used"),
    [
        ([Try(3, 90)], Terms("page", 10), 0, 30, 0),
        ([Try(3, 90)], Terms("page", 10), 2, 10, 2),
        ([Try(3, 90)], Terms("page", 10, connection_fee=5), 2, 15, 2),
        ([Try(3, 90)], Terms("page", 10, connection_fee=5), 3, 0, 3),
        ([Try(0, 90)], Terms("page", 10, connection_fee=5), 9, 0, 0),
        ([Try(1, 9), Try(0, 30), Try(3, 80)], Terms("page", 10), 2, 20, 2),
        ([Try(3, 61)], Terms("minute", 60, increment=60), 9, 120, 0),
        ([Try(3, 61)], Terms("minute", 60, increment=6), 0, 66, 0),
        ([Try(1, 1)], Terms("minute", 1, increment=1), 0, 1, 0),
        ([], Terms("page", 10), 5, 0, 0),
    ],
)
def test_what_a_fax_costs(tries, terms, included, cost, used):
    came_to = cost_of(tries, terms, included=included)
    assert (came_to.amount, came_to.included) == (cost, used)


def test_a_top_up_that_is_ordered_twice_is_one(world):
    bill(world.northside.account)
    seller = provider_of(world.northside.account)
    entries = {
        money.top_up(seller, account_id=world.northside.id, amount=50 * CENT, key="7f3a").pk
        for _ in range(3)
    }
    assert len(entries) == 1
    assert standing(world.northside.account) == (50, 0)
    noted = AuditEntry.objects.filter(action="money.top_up").values_list("account_id", flat=True)
    assert set(noted) == {world.northside.id, world.northside.account.parent_id}
    assert len(noted) == 2, "once at the provider's, once at the customer's"


def test_top_ups_and_adjustments_at_the_same_time_all_count(world):
    bill(world.northside.account)
    seller = provider_of(world.northside.account)

    def book(amount):
        try:
            for _ in range(5):
                money.adjust(
                    seller,
                    account_id=world.northside.id,
                    amount=amount,
                    key=str(uuid4()),
                    note="goodwill",
                )
        finally:
            connection.close()

    threads = [threading.Thread(target=book, args=[(n + 1) * CENT]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert standing(world.northside.account) == (50, 0)
    numbers = LedgerEntry.objects.for_account(world.northside.id).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, 21))


def test_only_those_above_book_and_set_terms(world):
    bill(world.northside.account)
    plan = Plan.rows.get()
    above = actor_of(Account.objects.get(parent=None))
    money.top_up(above, account_id=world.northside.id, amount=1 * CENT, key="a")
    for stranger in (
        world.northside.admin,
        world.lakeside.admin,
        provider_of(world.redwood.account),
    ):
        with pytest.raises(AccountNotFound):
            money.top_up(stranger, account_id=world.northside.id, amount=1 * CENT, key="b")
        with pytest.raises(AccountNotFound):
            money.set_billing(
                stranger, account_id=world.northside.id, terms=BillingTerms(plan_id=plan.pk)
            )
    for role in (Role.MEMBER, Role.VIEWER):
        with pytest.raises(NotAllowed):
            money.top_up(
                world.northside.actor(role), account_id=world.northside.id, amount=1, key="c"
            )
    assert standing(world.northside.account) == (1, 0)


def test_a_plan_of_somebody_who_does_not_provide_for_the_account_is_not_there(world):
    theirs = plan_by(provider_of(world.redwood.account))
    with pytest.raises(AccountNotFound):
        money.set_billing(
            provider_of(world.northside.account),
            account_id=world.northside.id,
            terms=BillingTerms(plan_id=theirs.pk),
        )


def test_a_plan_of_those_above_the_seller_is_not_the_sellers_to_give(world):
    above = actor_of(Account.objects.get(parent=None))
    theirs = BillingTerms(plan_id=plan_by(above).pk)
    seller = provider_of(world.northside.account)
    with pytest.raises(AccountNotFound):
        money.set_billing(seller, account_id=world.northside.id, terms=theirs)
    money.set_billing(above, account_id=world.northside.id, terms=theirs)
    kept = money.set_billing(seller, account_id=world.northside.id, terms=theirs)
    assert kept.plan_id == theirs.plan_id, "it may stay on what it is on"


def test_a_ledger_keeps_its_currency(world):
    seller = provider_of(world.northside.account)
    bill(world.northside.account, balance=1 * CENT)
    euros = rates.create_deck(seller, name="Europe", currency="EUR")
    plan = Plan.rows.create(account_id=seller.account_id, name="Europe", deck=euros)
    with pytest.raises(TermsInvalid):
        bill(world.northside.account, plan=plan)
    assert Billing.rows.get().currency == "USD"
    with pytest.raises(TermsInvalid):
        rates.create_deck(seller, name="Nowhere", currency="dollars")
    assert RateDeck.objects.visible_to(seller).count() == 2


def test_a_fee_is_booked_once_a_month_where_the_month_has_begun(world):
    fee = plan_by(provider_of(world.northside.account), monthly_fee=500 * CENT)
    bill(world.northside.account, plan=fee)  # New York
    bill(world.lakeside.account)  # has no fee
    for moment, owed in [
        (datetime(2026, 3, 31, 12, tzinfo=UTC), 500),
        (datetime(2026, 3, 31, 13, tzinfo=UTC), 500),
        (datetime(2026, 4, 1, 3, 59, tzinfo=UTC), 500),  # still March in New York
        (datetime(2026, 4, 1, 4, 1, tzinfo=UTC), 1000),
        (datetime(2026, 5, 2, tzinfo=UTC), 1500),
    ]:
        for _ in range(2):
            with time_machine.travel(moment, tick=False):
                money.book_fees(clock.now())
        assert standing(world.northside.account) == (-owed, 0)
    sums = MonthSum.objects.for_account(world.northside.id).order_by("month")
    assert [(row.month.month, row.fees // CENT) for row in sums] == [
        (3, -500),
        (4, -500),
        (5, -500),
    ]


def test_a_fee_whose_note_was_lost_is_not_booked_again(world):
    fee = plan_by(provider_of(world.northside.account), monthly_fee=500 * CENT)
    bill(world.northside.account, plan=fee)
    assert money.book_fees(clock.now()) == 1
    Billing.rows.update(fee_month=None)
    assert money.book_fees(clock.now()) == 0
    assert standing(world.northside.account) == (-500, 0)


def test_a_low_balance_is_told(world):
    bill(world.northside.account, balance=100 * CENT, low_balance=50 * CENT)
    funds = money.funds_of(world.northside.id)
    assert funds is not None
    assert not funds.low
    bill(world.northside.account, plan=Plan.rows.first(), low_balance=101 * CENT)
    funds = money.funds_of(world.northside.id)
    assert funds is not None
    assert funds.low


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_ledgerentry SET amount = 1",
        "UPDATE accounts_ledgerentry SET note = 'x' WHERE number = 1",
        "DELETE FROM accounts_ledgerentry",
        "INSERT OR REPLACE INTO accounts_ledgerentry SELECT * FROM accounts_ledgerentry",
    ],
)
def test_the_database_itself_keeps_entries_as_they_are(world, statement):
    bill(world.northside.account, balance=5 * CENT)
    if connection.vendor != "sqlite" and "REPLACE" in statement:
        pytest.skip("says only SQLite")
    before = list(LedgerEntry.rows.values_list())
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(LedgerEntry.rows.values_list()) == before


def test_entries_go_only_with_an_account_that_is_closed(world):
    bill(world.northside.account, balance=5 * CENT)
    bill(world.lakeside.account, balance=5 * CENT)
    Account.objects.filter(pk=world.northside.id).update(status=Status.CLOSED)
    LedgerEntry.objects.for_account(world.northside.id).delete()
    Balance.objects.for_account(world.northside.id).delete()
    MonthSum.objects.for_account(world.northside.id).delete()
    with pytest.raises(DatabaseError):
        LedgerEntry.objects.for_account(world.lakeside.id).delete()
    assert standing(world.lakeside.account) == (5, 0)


def test_a_writer_that_read_the_balance_before_another_wrote_changes_nothing(world):
    bill(world.northside.account, balance=5 * CENT)
    with transaction.atomic():
        stale = ledger.locked([world.northside.id])
    bill(world.northside.account, plan=Plan.rows.first(), balance=5 * CENT)
    posting = Posting(
        account_id=world.northside.id, kind=EntryKind.ADJUSTMENT, amount=CENT, key="late"
    )
    with pytest.raises((ledger.LedgerRaced, DatabaseError)):
        ledger.post(stale, [posting], at=clock.now())
    assert standing(world.northside.account) == (10, 0)


@pytest.mark.parametrize("lie", ["posted", "held", "entries", "month"])
def test_the_command_finds_what_does_not_add_up(world, lie):
    bill(world.northside.account, balance=5 * CENT)
    told = StringIO()
    call_command("ledger_verify", stdout=told)
    assert "adds up" in told.getvalue()
    if lie == "month":
        MonthSum.rows.update(top_ups=1)
    else:
        Balance.rows.update(**{lie: 17})
    with pytest.raises(CommandError):
        call_command("ledger_verify", stdout=told)
    assert str(world.northside.id) in told.getvalue()
