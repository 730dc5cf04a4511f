"""Whole ways through the portal: with the mouse, with the keyboard alone, without scripts."""

import re

from playwright.sync_api import expect

from tests import papers
from tests.browser.conftest import file


def test_a_file_is_dropped_anywhere_on_the_page(world, desk):
    page = desk(world.northside).open("compose/")
    dropped = page.evaluate_handle(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "dropped.pdf"));
            return data;
        }""",
        list(papers.pdf()),
    )
    page.dispatch_event("h1", "drop", {"dataTransfer": dropped})
    expect(page.locator(".source-name")).to_have_text(["dropped.pdf"])


def test_a_file_chosen_before_the_scripts_have_come_is_shown_once_they_have(world, desk):
    one = desk(world.northside)
    held = []
    one.page.route("**/compose*.js", lambda script: held.append(script))  # noqa: PLW0108
    page = one.page
    page.goto(f"{one.base}/a/{one.account}/compose/", wait_until="commit")
    page.set_input_files("#documents", [file(2, "early.pdf")])
    expect(page.locator(".source-name")).to_have_count(0)
    page.wait_for_timeout(200)
    for script in held:
        script.continue_()
    expect(page.locator(".source-name")).to_have_text(["early.pdf"])
    expect(page.locator(".strip img")).to_have_count(2)


def test_a_wrong_file_is_told_beside_the_field_and_the_rest_stays(world, desk):
    page = desk(world.northside).open("compose/")
    page.get_by_label("Subject").fill("Kept")
    page.set_input_files(
        "#documents", [{"name": "music.mp3", "mimeType": "audio/mpeg", "buffer": bytes(100)}]
    )
    expect(page.locator("#documents-error")).to_contain_text("music.mp3")
    expect(page.get_by_label("Subject")).to_have_value("Kept")
    page.set_input_files("#documents", [file(1, "good.pdf")])
    expect(page.locator(".source-name")).to_have_text(["good.pdf"])
    expect(page.locator("#documents-error")).to_have_count(0)


def test_another_quality_is_shown_at_once(world, desk):
    page = desk(world.northside).open("compose/")
    page.set_input_files("#documents", [file()])
    expect(page.locator(".strip img")).to_have_attribute("src", pattern("v=fine"))
    page.get_by_text("Standard", exact=True).click()
    expect(page.locator(".strip img")).to_have_attribute("src", pattern("v=standard"))


def test_pages_are_enlarged_and_leafed_through(world, desk):
    page = desk(world.northside).open("compose/")
    page.set_input_files("#documents", [file(3)])
    page.locator(".strip a").nth(1).click()
    title = page.locator("#zoom-title")
    expect(title).to_have_text("Page 2 of 3")
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("Page 3 of 3")
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator(".strip a").nth(2)).to_be_focused()


def test_a_test_number_is_filled_in(world, desk):
    page = desk(world.northside).open("compose/")
    page.get_by_text("Try a test number").click()
    page.get_by_role("button", name="+1 202 555 0107").click()
    expect(page.get_by_label("To", exact=True)).to_have_value("+1 202 555 0107")


def test_search_and_filters_without_scripts(world, desk, work, send):
    send(world.northside, "+12025550100", subject="The lease")
    send(world.northside, "+12025550108", subject="The will")
    work.run()
    page = desk(world.northside, scripts=False).open("outbox/")
    page.get_by_role("link", name="Not delivered").click()
    expect(page.locator(".row-title")).to_have_text(["The will"])
    page.get_by_role("link", name="All").click()
    page.get_by_role("searchbox").fill("lease")
    page.keyboard.press("Enter")
    expect(page.locator(".row-title")).to_have_text(["The lease"])


def test_the_account_menu_signing_out_and_in_again(world, desk):
    page = desk(world.northside).open("inbox/")
    page.get_by_role("button", name="Northside Clinic", exact=True).click()
    expect(
        page.locator("#menu-account").get_by_role("link", name="Northside Clinic")
    ).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("[popovertarget=menu-profile]").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Email").fill(world.northside.people["member"].email)
    page.get_by_label("Password").fill(world.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/inbox/")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def pattern(text):
    return re.compile(re.escape(text))
