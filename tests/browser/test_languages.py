"""Pages hold together in each language: with long words, and from right to left."""

import os
from pathlib import Path

import pytest

from accounts.models import User
from tests.browser.conftest import DESK, PHONE

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


def speak(tenant, language):
    User.objects.filter(pk=tenant.people["admin"].pk).update(language=language)


@pytest.mark.parametrize("language", ["de", "ar"])
def test_no_page_is_wider_than_a_phone(world, desk, work, send, right_to_left, language):
    send(world.lakeside, world.northside.number, pages=2)
    send(world.northside, "+12025550100", subject="Überweisung")
    work.run()
    speak(world.northside, language)
    one = desk(world.northside, size=PHONE)
    page = one.open("inbox/")
    paths = [*PAGES, page.locator(".row-link").first.get_attribute("href").split("/", 3)[3]]
    for path in paths:
        for size in (PHONE, DESK) if os.environ.get("SHOTS") else (PHONE,):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            one.open(path)
            assert page.locator("html").get_attribute("lang") == language
            if folder := os.environ.get("SHOTS"):
                name = f"{language}-{size[0]}-{path.split('/')[0]}.png"
                page.screenshot(path=Path(folder) / name, full_page=True)
            assert one.too_wide() == [], (path, size)
