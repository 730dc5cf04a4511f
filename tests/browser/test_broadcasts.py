"""One fax to many in a real browser: chips, the look before sending, the results."""

import pytest
from playwright.sync_api import expect

from faxes.models import Fax
from faxes.services import contacts as book
from faxes.services.contacts import ContactRequest
from tests.browser.conftest import DESK, PHONE, file


def chips(page):
    return page.locator(".to-chip")


def test_chips_by_keyboard_alone(world, desk):
    actor = world.northside.admin
    ada = book.create_contact(
        actor, request=ContactRequest(name="Ada Jones", number="+12025550100")
    )
    group = book.create_group(actor, name="Ada's circle")
    book.add_members(actor, group_id=group.pk, contact_ids=[ada.pk])
    one = desk(world.northside, size=PHONE)
    page = one.open("compose/")
    to = page.get_by_label("To", exact=True)
    to.press_sequentially("ada")
    expect(page.locator(".to-menu li")).to_have_count(2)
    assert one.axe() == []
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    to.press("ArrowUp")
    to.press("Enter")
    expect(chips(page)).to_contain_text(["Ada Jones (202) 555-0100"])
    to.press_sequentially("ada")
    page.locator(".to-menu li", has_text="circle").wait_for()
    to.press("ArrowDown")
    to.press("Enter")
    expect(page.locator(".to-chip.group")).to_contain_text("Ada's circle 1 contact")
    to.press_sequentially("12")
    to.press("Enter")
    expect(page.locator(".to-chip.bad")).to_contain_text("is not a complete fax number")
    assert one.faults() == []
    to.press("Backspace")
    expect(page.get_by_role("button", name="Remove 12")).to_be_focused()
    page.keyboard.press("Delete")
    expect(chips(page)).to_have_count(2)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Delete")
    expect(chips(page)).to_have_count(1)
    assert page.locator("#to-all").input_value() == ""
    assert page.locator("#group").input_value() == str(group.pk)


PASTED = "Dr. Jones\t(202) 555-0100\nOak Road\t+1 202 555 0101\nElm <2025550100>\nWard\t12"
PASTE = """(input, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_list_is_pasted_from_a_spreadsheet(world, desk, size):
    one = desk(world.northside, size=size)
    page = one.open("compose/")
    page.get_by_label("To", exact=True).evaluate(PASTE, PASTED)
    expect(chips(page)).to_have_count(3)
    expect(chips(page).first).to_contain_text("Dr. Jones (202) 555-0100 · United States")
    assert one.too_wide() == []
    page.get_by_role("button", name="Remove Ward").click()
    page.set_input_files("#documents", [file()])
    expect(page.locator(".strip img")).to_have_count(1)
    page.get_by_role("button", name="Send fax").click()
    page.wait_for_url("**/outbox/")
    assert sorted(Fax.rows.values_list("to_number", flat=True)) == ["+12025550100", "+12025550101"]


def test_a_group_is_sent_to_without_scripts(world, desk, work):
    actor = world.northside.admin
    ada = book.create_contact(actor, request=ContactRequest(name="Ada", number="+12025550100"))
    group = book.create_group(actor, name="Practices")
    book.add_members(actor, group_id=group.pk, contact_ids=[ada.pk])
    page = desk(world.northside, scripts=False, size=PHONE).open("compose/")
    page.get_by_text("To many: a list or a group").click()
    page.get_by_label("Group of contacts").select_option("Practices: 1 contact")
    page.set_input_files("#documents", [file()])
    page.get_by_role("button", name="Send fax").click()
    page.get_by_role("button", name="Go back and change it").click()
    expect(page.get_by_label("Group of contacts")).to_have_value(str(group.pk))
    page.get_by_role("button", name="Send fax").click()
    page.get_by_role("button", name="Send to 1 number").click()
    page.wait_for_url("**/broadcasts/**")
    page.get_by_role("link", name="Look again").wait_for()
    work.run_to_end()
    page.reload()
    page.get_by_role("link", name="Ada").click()
    page.get_by_role("link", name="Sent to many at once").wait_for()
