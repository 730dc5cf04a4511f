"""Pages hold together in each language: with long words, and from right to left."""

import pytest

from accounts.models import User
from tests.browser.conftest import PHONE

PAGES = (
    "today/",
    "inbox/",
    "outbox/",
    "compose/",
    "contacts/",
    "numbers/",
    "team/",
    "usage/",
    "export/",
    "audit/",
    "tokens/",
)


@pytest.fixture
def right_to_left(settings):
    """A language that runs from right to left; what Django itself says in it will do."""
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "العربية")]


@pytest.mark.parametrize("language", ["de", "ar"])
def test_no_page_is_wider_than_a_phone(world, desk, work, send, right_to_left, language):
    send(world.lakeside, world.northside.number, pages=2)
    send(world.northside, "+12025550100", subject="Überweisung")
    work.run()
    User.objects.filter(pk=world.northside.people["admin"].pk).update(language=language)
    one = desk(world.northside, size=PHONE)
    page = one.open("inbox/")
    fax = page.locator(".row-link").first.get_attribute("href").split("/", 3)[3]
    browser = one.context.browser.new_context(viewport=page.viewport_size, locale=language)
    outside = browser.new_page()
    outside.goto(f"{one.base}/login/")
    assert outside.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    for path in (*PAGES, fax):
        one.open(path)
        assert page.locator("html").get_attribute("lang") == language
        assert one.too_wide() == [], path


def test_what_runs_from_right_to_left_begins_at_the_right(world, desk, right_to_left):
    User.objects.filter(pk=world.northside.people["admin"].pk).update(language="ar")
    page = desk(world.northside).open("contacts/new/")
    rail, column = (page.locator(each).bounding_box() for each in (".rail", "main"))
    assert rail["x"] > column["x"]
    back = page.locator(".back .icon")
    assert back.evaluate("(icon) => getComputedStyle(icon).scale") == "-1 1"
    field = page.locator("input[type=text]").first
    assert field.evaluate("(one) => getComputedStyle(one).textAlign") == "right"
