"""Every page passes axe (WCAG 2.2 AA): light and dark, on a desk and on a phone."""

import pytest

from faxes.models import Fax
from tests.browser.conftest import DESK, PHONE, file

LOOKS = [
    pytest.param(size, scheme, id=f"{name}-{scheme}")
    for size, name in ((DESK, "desk"), (PHONE, "phone"))
    for scheme in ("light", "dark")
]
pytestmark = pytest.mark.parametrize(("size", "scheme"), LOOKS)


@pytest.fixture
def some_faxes(world, work, send, once):
    """Arrivals and faxes in every state that a list shows."""
    once("some faxes", lambda: make_some_faxes(world, work, send))


def make_some_faxes(world, work, send):
    send(world.lakeside, world.northside.number, pages=2)
    send(world.northside, "+12025550100", subject="Referral for Mrs. Ellis")
    send(world.northside, "+12025550108")
    send(world.northside, "+12025550101")
    canceled = send(world.northside, "+12025550102")
    Fax.rows.filter(pk=canceled.pk).update(state="canceled", outcome="canceled")
    work.run()
    send(world.northside, "+12025550109", subject="Still being prepared")


def test_lists_and_empty_lists(world, desk, some_faxes, size, scheme):
    full = desk(world.northside, size=size, scheme=scheme)
    empty = desk(world.redwood, size=size, scheme=scheme)
    for one, path in (
        (full, "inbox/"),
        (full, "outbox/"),
        (full, "outbox/?number=12"),
        (full, "inbox/?q=nothing-like-it"),
        (empty, "inbox/"),
        (empty, "outbox/"),
    ):
        one.open(path)
        assert one.axe() == [], path


def test_menus_and_filters_when_open(world, desk, some_faxes, size, scheme):
    one = desk(world.northside, size=size, scheme=scheme)
    page = one.open("inbox/")
    page.locator(".filters summary").click()
    for menu in ("menu-account", "menu-profile"):
        page.locator(f"[popovertarget={menu}]").click()
        assert page.locator(f"#{menu}").is_visible()
        assert one.axe() == [], menu
        page.keyboard.press("Escape")


def test_writing_a_fax(world, desk, some_faxes, size, scheme):
    one = desk(world.northside, size=size, scheme=scheme)
    page = one.open("compose/")
    page.locator(".trials summary").click()
    assert one.axe() == []
    page.get_by_role("button", name="Send fax").click()
    page.locator("#to-error").wait_for()
    assert one.axe() == [], "with errors"
    page.set_input_files("#documents", [file(2)])
    page.locator(".strip img").first.wait_for()
    assert one.axe() == [], "with a preview"
    page.locator(".strip a").first.click()
    page.locator("dialog.zoom[open]").wait_for()
    assert one.axe() == [], "with a page enlarged"


def test_a_fax(world, desk, some_faxes, size, scheme):
    one = desk(world.northside, size=size, scheme=scheme)
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


def test_pages_beside_the_account(world, desk, size, scheme):
    one = desk(world.northside, size=size, scheme=scheme)
    for path in ("/styleguide/", "/password/change/", "/logout/", "/nowhere/"):
        one.page.goto(one.base + path)
        assert one.axe() == [], path
    one.context.clear_cookies()
    for path in ("/login/", "/password/reset/", "/password/reset/sent/", "/signup/"):
        one.page.goto(one.base + path)
        assert one.axe() == [], path


def test_nothing_is_wider_than_the_window(world, desk, some_faxes, size, scheme):
    one = desk(world.northside, size=size, scheme=scheme)
    for path in ("inbox/", "outbox/", "compose/", "outbox/?number=12"):
        page = one.open(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(one.base + f"/a/{world.northside.id}/outbox/")
    page.locator(".row-link").first.click()
    page.wait_for_url("**/faxes/**")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
