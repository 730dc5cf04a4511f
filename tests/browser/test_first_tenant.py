"""A new reseller's first tenant: from signing in to its first fax, as docs/reseller.md shows it.

With ``SHOTS=docs/pictures`` it takes the pictures of that page anew.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import expect

from faxes.services.demo_trade import seed_trade
from tests.browser.conftest import DESK, file
from tests.browser.ways import EACH_WAY, Mouse, shown


@pytest.fixture
def shot() -> Callable[..., None]:
    """Take a picture of a page, if pictures are wanted."""

    def take(way: Mouse, name: str, *, height: int = DESK[1]) -> None:
        page = way.page
        if type(way) is Mouse and (folder := os.environ.get("SHOTS")):
            page.set_viewport_size({"width": DESK[0], "height": height})
            page.screenshot(path=Path(folder) / f"{name}.png")

    return take


@EACH_WAY
def test_a_reseller_sets_up_a_tenant_that_receives_a_fax(world, go, work, shot):
    seed_trade()
    seller = go(world.harbor)
    page = seller.page
    page.goto(seller.desk.base)
    expect(page.get_by_role("heading", name="Tenants")).to_be_visible()
    shot(seller, "tenants")
    seller.press(page.get_by_role("link", name="New tenant"))
    seller.write(page.get_by_label("Name", exact=True), "Willow Dental")
    seller.write(page.get_by_label("Email of its administrator"), "ada@willow.example")
    seller.select(page.get_by_label("Free number"), re.compile(r"^\s*\+1 "))
    seller.select(page.get_by_label("Plan", exact=True), "Monthly 250 (USD)")
    seller.write(page.get_by_label("Starting credit"), "20")
    shot(seller, "new-tenant", height=1300)
    seller.press(page.get_by_role("button", name="Set it up").last)
    expect(page.get_by_text("Willow Dental is set up.")).to_be_visible()
    number = page.get_by_text(re.compile(r"^\+1 ")).first.inner_text()
    shot(seller, "tenant", height=1280)

    [letter] = [each for each in mail.outbox if each.to == ["ada@willow.example"]]
    [link] = re.findall(r"/invitations/\S+", str(letter.body))
    way = go(world.northside)
    way.desk.context.clear_cookies()
    inside = way.page
    inside.goto(way.desk.base + link)
    way.write(inside.get_by_label("Your name"), "Ada Lind")
    way.write(inside.get_by_label("Choose a password"), "a willow at the brook")
    shot(way, "invitation")
    way.press(inside.get_by_role("button", name="Join"))

    way.press(inside.get_by_role("link", name="New fax"))
    inside.wait_for_url("**/compose/**")  # and for its scripts
    way.write(inside.get_by_label("To", exact=True), number)
    way.choose(inside.locator("#documents"), file())
    shown(way, 1)
    expect(inside.get_by_role("img", name="Page 1")).to_be_visible()
    shot(way, "first-fax", height=1000)
    way.press(inside.get_by_role("button", name="Send fax"))
    inside.wait_for_url("**/faxes/**")
    work.run_to_end()
    way.press(inside.get_by_role("link", name="Inbox"))
    expect(inside.locator(".row.unread")).to_have_count(1)
    shot(way, "first-arrival")
