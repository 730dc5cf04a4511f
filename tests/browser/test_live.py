"""What changes shows itself, without a reload and without disturbing who is looking."""

import re

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from faxes.models import Fax
from faxes.services.control import cancel_fax
from faxes.services.filing import archive_fax

GOOD, BUSY = "+12025550100", "+12025550101"
# As when something is being packed.
_FOLLOW = """(address) => {
  Object.assign(document.getElementById("export").dataset, { live: address, every: "0" });
  document.dispatchEvent(new Event("portal:merged"));
}"""


def test_an_arrival_comes_into_the_inbox_by_itself(world, desk, work, send):
    one = desk(world.northside)
    page = one.open("inbox/")
    expect(page.get_by_text("Nothing has come in yet")).to_be_visible()
    page.evaluate("window.stayed = true")
    send(world.lakeside, world.northside.number)
    work.run_to_end()
    expect(page.locator(".row.unread")).to_have_count(1)
    expect(page.locator("#unread-count")).to_contain_text("1")
    expect(page).to_have_title("(1) Inbox · Northside Clinic")
    assert page.evaluate("window.stayed")


def test_a_row_follows_its_fax_and_the_focus_stays(world, desk, work, send):
    send(world.northside, GOOD, subject="Watched")
    one = desk(world.northside)
    page = one.open("outbox/")
    link = page.locator(".row-link")
    link.focus()
    expect(page.locator(".row .standing")).to_have_text("Preparing")
    work.run()
    expect(page.locator(".row .standing")).to_have_text("Delivered")
    expect(page.locator(".row .thumb img")).to_be_visible()
    expect(link).to_be_focused()


def test_rows_that_did_not_change_are_left_alone(world, desk, work, send):
    send(world.northside, GOOD, subject="Done")
    work.run()
    send(world.northside, BUSY, subject="Changing")
    one = desk(world.northside)
    page = one.open("outbox/")
    page.evaluate("document.querySelectorAll('.row')[1].marked = true")
    pictures: list[str] = []
    page.on("request", lambda request: pictures.append(request.url) if ".png" in request.url else 0)
    work.run()
    expect(page.locator(".row .standing").first).to_contain_text("Busy. Next try: ")
    expect(page.locator(".row .thumb img").first).to_have_js_property("complete", value=True)
    with page.expect_response(lambda answer: "/outbox/" in answer.url):
        pass  # the whole list is told anew
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelectorAll('.row')[1].marked")
    assert len(pictures) == 1, "only the page that had become visible was loaded"


def test_the_fax_page_follows_the_call_and_keeps_what_is_open(world, desk, work, send):
    fax = send(world.northside, BUSY)
    work.run()
    one = desk(world.northside)
    page = one.open(f"faxes/{fax.pk}/")
    expect(page.locator(".status .standing")).to_contain_text("Busy. Next try: ")
    page.locator("#attempts summary").click()
    Fax.rows.filter(pk=fax.pk).update(due_at=None)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".status .standing")).to_contain_text("Canceled")


