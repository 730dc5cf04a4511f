"""What an account used: seen by its administrators, as a page, as CSV, and on paper."""

import csv
import io
import re
import time
from datetime import UTC, date, datetime
from uuid import uuid4

import pypdfium2
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Balance, DayUsage, EntryKind, LedgerEntry, MonthSum
from accounts.roles import Role
from accounts.services import money
from accounts.services.usage import statement_of
from tests.accounts.money import CENT, bill, plan_by, provider_of
from tests.databases import NEW_ID, require_led
from tests.many import copies

GOOD = "+12025550100"


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def used(world, work, send):
    """Northside Clinic sent a fax of two pages and received one of three, in March."""
    with time_machine.travel(datetime(2026, 3, 10, 15, tzinfo=UTC), tick=True):
        seller = provider_of(world.northside.account)
        plan = plan_by(seller, included_pages=1, name="Clinics", received_price=1 * CENT)
        bill(world.northside.account, balance=500 * CENT, plan=plan, low_balance=490 * CENT)
        money.adjust(
            seller, account_id=world.northside.id, amount=-2 * CENT, key="k", note="=SUM(A1)"
        )
        send(world.northside, GOOD, pages=2)
        send(world.lakeside, world.northside.number, pages=3)
        work.run_to_end()
    return world.northside


def test_a_month_is_told_by_day_and_destination(used, visit):
    with time_machine.travel(datetime(2026, 3, 11, 15, tzinfo=UTC), tick=True):
        told = text_of(visit(used).get("usage"))
    assert "2 pages sent" in told
    assert "3 pages received" in told
    assert "1 / 1 included pages used" in told
    assert "4.85 USD to spend now" in told
    assert "The balance is low" in told
    assert "Tue, 10 Mar 2 2 3 0.13 USD" in told
    assert "+1 1 2" in told


def test_a_month_begins_with_what_the_one_before_left(used, visit):
    with time_machine.travel(datetime(2026, 4, 2, 15, tzinfo=UTC), tick=True):
        visitor = visit(used)
        told = text_of(visitor.get("usage"))
        assert "April 2026" in told
        assert "Balance when the month began 4.85 USD" in told
        assert "Nothing was sent or received" in told
        assert "2 pages sent" in text_of(visitor.get("usage", "?month=2026-03"))
        for odd in ("2026-13", "abc", "1999-01", "2999-01", "2026-3-1"):
            assert "April 2026" in text_of(visitor.get("usage", f"?month={odd}"))


def test_an_account_that_is_not_billed_sees_its_pages(world, work, send, visit):
    send(world.lakeside, GOOD, pages=2)
    work.run_to_end()
    told = text_of(visit(world.lakeside).get("usage"))
    assert "2 pages sent" in told
    assert "All numbers 1 2" in told
    assert "Charged" not in told
    assert "Balance" not in told


def test_the_ledger_is_there_as_csv_for_spreadsheets_without_formulas(used, visit):
    response = visit(used).get("usage-csv", "?month=2026-03")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    assert [(row["kind"], row["amount"], row["balance"]) for row in rows] == [
        ("top_up", "5.00", "5.00"),
        ("adjustment", "-0.02", "4.98"),
        ("charge", "-0.10", "4.88"),
        ("charge", "-0.03", "4.85"),
    ]
    assert rows[1]["note"] == "'=SUM(A1)"


def test_the_statement_is_a_paper(used, visit):
    response = visit(used).get("usage-pdf", "?month=2026-03")
    paper = pypdfium2.PdfDocument(response.content)
    text = paper[0].get_textpage().get_text_range()
    for words in ("Statement March 2026", "Northside Clinic", "4.85 USD", "Clinics"):
        assert words in text


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_what_it_costs_is_the_administrators_business(used, visit, role):
    visitor = visit(used, role=role)
    for name in ("usage", "usage-csv", "usage-pdf"):
        assert visitor.get(name).status_code == 403
    assert visitor.address("usage") not in visitor.get("inbox").content.decode()


def fill(account, month, count):
    """A month of so many charges, as they and their sums would have been written one by one."""
    first = LedgerEntry.rows.create(
        account=account,
        number=2,
        kind=EntryKind.CHARGE,
        amount=-1,
        posted_after=CENT - 1,
        held_after=0,
        key="charge/2",
        fax_id=uuid4(),
        month=month,
        by="portal",
        at=datetime(2026, 3, 10, 15, tzinfo=UTC),
    )
    copies(
        first,
        count - 1,
        number="i + 2",
        posted_after="posted_after - i",
        key="'charge/' || (i + 2)",
        fax_id=NEW_ID,
    )
    Balance.rows.update(posted=CENT - count, entries=count + 1)
    MonthSum.rows.create(account=account, month=month, charges=-count)
    DayUsage.rows.bulk_create(
        [
            DayUsage(
                account=account,
                day=date(2026, 3, 1 + position % 31),
                direction="sent",
                destination=f"1{position:03d}",
                faxes=10,
                pages=10,
                charged=10,
            )
            for position in range(1000)
        ]
    )


def test_a_month_of_a_hundred_thousand_entries_is_read_by_a_few_quick_queries(world):
    bill(world.northside.account, balance=1 * CENT)
    month, count = date(2026, 3, 1), 100_000
    fill(world.northside.account, month, count)
    with CaptureQueriesContext(connection) as seen:
        began = time.thread_time()
        statement = statement_of(world.northside.account, month=month)
        took = time.thread_time() - began
    assert statement.sums.charges == -count
    assert statement.total.sent == 10_000
    assert len(statement.destinations) == 500
    assert len(seen) <= 9
    assert took < 1.0
    assert not any("accounts_ledgerentry" in q["sql"] and "SUM" in q["sql"] for q in seen)
    booked = LedgerEntry.objects.for_account(world.northside.id).filter(
        month=month, fax_id__isnull=True
    )
    with CaptureQueriesContext(connection) as asked:
        list(booked.order_by("number").values_list("pk")[:500])
    require_led(asked.captured_queries[0]["sql"], by="entry_booked")
    with CaptureQueriesContext(connection) as seen:
        money.top_up(
            provider_of(world.northside.account),
            account_id=world.northside.id,
            amount=CENT,
            key="k",
        )
    assert len(seen) <= 28  # both audit logs among them
