"""The pages of a new fax put in order before it goes, by keyboard, by dragging, without scripts."""

from typing import Any

from playwright.sync_api import expect

from faxes.enums import DocumentRole
from faxes.models import Document, Fax, FaxDraft, Upload
from tests import papers
from tests.browser.conftest import PHONE, file
from tests.faxes.seen import pages_of


def received_pages():
    arrived = Fax.rows.get(direction="inbound")
    return pages_of(Document.rows.get(fax=arrived, role=DocumentRole.RECEIVED).key)


def alike(one, other):
    """Whether two pages are the same below the line that the machine put on top."""
    rows = min(one.shape[0], other.shape[0]) - 200
    return bool((one[-rows:] == other[-rows:]).all())


def test_pages_are_put_in_order_turned_and_left_out_by_keyboard_alone(world, desk, work):
    page = desk(world.northside).open("compose/")
    page.get_by_label("To", exact=True).fill(world.lakeside.number)
    page.set_input_files("#documents", [file(3, "letter.pdf")])
    images = page.locator("#strip .leaf img")
    expect(images).to_have_count(3)
    before = pages_of(Upload.rows.get().rendered["key"])
    press(page, "Move page 3 of letter.pdf earlier")
    expect(page.locator("#pages-told")).to_have_text("Page 3 of letter.pdf is at place 2 of 3 now.")
    press(page, "Move page 3 of letter.pdf earlier")
    expect(page.locator("#pages-told")).to_have_text("Page 3 of letter.pdf is at place 1 of 3 now.")
    expect(button(page, "Move page 3 of letter.pdf later")).to_be_focused()
    press(page, "Leave out page 1 of letter.pdf")
    back = button(page, "Put it back page 1 of letter.pdf")
    expect(back).to_be_focused()
    expect(images).to_have_count(2)
    page.keyboard.press("Enter")
    expect(images).to_have_count(3)
    press(page, "Leave out page 1 of letter.pdf")
    expect(images).to_have_count(2)
    for turns in (1, 2):
        seen = page.locator("#leaf-2 img").get_attribute("src")
        press(page, "Turn page 2 of letter.pdf")
        expect(page.locator("#leaf-2 img")).not_to_have_attribute("src", seen)
        assert Upload.rows.get().plan == [[3, 0], [2, turns]]
    button(page, "Send fax").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/faxes/**")
    work.run_to_end()
    first, second = received_pages()
    assert alike(first, before[2])
    assert not alike(first, before[0])
    assert second[: second.shape[0] // 2].sum() < second[second.shape[0] // 2 :].sum()
    assert not FaxDraft.rows.exists()


def test_on_a_phone_documents_are_pasted_and_photographed_and_a_draft_is_continued(world, desk):
    one = desk(world.northside, size=PHONE, touch=True)
    page = one.open("compose/")
    page.get_by_label("To", exact=True).fill("+1 202 555 0100")
    expect(page.get_by_text("Photograph a page")).to_be_visible()
    expect(page.get_by_text("Choose the files to fax")).to_have_count(2)
    expect(page.locator(".to-choose")).to_be_visible()
    expect(page.locator(".to-drop")).to_be_hidden()
    page.set_input_files("#camera", [file(1, "photo.pdf")])
    expect(page.locator(".source-name")).to_have_text(["photo.pdf"])
    page.evaluate(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
            const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
            document.body.dispatchEvent(paste);
        }""",
        list(papers.png()),
    )
    expect(page.locator(".source-name")).to_have_text(["photo.pdf", "Pasted picture.png"])
    expect(page.locator("#estimate")).to_contain_text("About 1 minute")
    expect(page.locator("#draft-told")).to_have_text("Saved as a draft")
    assert one.faults() == []
    one.context.clear_cookies()
    other = desk(world.northside, size=PHONE)
    page = other.open("drafts/")
    assert other.faults() == []
    page.get_by_role("link", name="Continue").click()
    expect(page.get_by_label("To", exact=True)).to_have_value("+1 202 555 0100")
    expect(page.locator(".source-name")).to_have_text(["photo.pdf", "Pasted picture.png"])
    drag(page.locator("#leaf-2"), page.locator("#leaf-1"))
    expect(page.locator("#strip .leaf").first).to_have_id("leaf-2")
    page.get_by_role("button", name="Send fax").click()
    page.wait_for_url("**/faxes/**")
    assert Fax.rows.get().pages == 2
    assert not FaxDraft.rows.exists()


def test_pages_are_put_in_order_and_a_draft_is_kept_without_scripts(world, desk):
    page = desk(world.northside, scripts=False).open("compose/")
    page.get_by_label("To", exact=True).fill("(202) 555-0100")
    page.set_input_files("#documents", [file(2, "letter.pdf")])
    page.get_by_role("button", name="Preview the pages").click()
    expect(page.locator("#estimate")).to_have_text("About 1 minute")
    page.set_input_files("#documents", [file(1, "more.pdf")])
    page.get_by_role("button", name="Preview the pages").click()
    expect(page.locator(".source-name")).to_have_text(["letter.pdf", "more.pdf"])
    button(page, "Move page 2 of letter.pdf earlier").click()
    button(page, "Turn page 1 of more.pdf").click()
    button(page, "Leave out page 1 of letter.pdf").click()
    button(page, "Save draft").click()
    expect(page.get_by_role("heading", name="Drafts")).to_be_visible()
    page.get_by_role("link", name="Continue").click()
    expect(page.locator("#strip .leaf img")).to_have_count(2)
    assert Upload.rows.get().plan == [[2, 0], [3, 1]]
    button(page, "Put it back page 1 of letter.pdf").click()
    button(page, "Remove more.pdf").click()
    expect(page.locator("#strip .leaf img")).to_have_count(2)
    button(page, "Send fax").click()
    page.wait_for_url("**/faxes/**")
    assert not FaxDraft.rows.exists()


def drag(what, where):
    what.scroll_into_view_if_needed()
    what.locator("figcaption").drag_to(where, target_position={"x": 5, "y": 40})


def press(page, name):
    button(page, name).focus()
    page.keyboard.press("Enter")


def button(page, name):
    return page.get_by_role("button", name=name)


def test_send_waits_for_documents_that_are_still_on_their_way(world, desk):
    page = desk(world.northside).open("compose/")
    page.get_by_label("To", exact=True).fill("+1 202 555 0100")
    page.set_input_files("#documents", [file(1, "letter.pdf")])
    expect(page.locator(".source-name")).to_have_text(["letter.pdf"])
    held = list[Any]()
    page.route("**/compose/preview/", lambda route: held.append(route))  # noqa: PLW0108
    page.set_input_files("#documents", [file(2, "more.pdf")])
    button(page, "Send fax").click()
    expect(button(page, "Sending…")).to_have_attribute("aria-disabled", "true")
    held.pop().abort()
    expect(page.locator("#documents-lost[role=alert]")).to_be_visible()
    page.route("**/compose/estimate/", lambda route: route.fulfill(status=500))
    page.get_by_label("To", exact=True).fill("+1 202 555 0101")
    expect(page.locator("#estimate")).to_contain_text("could not be worked out just now")
    page.unroute("**/compose/estimate/")
    page.get_by_label("To", exact=True).fill("+1 202 555 0100")
    expect(page.locator("#estimate")).to_contain_text("About 1 minute")
    expect(button(page, "Send fax")).to_have_attribute("aria-disabled", "false")
    assert not Fax.rows.exists()
    page.set_input_files("#documents", [file(2, "more.pdf")])
    button(page, "Send fax").click()
    expect(button(page, "Sending…")).to_be_visible()
    held.pop().continue_()
    page.wait_for_url("**/faxes/**")
    assert Fax.rows.get().pages == 3


def test_pages_that_another_window_changed_are_looked_at_before_they_go(world, desk):
    one = desk(world.northside)
    page = one.open("compose/")
    page.get_by_label("To", exact=True).fill("+1 202 555 0100")
    page.set_input_files("#documents", [file(2, "letter.pdf")])
    expect(page.locator("#strip .leaf img")).to_have_count(2)
    other = one.context.new_page()
    other.goto(f"{page.url}?upload={Upload.rows.get().pk}")
    press(other, "Leave out page 1 of letter.pdf")
    expect(other.locator("#strip .leaf img")).to_have_count(1)
    button(page, "Send fax").click()
    expect(page.locator("#documents-error")).to_contain_text("changed meanwhile")
    expect(page.locator("#strip .leaf img")).to_have_count(1)
    assert not Fax.rows.exists()
    button(page, "Send fax").click()
    page.wait_for_url("**/faxes/**")
    assert Fax.rows.get().pages == 1