def test_finished_faxes_are_not_asked_for_again(world, desk, work, send):
    fax = send(world.northside, GOOD)
    one = desk(world.northside)
    page = one.open(f"faxes/{fax.pk}/")
    work.run()
    expect(page.locator(".status .standing")).to_have_text("Delivered")
    expect(page.get_by_role("link", name="Transmission report")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert [url for url in asked if "/status/" in url] == []


def test_signed_out_meanwhile_the_page_leads_to_the_log_in(world, desk, send):
    send(world.northside, GOOD)
    one = desk(world.northside)
    page = one.open("outbox/")
    one.context.clear_cookies()
    page.wait_for_url(re.compile("/login/"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_viewer_sees_it_move_but_has_no_buttons(world, desk, work, send):
    fax = send(world.northside, GOOD)
    one = desk(world.northside, role=Role.VIEWER)
    page = one.open(f"faxes/{fax.pk}/")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    work.run()
    expect(page.locator(".status .standing")).to_have_text("Delivered")
    expect(page.get_by_role("button", name="Delete this fax")).to_have_count(0)


def test_what_is_typed_on_a_fax_page_and_its_focus_stay_while_parts_come_and_go(
    world, desk, work, send
):
    fax = send(world.northside, BUSY)
    work.run()
    page = desk(world.northside).open(f"faxes/{fax.pk}/")
    expect(page.locator("#next-try")).to_be_visible()
    note = page.locator("#note")
    note.press_sequentially("Called them")
    page.evaluate("document.getElementById('note').marked = true")
    with page.expect_response("**/status/**"):
        cancel_fax(world.northside.actor(), fax_id=fax.pk)
    expect(page.locator(".status .standing")).to_contain_text("Canceled")
    expect(page.locator("#next-try")).to_have_count(0)
    expect(note).to_have_value("Called them")
    expect(note).to_be_focused()
    assert page.evaluate("document.getElementById('note').marked")


def test_the_focus_stays_in_a_list_when_rows_above_it_go(world, desk, work, send):
    faxes = [send(world.northside, GOOD, subject=f"Number {n}") for n in (1, 2, 3)]
    work.run()
    page = desk(world.northside).open("outbox/")
    link = page.locator(".row-link").last
    link.focus()
    page.evaluate("document.activeElement.marked = true")
    for fax in faxes[1:]:
        archive_fax(world.northside.actor(), fax_id=fax.pk, archived=True)
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".row-link")).to_be_focused()
    assert page.evaluate("document.activeElement.marked")
    page.locator(".row [type=checkbox]").check()
    gone = "{ bubbles: true, detail: { html: '<div id=fax-list></div>' } }"
    empty = f"(list) => list.dispatchEvent(new CustomEvent('portal:merge', {gone}))"
    page.locator("#fax-list").evaluate(empty)
    expect(page.locator(".row")).to_have_count(1)
    page.locator(".row [type=checkbox]").uncheck()
    page.locator("#fax-list").evaluate(empty)
    expect(page.locator(".row")).to_have_count(0)


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_not_there_to_be_followed_any_more_is_said_once(world, desk, send, status):
    fax = send(world.northside, GOOD)
    one = desk(world.northside)
    asked: list[str] = []
    one.page.route("**/status/**", lambda route: route.fulfill(status=status))
    one.page.on("request", lambda each: asked.append(each.url) if "/status/" in each.url else None)
    page = one.open(f"faxes/{fax.pk}/")
    told = page.get_by_role("status").filter(has_text="not kept up to date any more")
    expect(told).to_be_visible()
    expect(page.get_by_text("keeps itself up to date")).to_have_count(0)
    page.evaluate("document.dispatchEvent(new Event('portal:ask'))")
    expect(told).to_have_count(1)
    assert len(asked) == 1


def test_after_a_refused_form_the_log_in_leads_back_to_the_page_itself(world, desk):
    one = desk(world.northside)
    page = one.open("export/")
    page.get_by_label("Fax number").fill("12")
    page.get_by_role("button", name="Pack what concerns this number").click()
    page.wait_for_url("**/export/number/")
    one.context.clear_cookies()
    page.evaluate(_FOLLOW, page.url.removesuffix("number/") + "?live")
    page.wait_for_url(re.compile("/login/.*next=.*/export/$"))


def test_what_is_wrong_on_a_page_that_follows_a_fax_stays_until_it_is_read(world, desk, work, send):
    fax = send(world.northside, BUSY)
    work.run()
    page = desk(world.northside).open(f"faxes/{fax.pk}/")
    page.locator("#next-try-elsewhere summary").click()
    page.locator("#next-try-to").fill("12")
    page.get_by_role("button", name="Send it there").click()
    expect(page.locator("#next-try-to-error")).to_be_visible()
    expect(page.locator("#fax")).not_to_have_attribute("data-live", re.compile("."))
    expect(page.locator("#next-try-to")).to_have_value("12")
