"""Everyone can use the pages about programs that are asked about faxes."""

from playwright.sync_api import expect

from faxes.models import Number
from faxes.services import answering, own_numbers
from tests.api.signalwire.test_inbound import LAML, answer, new_arrival


def test_everyone_can_use_the_pages(world, desk, receiver):
    receiver.behave = answer(LAML.format("<Reject/>"))
    number = Number.rows.get(e164=world.northside.number)
    one = desk(world.northside)
    page = one.open(f"numbers/{number.pk}/program/")
    assert one.faults() == []
    page.get_by_label("Address").fill("nowhere")
    page.get_by_role("button", name="Save").click()
    page.locator("[aria-invalid=true]").wait_for()
    assert one.faults() == [], "with errors"
    page.get_by_label("Address").fill(receiver.url("/fax/" + "x" * 200))
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="A program is asked first").wait_for()
    assert one.faults() == [], "named"
    number.refresh_from_db()
    answering.verdict_on(number, new_arrival(number))
    own_numbers.set_number_webhook(world.northside.admin, number_id=number.pk, url="")
    one.open("webhooks/").get_by_role("link", name="Signing key for fax callbacks").click()
    page.get_by_role("button", name="Show the key").click()
    assert page.get_by_label("Signing key", exact=True).input_value().startswith("PSK_")
    expect(page.get_by_text("A fax was about to come in")).to_be_visible()
    assert one.faults() == [], "the key and the log"
