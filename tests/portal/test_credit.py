"""The credit of an account below: topped up once, corrected with a reason, told of when low."""

import csv
import io
import re
from uuid import uuid4

import pypdfium2
import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Billing, LedgerEntry
from accounts.services import low_balance, money, rates
from accounts.services.rates import NewRate
from accounts.services.usage import LEDGER_PAGE
from faxes.services.sweep import tidy
from tests.accounts.money import CENT, bill, plan_by, standing
from tests.portal.test_numbers import Person, said


@pytest.fixture
def harbor(world):
    return Person(world.harbor)


def key_in(page, name):
    [key] = re.findall(rf'name="{name}-key" value="([^"]+)"', said(page))
    return key


def test_an_account_is_put_on_a_plan_and_topped_up_once_however_often_it_is_sent(world, harbor):
    plan = plan_by(world.harbor.admin, name="Clinics")
    tenant = {"tenant": world.northside.id}
    assert "not billed" in said(harbor.get("tenant-credit", **tenant))
    terms = {
        "terms-plan_id": plan.pk,
        "terms-mode": "postpaid",
        "terms-credit_limit": "50",
        "terms-low_balance": "5.5",
    }
    assert harbor.post("tenant-credit-terms", terms, **tenant).status_code == 302
    billing = Billing.rows.get(account=world.northside.account)
    assert (billing.credit_limit, billing.low_balance) == (5000 * CENT, 550 * CENT)
    page = harbor.get("tenant-credit", **tenant)
    order = {"top-amount": "250", "top-key": key_in(page, "top"), "top-note": "Invoice 7"}
    for _again in range(3):
        assert harbor.post("tenant-credit-top-up", order, **tenant).status_code == 302
    assert standing(world.northside.account) == (25_000, 0)
    page = said(harbor.get("tenant-credit", **tenant))
    assert "300.00 USD" in page, "with the credit"
    assert "Invoice 7" in page


@pytest.mark.parametrize(
    ("form", "act", "words"),
    [
        ({"top-amount": "0"}, "top-up", "above zero"),
        ({"top-amount": "1,000,0"}, "top-up", "in figures"),
        ({"top-amount": "-5"}, "top-up", "not below zero"),
        ({"fix-amount": "5"}, "adjust", "required"),
        ({"fix-amount": "0", "fix-note": "x"}, "adjust", "other than zero"),
        ({"terms-plan_id": str(uuid4()), "terms-mode": "prepaid"}, "terms", "valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(world, harbor, form, act, words):
    bill(world.northside.account)
    more = {"top-key": str(uuid4()), "fix-key": str(uuid4())}
    answer = harbor.post(f"tenant-credit-{act}", {**more, **form}, tenant=world.northside.id)
    assert answer.status_code == 422
    assert words in said(answer)
    assert not LedgerEntry.rows.exists()


def test_a_correction_goes_either_way_and_says_why(world, harbor):
    bill(world.northside.account, balance=500 * CENT)
    order = {"fix-amount": "-1.25", "fix-note": "Billed twice", "fix-key": str(uuid4())}
    for _again in range(2):
        harbor.post("tenant-credit-adjust", order, tenant=world.northside.id)
    assert standing(world.northside.account) == (375, 0)
    assert "Billed twice" in said(Person(world.northside).get("usage"))


def test_the_ledger_is_read_page_by_page_newest_first(world, harbor):
    bill(world.northside.account)
    for count in range(LEDGER_PAGE + 5):
        money.top_up(
            world.harbor.admin,
            account_id=world.northside.id,
            amount=CENT,
            key=str(count),
            note=f"entry no {count}.",
        )
    page = said(harbor.get("tenant-credit", tenant=world.northside.id))
    assert page.count("entry no") == LEDGER_PAGE
    assert "entry no 54." in page
    [older] = re.findall(r"below=(\d+)", page)
    rest = said(harbor.get("tenant-credit", f"?below={older}", tenant=world.northside.id))
    assert rest.count("entry no") == 5
    assert "entry no 0." in rest
    for odd in ("abc", "9" * 40, "-1"):
        assert (
            harbor.get("tenant-credit", f"?below={odd}", tenant=world.northside.id).status_code
            == 200
        )


def test_a_provider_learns_no_number_that_was_faxed(world, work, send, harbor):
    plan = plan_by(world.harbor.admin, name="Curious")
    rates.replace_rates(
        world.harbor.admin,
        deck_id=plan.deck_id,
        rates=[NewRate("1", CENT), NewRate("12025550100", 2 * CENT), NewRate("1202555", CENT)],
    )
    bill(world.northside.account, plan=plan, balance=100 * CENT)
    fax = send(world.northside, "+12025550100", subject="Confidential")
    work.run_to_end()
    tenant = {"tenant": world.northside.id}
    table = harbor.get("tenant-credit-csv", **tenant).getvalue().decode()
    paper = pypdfium2.PdfDocument(harbor.get("tenant-credit-pdf", **tenant).content)
    printed = "".join(page.get_textpage().get_text_range() for page in paper)
    assert "+1202555" in printed
    for told in (said(harbor.get("tenant-credit", **tenant)), table, printed):
        assert "2025550100" not in told
        assert "Confidential" not in told
        assert str(fax.pk) not in told
    entries = list(csv.DictReader(io.StringIO(table)))
    assert [(each["kind"], each["amount"]) for each in entries] == [
        ("top_up", "1.00"),
        ("charge", "-0.02"),
    ]


def test_a_page_takes_as_many_queries_for_a_long_ledger_as_for_a_short_one(world, harbor):
    bill(world.northside.account, balance=CENT)

    def asked():
        with CaptureQueriesContext(connection) as seen:
            harbor.get("tenant-credit", tenant=world.northside.id)
        return len(seen)

    asked()
    few = asked()
    for count in range(60):
        money.top_up(world.harbor.admin, account_id=world.northside.id, amount=CENT, key=str(count))
    assert asked() == few


def told_now(work):
    """Do what is done every few minutes; who was written to."""
    mail.outbox.clear()
    tidy()
    work.run_jobs()
    return [letter.to[0] for letter in mail.outbox]


def test_a_low_balance_is_told_once_until_it_is_topped_up(world, work):
    bill(world.northside.account, balance=100 * CENT, low_balance=200 * CENT)
    bill(world.lakeside.account, balance=100 * CENT)
    assert told_now(work) == ["admin@northside.example"]
    letter = mail.outbox[0]
    assert letter.subject == "The fax balance of Northside Clinic is low"
    assert "1.00 USD" in letter.body
    assert told_now(work) == []
    seller = world.harbor.admin
    money.top_up(seller, account_id=world.northside.id, amount=500 * CENT, key="more")
    assert told_now(work) == []
    money.adjust(seller, account_id=world.northside.id, amount=-500 * CENT, key="x", note="less")
    assert told_now(work) == ["admin@northside.example"]


def test_a_mail_that_does_not_go_is_tried_again(world, work, settings):
    bill(world.northside.account, low_balance=200 * CENT)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1  # nobody listens there
    assert told_now(work) == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert told_now(work) == ["admin@northside.example"]


def test_two_who_tell_of_a_low_balance_tell_once(world):
    bill(world.northside.account, low_balance=200 * CENT)
    told = [low_balance.tell(world.northside.id, now=clock.now()) for _ in range(2)]
    assert told == [True, False]
    assert len(mail.outbox) == 1
