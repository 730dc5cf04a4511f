"""A new reseller's first tenant: from signing in to its first fax, as docs/reseller.md shows it.

With ``SHOTS=docs/pictures`` it takes the pictures of that page anew.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from faxes.services.demo_trade import seed_trade
from tests.browser.conftest import DESK, file


@pytest.fixture
def shot() -> Callable[..., None]:
    """Take a picture of a page, if pictures are wanted."""

    def take(page: Page, name: str, *, height: int = DESK[1]) -> None:
        if folder := os.environ.get("SHOTS"):
            page.set_viewport_size({"width": DESK[0], "height": height})
            page.screenshot(path=Path(folder) / f"{name}.png")

    return take


def test_a_reseller_sets_up_a_tenant_that_receives_a_fax(world, desk, work, browser, shot):
    seed_trade()
    reseller = desk(world.harbor)
    page = reseller.page
    page.goto(reseller.base)
    expect(page.get_by_role("heading", name="Tenants")).to_be_visible()
    shot(page, "tenants")
    page.get_by_role("link", name="New tenant").click()
    page.get_by_label("Name", exact=True).fill("Willow Dental")
    page.get_by_label("Email of its administrator").fill("ada@willow.example")
    page.get_by_label("Free number").select_option(index=1)
    page.get_by_label("Plan", exact=True).select_option(label="Monthly 250 (USD)")
    page.get_by_label("Starting credit").fill("20")
    shot(page, "new-tenant", height=1300)
    page.get_by_role("button", name="Set it up").last.click()
    expect(page.get_by_text("Willow Dental is set up.")).to_be_visible()
    number = page.get_by_text(re.compile(r"^\+1 ")).first.inner_text()
    shot(page, "tenant", height=1280)

    [letter] = [each for each in mail.outbox if each.to == ["ada@willow.example"]]
    [link] = re.findall(r"/invitations/\S+", str(letter.body))
    inside = browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}).new_page()
    inside.goto(reseller.base + link)
    inside.get_by_label("Your name").fill("Ada Lind")
    inside.get_by_label("Choose a password").fill("a willow at the brook")
    shot(inside, "invitation")
    inside.get_by_role("button", name="Join").click()

    inside.get_by_role("link", name="New fax").click()
    inside.wait_for_url("**/compose/**")  # and for its scripts
    inside.get_by_label("To", exact=True).fill(number)
    inside.set_input_files("#documents", file())
    expect(inside.get_by_role("img", name="Page 1")).to_be_visible()
    shot(inside, "first-fax", height=1000)
    inside.get_by_role("button", name="Send fax").click()
    inside.wait_for_url("**/faxes/**")
    work.run_to_end()
    inside.get_by_role("link", name="Inbox").click()
    expect(inside.locator(".row.unread")).to_have_count(1)
    shot(inside, "first-arrival")
    inside.context.close()
