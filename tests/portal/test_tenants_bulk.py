"""One act on many tenants: told before, done one by one, told after."""

import re
from uuid import uuid4

import pytest

from accounts.models import Account, Billing, LedgerEntry
from accounts.services import money
from tests.accounts.money import CENT, bill, plan_by, standing
from tests.portal.conftest import element
from tests.portal.tenants import Desk, ids, many_below
from tests.world import World


@pytest.fixture
def harbor(world: World) -> Desk:
    return Desk(world.harbor)


def asked(desk, act, tenants):
    """The page that tells what would happen."""
    return desk.post("tenants-bulk", {"act": act, "tenant": [str(each) for each in tenants]})


def confirmed(desk, act, tenants, **more):
    key = element(asked(desk, act, tenants), "form_key")["value"]
    data = {"act": act, "tenant": [str(each) for each in tenants], "confirmed": "1"}
    return desk.post("tenants-bulk", data | {"form_key": key} | more)


def told(answer):
    """How it went, by name."""
    return {account.name: trouble for account, trouble in answer.context["outcomes"]}


def statuses():
    return dict(Account.objects.values_list("name", "status"))


def test_nothing_happens_before_it_is_confirmed(world, harbor):
    both = [world.northside.id, world.lakeside.id]
    page = asked(harbor, "suspend", both)
    assert page.status_code == 200
    assert "Suspend 2 tenants" in page.content.decode()
    assert statuses()["Northside Clinic"] == "active"
    answer = confirmed(harbor, "suspend", both, reason="Unpaid")
    assert told(answer) == {"Lakeside Law": "", "Northside Clinic": ""}
    assert statuses()["Northside Clinic"] == "suspended"
    assert Account.objects.get(pk=world.lakeside.id).suspended_for == "Unpaid"
    assert told(confirmed(harbor, "resume", both))["Lakeside Law"] == ""
    assert statuses()["Lakeside Law"] == "active"


def test_one_that_fails_does_not_stop_the_others(world, harbor):
    bill(world.lakeside.account, balance=10 * CENT)
    both = [world.northside.id, world.lakeside.id]
    answer = confirmed(harbor, "top_up", both, amount="2.50")
    assert told(answer) == {
        "Lakeside Law": "",
        "Northside Clinic": "This account is on no plan. Put it on one first.",
    }
    assert standing(world.lakeside.account) == (260, 0)
    page = re.sub(r"\s+", " ", answer.content.decode())
    assert "Done for 1 tenant. Not done for 1." in page


@pytest.mark.parametrize("written", ["12,50", "12.50"])
def test_a_comma_before_cents_does_not_make_them_hundreds(world, harbor, written):
    bill(world.lakeside.account)
    confirmed(harbor, "top_up", [world.lakeside.id], amount=written)
    assert standing(world.lakeside.account) == (1250, 0)


def test_a_top_up_that_is_sent_twice_is_booked_once(world, harbor):
    bill(world.lakeside.account)
    key = str(uuid4())
    for _ in range(2):
        answer = confirmed(harbor, "top_up", [world.lakeside.id], amount="2.50", form_key=key)
        assert told(answer) == {"Lakeside Law": ""}
    assert LedgerEntry.rows.filter(account=world.lakeside.account).count() == 1


def test_a_plan_changes_nothing_but_the_plan(world, harbor):
    bill(world.lakeside.account, mode="postpaid", credit_limit=7, low_balance=3)
    plan = plan_by(world.harbor.admin)
    both = [world.northside.id, world.lakeside.id]
    assert not any(told(confirmed(harbor, "plan", both, plan=str(plan.pk))).values())
    changed = Billing.rows.get(account=world.lakeside.account)
    assert (changed.plan_id, changed.mode) == (plan.pk, "postpaid")
    assert (changed.credit_limit, changed.low_balance) == (7, 3)
    assert money.funds_of(world.northside.id)


@pytest.mark.parametrize(
    ("act", "wrong"),
    [("top_up", {"amount": "0"}), ("top_up", {"amount": "x"}), ("plan", {"plan": ""})],
)
def test_what_cannot_be_is_told_at_its_field(world, harbor, act, wrong):
    bill(world.lakeside.account)
    answer = confirmed(harbor, act, [world.lakeside.id], **wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(wrong)
    assert not LedgerEntry.rows.exists()


def test_tenants_of_others_are_left_out(world, harbor):
    answer = confirmed(harbor, "suspend", [world.lakeside.id, world.redwood.id, world.harbor.id])
    assert list(told(answer)) == ["Lakeside Law"]
    assert statuses()["Redwood Realty"] == "active"


@pytest.mark.parametrize("data", [{}, {"act": "suspend"}, {"act": "erase"}, {"tenant": "x"}])
def test_a_form_that_asks_for_nothing_leads_back(world, harbor, data):
    assert harbor.post("tenants-bulk", data)["Location"] == harbor.address("tenants")


def test_more_than_two_hundred_are_too_many_at_once(world, harbor):
    tenants = ids(many_below(world.harbor.account, 201, seller=world.harbor))
    answer = asked(harbor, "suspend", tenants)
    assert answer["Location"] == harbor.address("tenants")
    assert asked(harbor, "suspend", tenants[:200]).status_code == 200
    assert "suspended" not in statuses().values()
