"""Pages about numbers, plans and credit pass axe, fit desk and phone, and work without scripts."""

from playwright.sync_api import expect

from faxes.models import Number
from faxes.services import numbers
from tests.accounts.money import CENT, bill, plan_by

FIRST, SECOND = "+16175550130", "+16175550131"


def test_terms_and_what_is_free_pass_axe_once_there_is_some(world, desk):
    numbers.import_numbers(world.harbor.admin, text=f"{FIRST}\n{SECOND}")
    free = Number.rows.get(e164=FIRST).pk
    plan = plan_by(world.harbor.admin, name="Clinics", included_pages=100)
    bill(world.northside.account, plan=plan, balance=500 * CENT, low_balance=600 * CENT)
    one = desk(world.harbor)
    for path in (
        f"tenants/numbers/assign/?number={free}",
        f"tenants/numbers/release/?number={free}",
        f"tenants/plans/prices/{plan.deck_id}/?number=%2B1",
        f"tenants/{world.northside.id}/credit/",
    ):
        one.open(path)
        assert one.faults() == [], path


def test_numbers_come_in_go_out_and_come_back_without_scripts(world, desk):
    page = desk(world.harbor, scripts=False).open("tenants/numbers/")
    page.get_by_role("link", name="Import numbers").click()
    page.fill("#text", f"{FIRST}\n{SECOND}\nhello")
    page.get_by_role("button", name="See what will happen").click()
    expect(page.get_by_text("No fax number")).to_be_visible()
    page.get_by_role("button", name="Import 2 numbers").click()
    page.get_by_role("link", name="Free").click()
    for number in ("+1 617-555-0130", "+1 617-555-0131"):
        page.get_by_label(f"Choose {number}").check()
    page.get_by_role("button", name="Assign").click()
    page.select_option("#account", label="Northside Clinic")
    page.get_by_role("button", name="Assign 2 numbers").click()
    expect(page.get_by_text("2 numbers are assigned.")).to_be_visible()
    page.get_by_label("Choose +1 617-555-0130").check()
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("button", name="Take 1 number back").click()
    page.get_by_label("Choose +1 617-555-0130").check()
    page.get_by_role("button", name="Release").click()
    page.get_by_role("button", name="Release 1 number").click()
    expect(page.get_by_label("Choose +1 617-555-0130")).to_have_count(0)
    assert not Number.rows.filter(e164=FIRST).exists()
    assert Number.rows.get(e164=SECOND).account == world.northside.account


def test_a_tenant_is_topped_up_by_its_reseller(world, desk):
    plan_by(world.harbor.admin, name="Clinics")
    page = desk(world.harbor).open(f"tenants/{world.northside.id}/credit/")
    page.get_by_label("Plan").select_option(label="Clinics (USD)")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Amount").first.fill("250")
    page.get_by_label("Note").fill("Invoice 7")
    page.get_by_role("button", name="Top up").click()
    expect(page.get_by_text("250.00 USD booked.")).to_be_visible()
    expect(page.get_by_role("cell", name="Topped up Invoice 7")).to_be_visible()
