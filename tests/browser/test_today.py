"""Today, as people use it: what needs a hand is sent again, steps are put away, charts are read."""

from playwright.sync_api import expect

from tests.accounts.money import CENT, bill
from tests.browser.conftest import SIZES

GOOD, NOT_IN_SERVICE = "+12025550100", "+12025550108"


@SIZES
def test_a_fax_that_failed_is_sent_again_from_todays_page(world, work, send, desk, size):
    bill(world.northside.account, balance=500 * CENT, low_balance=100 * CENT)
    send(world.northside, GOOD, pages=2)
    send(world.lakeside, world.northside.number, pages=3)
    send(world.northside, NOT_IN_SERVICE, subject="Referral for Mrs. Ellis")
    work.run_to_end()
    sitting = desk(world.northside, size=size, scripts=False)
    page = sitting.open("inbox/")
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("columnheader", name="Balance at its end")).to_be_visible()
    page.get_by_role("button", name="Put away").click()
    expect(page.get_by_text("First steps")).to_have_count(0)
    page.get_by_role("button", name="Send again to (202) 555-0108").click()
    expect(page.get_by_text("The fax is on its way again.")).to_be_visible()
    sitting.open("today/")
    expect(page.get_by_text("Nothing. Every fax")).to_be_visible()


def test_todays_page_has_no_faults(world, work, send, desk):
    bill(world.northside.account, balance=500 * CENT, low_balance=100 * CENT)
    send(world.northside, GOOD, pages=2)
    send(world.lakeside, world.northside.number, pages=3)
    send(world.northside, NOT_IN_SERVICE, subject="Referral for Mrs. Ellis")
    work.run_to_end()
    sitting = desk(world.northside)
    sitting.open("today/")
    assert sitting.faults() == []
