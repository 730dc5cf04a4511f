"""What opens on a page passes axe (WCAG 2.2 AA), too; how it comes is for test_every_page.py."""

import pytest
from playwright.sync_api import expect

from faxes.models import Fax
from tests.browser.conftest import PHONE, SIZES, file

_COVERED = """() => [...document.querySelectorAll(
  "#compose :is(a, button, input, select, textarea, summary)",
)]
  .filter((each) => each.checkVisibility() && each.tabIndex >= 0 && !each.closest(".compose-foot"))
  .filter((each) => {
    each.focus();
    const foot = document.querySelector(".compose-foot").getBoundingClientRect();
    return document.activeElement === each && each.getBoundingClientRect().bottom > foot.top + 1;
  })
  .map((each) => each.outerHTML)"""


@pytest.fixture
def some_faxes(world, work, send, once):
    """Arrivals and faxes in every state that a list shows."""
    once("some faxes", lambda: make_some_faxes(world, work, send))


def make_some_faxes(world, work, send):
    send(world.lakeside, world.northside.number, pages=2)
    send(
        world.northside,
        "+12025550100",
        subject="Referral for Mrs. Ellis",
        notify=["ward@x.example"],
    )
    send(world.northside, "+12025550108")
    send(world.northside, "+12025550101")
    canceled = send(world.northside, "+12025550102")
    Fax.rows.filter(pk=canceled.pk).update(state="canceled", outcome="canceled")
    work.run()
    send(world.northside, "+12025550109", subject="Still being prepared")


def test_lists_and_empty_lists(world, desk, some_faxes):
    full, empty = desk(world.northside), desk(world.redwood)
    for one, path in ((full, "outbox/"), (empty, "inbox/")):
        one.open(path)
        assert one.faults() == [], path


@SIZES
def test_menus_and_filters_when_open(world, desk, some_faxes, size):
    one = desk(world.northside, size=size)
    page = one.open("inbox/")
    page.locator(".filters summary").click()
    for menu in ("menu-account", "menu-profile"):
        page.locator(f"[popovertarget={menu}]").click()
        assert page.locator(f"#{menu}").is_visible()
        assert one.axe() == [], menu
        page.keyboard.press("Escape")


@SIZES
def test_writing_a_fax(world, desk, some_faxes, size):
    one = desk(world.northside, size=size)
    page = one.open("compose/")
    page.locator(".trials summary").click()
    assert one.axe() == []
    expect(page.locator(".compose-foot .primary")).to_be_in_viewport(ratio=1)
    assert page.evaluate(_COVERED) == [], "what has the focus is not behind the foot"
    page.get_by_role("button", name="Send fax").click()
    page.locator("#to-error").wait_for()
    assert one.axe() == [], "with errors"
    page.set_input_files("#documents", [file(2)])
    page.locator(".strip img").first.wait_for()
    assert one.axe() == [], "with a preview"
    page.locator(".strip a").first.click()
    page.locator("dialog.zoom[open]").wait_for()
    assert one.axe() == [], "with a page enlarged"


def test_a_fax(world, desk, some_faxes):
    one = desk(world.northside, size=PHONE)
    for box in ("inbox/", "outbox/"):
        links = one.open(box).locator(".row-link")
        paths = [link.get_attribute("href") for link in links.all()]
        for path in paths:
            one.page.goto(one.base + path)
            assert one.axe() == [], path
    page = one.page
    page.locator("#attempts summary").first.click()
    for dialog in ("forward", "strip", "delete"):
        if page.locator(f"[popovertarget={dialog}]").count():
            page.locator(f"[popovertarget={dialog}]").first.click()
            assert one.axe() == [], dialog
            page.keyboard.press("Escape")


@pytest.mark.timeout(300)
def test_the_reference_of_the_api(world, desk):
    one = desk(world.northside)
    one.page.goto(one.base + "/api/docs/")
    one.page.locator("#send_fax a").click()
    one.page.locator("#send_fax summary").click()
    assert one.axe() == []
    one.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert one.too_wide() == []
