"""The journeys of a customer, each gone by mouse, by finger, by keyboard, and without scripts."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from faxes.line.exchange import behaviour_for
from faxes.models import Broadcast, Fax
from faxes.services import line
from faxes.services.do_not_fax import forbid
from tests.accounts.money import CENT, bill
from tests.browser.conftest import file
from tests.browser.ways import AND_ENLARGED, EACH_WAY, Keyboard, Mouse, shown

GOOD, NOT_IN_SERVICE = "+12025550100", "+12025550108"
LIST = (
    b"Practice,Fax\nElm Street,+1 (202) 555-0100\nElm again,2025550100\nOak Road,202-555-0108\n"
    b'"=HYPERLINK(""http://x.example"")",12\nNever,2025550155\n'
)


@pytest.fixture
def arrival(world, work, send, once):
    """A fax of two pages that has come to Northside Clinic."""

    def arrive():
        send(world.lakeside, world.northside.number, pages=2)
        work.run()

    once("a fax has come", arrive)


@pytest.fixture
def failed(world, work, send, once):
    """A day on which one fax went out, one came in, and one got nowhere."""

    def fail():
        bill(world.northside.account, balance=500 * CENT, low_balance=100 * CENT)
        send(world.northside, GOOD, pages=2)
        send(world.lakeside, world.northside.number, pages=3)
        send(world.northside, NOT_IN_SERVICE, subject="Referral for Mrs. Ellis")
        work.run_to_end()

    once("a fax has failed", fail)


@EACH_WAY
def test_from_signing_in_for_the_first_time_to_a_fax_that_is_delivered(world, go, work):
    way = go(world.northside)
    way.desk.context.clear_cookies()
    page = way.page
    page.goto(way.desk.base)
    way.write(page.get_by_label("Email"), world.northside.people["member"].email)
    way.write(page.get_by_label("Password"), world.password)
    way.press(page.get_by_role("button", name="Sign in"))
    way.press(page.get_by_role("link", name="New fax"))
    page.wait_for_url("**/compose/**")  # and for its scripts
    to = page.get_by_label("To", exact=True)
    way.write(to, "(202) 555-0100" if way.scripts else "12")
    assert way.stops <= 2, "it comes first"
    way.choose(page.locator("#documents"), file(2, "referral.pdf"))
    shown(way, 2)
    way.choose(page.locator("#documents"), file(1, "results.pdf"))
    shown(way, 3)
    expect(page.locator(".source-name")).to_have_text(["referral.pdf", "results.pdf"])
    way.press(page.get_by_role("button", name="Remove results.pdf"))
    expect(page.locator(".strip img")).to_have_count(2)
    way.press(page.get_by_role("button", name="Send fax"))
    assert way.stops <= 20, "not far from the documents"
    if not way.scripts:
        expect(page.locator("#to-error")).to_be_visible()
        to.fill("(202) 555-0100")
        way.press(page.get_by_role("button", name="Send fax"))
    page.wait_for_url("**/faxes/**")
    expect(page.locator(".leaf img")).to_have_count(2)
    work.run()
    if not way.scripts:
        way.press(page.get_by_role("link", name="Look again"))
    expect(page.locator(".status .standing")).to_have_text("Delivered")
    assert Fax.rows.count() == 1


@AND_ENLARGED
def test_an_arrival_is_read_passed_on_stripped_deleted_and_answered(world, arrival, go, work):
    way = go(world.northside)
    page = way.open("inbox/")
    expect(page.locator(".row.unread")).to_have_count(1)
    way.open_row(page.locator(".row-link"))
    expect(page.locator(".leaf img")).to_have_count(2)
    way.press(page.get_by_role("button", name="Forward"))
    way.write(page.locator("#forward-to"), GOOD)
    way.press(page.locator("#forward").get_by_role("button", name="Forward"))
    expect(page.get_by_text("The pages are on their way.")).to_be_visible()
    work.run()
    way.told_later()
    expect(page.locator(".status .standing")).to_have_text("Delivered")
    for name, told in (("Remove the pages", "pages are gone."), ("Delete this fax", "is deleted.")):
        opens = page.get_by_role("button", name=name).first
        way.press(opens)
        open_one = page.locator("[popover]:popover-open")
        expect(open_one.locator("[autofocus]")).to_be_focused()
        if isinstance(way, Keyboard):
            page.keyboard.press("Escape")
            expect(opens).to_be_focused()
            way.press(opens)
        expect(open_one).to_contain_text("This cannot be undone.")
        way.press(open_one.get_by_role("button", name=name))
        expect(page.get_by_text(told)).to_be_visible()
        receipt = page.get_by_role("link", name="Deletion receipt (PDF)").first
        expect(receipt).to_be_visible()
    answer = page.request.get(way.desk.base + str(receipt.get_attribute("href")))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert Fax.rows.get(account=world.northside.account).direction == "inbound"
    way.press(page.get_by_role("link", name="Inbox"))
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(page.locator(".row.unread")).to_have_count(0)
    way.open_row(page.locator(".row-link"))
    way.press(page.get_by_role("link", name="Reply"))
    expect(page.get_by_label("To", exact=True)).to_have_value("+13125550122")


@EACH_WAY
def test_a_fax_that_failed_is_sent_again_from_todays_page(world, failed, go, work, monkeypatch):
    way = go(world.northside)
    page = way.open("inbox/")
    way.press(page.get_by_role("link", name="Today"))
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    way.press(page.get_by_text("The same as a table"))
    expect(page.get_by_role("columnheader", name="Balance at its end")).to_be_visible()
    way.press(page.get_by_role("button", name="Put away"))
    expect(page.get_by_text("First steps")).to_have_count(0)
    way.press(page.get_by_role("button", name="Send again to (202) 555-0108"))
    expect(page.get_by_text("The fax is on its way again.")).to_be_visible()
    answering = behaviour_for(GOOD, earlier_calls=0, ring_seconds=0.0)
    monkeypatch.setattr(line, "behaviour_of", lambda _held: answering)  # the line is mended
    work.run()
    way.told_later()
    expect(page.locator(".status .standing")).to_have_text("Delivered")
    way.press(page.get_by_role("link", name="Today"))
    expect(page.get_by_text("Nothing. Every fax")).to_be_visible()


@EACH_WAY
def test_a_list_of_numbers_is_looked_at_sent_to_and_followed(world, go, work):
    forbid(world.northside.admin, number="+12025550155")
    way = go(world.northside, role=Role.MEMBER)
    page = way.open("compose/")
    way.press(page.get_by_text("To many: a list or a group"))
    listed = {"name": "practices.csv", "mimeType": "text/csv", "buffer": LIST}
    way.choose(page.get_by_label("List of numbers"), listed)
    way.press(page.get_by_role("button", name="Send fax"))
    expect(page.locator("#documents-error")).to_be_visible()
    kept = page.get_by_label("practices.csv: 5 lines")
    expect(kept).to_be_checked()  # it need not be chosen again
    way.choose(page.locator("#documents"), file(2))
    shown(way, 2)
    way.press(page.get_by_role("button", name="Send fax"))
    expect(page.get_by_role("heading", name="Look before you send")).to_be_visible()
    assert faults(way) == []
    expect(page.locator(".tile").first).to_contain_text("2")
    expect(page.locator(".refused-list li")).to_have_count(2)
    assert not Broadcast.rows.exists()
    way.press(page.get_by_role("button", name="Send to 2 numbers"))
    page.wait_for_url("**/broadcasts/**")
    expect(page.locator("h1")).to_have_text("practices.csv")
    work.run_to_end()
    way.told_later()
    expect(page.locator("#broadcast .standing").first).to_have_text("Finished")
    expect(page.get_by_role("button", name="Send again to the 1 that failed")).to_be_visible()
    assert faults(way) == []


def faults(way):
    """What is wrong with the page, which is looked at once, whole, by who has a mouse."""
    return way.desk.faults() if type(way) is Mouse else way.desk.too_wide()
