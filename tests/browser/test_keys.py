"""Inbox and outbox by keyboard and by hand: select, archive and undo, delete, search, help."""

import re

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from faxes.models import Fax
from faxes.services import filing, labels
from tests.browser.conftest import PHONE, SIZES
from tests.faxes.test_list_filters import make


@pytest.fixture
def five(world):
    return [make(world.northside, to_number=f"+1202555017{n}") for n in range(5)]


def ticked(page):
    return page.locator(".row-pick input:checked")


def test_the_keys_move_select_archive_and_take_it_back(world, desk, five):
    page = desk(world.northside).open("outbox/")
    expect(page.locator("[data-pick-all]")).to_be_enabled()
    links = page.locator(".row-link")
    for key, at in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(links.nth(at)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_text("1 fax is archived.")).to_be_visible()
    expect(page.locator("li.row")).to_have_count(4)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("li.row")).to_have_count(5)
    assert not Fax.rows.filter(archived_at__isnull=False).exists()


def test_the_row_of_what_is_archived_is_hardly_taller_than_the_others(world, desk, five):
    filing.archive_fax(world.northside.admin, fax_id=five[2].pk, archived=True)
    page = desk(world.northside).open("outbox/?archived=too")
    expect(page.locator("li.row .chip")).to_have_text("Archived")
    heights = page.locator("li.row").evaluate_all("rows => rows.map(each => each.offsetHeight)")
    assert len(heights) == len(five)
    assert max(heights) < 2 * min(heights)


def test_delete_by_key_asks_first(world, desk, five):
    page = desk(world.northside).open("outbox/")
    expect(page.locator("[data-pick-all]")).to_be_enabled()
    page.keyboard.press("j")
    page.keyboard.press("#")
    expect(page.get_by_role("heading", name="Delete 1 fax")).to_be_visible()
    assert Fax.rows.count() == len(five)
    page.get_by_role("button", name="Delete 1 fax").click()
    expect(page.get_by_text("1 fax is deleted.")).to_be_visible()
    expect(page.locator("li.row")).to_have_count(4)


def test_shift_selects_a_stretch_and_one_box_the_page(world, desk, five):
    page = desk(world.northside).open("outbox/")
    expect(page.locator("[data-pick-all]")).to_be_enabled()
    boxes = page.locator(".row-pick input")
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(ticked(page)).to_have_count(3)
    page.get_by_label("Select this page").check()
    expect(page.get_by_text("5 selected")).to_be_visible()
    with page.expect_response(lambda answer: "/outbox/" in answer.url):
        pass  # the list is told anew meanwhile
    expect(ticked(page)).to_have_count(5)
    page.get_by_label("Select this page").uncheck()
    expect(page.get_by_role("button", name="Archive")).to_be_hidden()


def test_letters_in_a_field_are_letters_and_keys_can_be_switched_off(world, desk, five):
    page = desk(world.northside).open("outbox/")
    expect(page.locator("[data-pick-all]")).to_be_enabled()
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("jxe#?/")
    expect(search).to_have_value("jxe#?/")
    expect(ticked(page)).to_have_count(0)
    search.blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Switch the keys off").click()
    expect(page.locator('#chosen[data-keys="off"]')).to_have_count(1)
    expect(page.locator("[data-pick-all]")).to_be_enabled()
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".row-link").first).not_to_be_focused()
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("button", name="Switch the keys on")).to_be_visible()


def test_without_script_the_bar_comes_with_the_first_tick_and_works(world, desk, five):
    page = desk(world.northside, scripts=False).open("outbox/")
    expect(page.get_by_role("button", name="Archive")).to_be_hidden()
    page.locator(".row-pick input").nth(2).check()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("1 fax is archived.")).to_be_visible()
    expect(page.locator("li.row")).to_have_count(4)


def test_what_is_archived_stands_among_what_is_found_and_is_no_taller(world, desk, five):
    filing.archive_fax(world.northside.admin, fax_id=five[0].pk, archived=True)
    page = desk(world.northside, size=PHONE).open("outbox/?q=555")
    expect(page.get_by_text("Archived", exact=True).last).to_be_visible()
    tall = page.locator("li.row").evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert len(tall) == 5
    assert max(tall) < min(tall) + 40


@pytest.mark.parametrize("name", ["Contacts", "Labels", "Cover pages"])
def test_what_has_no_room_below_on_a_phone_is_in_the_menu(world, desk, name):
    page = desk(world.northside, role=Role.MEMBER, size=PHONE).open("inbox/")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_a_viewer_may_select_and_download_and_nothing_else(world, desk, send, work):
    send(world.northside, "+12025550100", pages=2)
    work.run_to_end()
    page = desk(world.northside, role=Role.VIEWER).open("outbox/")
    page.locator(".row-pick input").check()
    expect(page.get_by_role("button", name="Archive")).to_have_count(0)
    page.locator(".picked-more summary").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download as ZIP").click()
    assert re.fullmatch(r"outbox-\d{4}-\d\d-\d\d\.zip", coming.value.suggested_filename)


@SIZES
def test_everybody_can_use_what_opens(world, desk, five, size):
    admin = world.northside.admin
    label = labels.create_label(admin, name="Urgent", colour="red")
    for colour in ("grey", "orange", "green", "blue", "purple"):
        labels.create_label(admin, name=colour, colour=colour)
    labels.label_fax(admin, fax_id=five[0].pk, label_id=label.pk, on=True)
    filing.assign_fax(admin, fax_id=five[0].pk, person=admin.user_id)
    filing.add_note(admin, fax_id=five[0].pk, text="Called back")
    one = desk(world.northside, size=size)
    page = one.open("outbox/?q=2025550")
    page.locator(".row-pick input").first.check()
    page.locator(".view-new summary").click()
    page.locator(".picked-more summary").click()
    assert [*one.axe(), *one.too_wide()] == []
    page.get_by_role("button", name="Remove the pages").click()
    expect(page.get_by_role("heading", name="Remove the pages of 1 fax")).to_be_visible()
    assert [*one.axe(), *one.too_wide()] == []
    page = one.open("labels/")
    page.locator(".label-list summary").first.click()
    assert [*one.axe(), *one.too_wide()] == []
    page = one.open(f"faxes/{five[0].pk}/")
    page.locator("#filing-labels summary").click()
    assert [*one.axe(), *one.too_wide()] == []
    page = one.open("outbox/")
    expect(page.locator("[data-pick-all]")).to_be_enabled()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert [*one.axe(), *one.too_wide()] == []
