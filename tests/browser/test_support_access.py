"""Support access in a real browser: granting it, the notice, being inside, ending it."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from accounts.services import support
from tests.browser.conftest import SIZES
from tests.world import Tenant


@pytest.fixture
def received(world, work, send):
    """A fax that came to Northside Clinic, and one that it sent."""
    send(world.northside, "+12025550100", subject="Referral")
    send(world.lakeside, world.northside.number)
    work.run_to_end()


def provider(world):
    """Harbor's administrator, as somebody who sits down at a desk."""
    harbor = world.harbor
    return Tenant(harbor.account, harbor.people, "", world.northside.faxbox)


def looks_right(at, path):
    at.page.goto(at.base + path)
    assert at.axe() == [], path
    assert at.too_wide() == [], path


@SIZES
def test_everyone_can_use_the_pages_of_support_access(world, desk, received, size):
    ours, theirs = (
        f"/a/{world.northside.id}/",
        f"/a/{world.harbor.id}/tenants/{world.northside.id}/",
    )
    at = desk(world.northside, size=size)
    looks_right(at, ours + "sharing/")
    support.grant(world.northside.admin, hours=4, note="A fax of Monday did not arrive")
    for page in ("sharing/", "inbox/"):
        looks_right(at, ours + page)
    inside = desk(provider(world), size=size)
    looks_right(inside, theirs + "faxes/")
    for page in ("inbox/", "outbox/"):
        looks_right(inside, ours + page)
    inside.page.locator(".row-link").first.click()
    inside.page.wait_for_url("**/faxes/**")
    assert inside.axe() == []


def test_it_is_granted_used_and_ended_by_pressing_buttons(world, desk, received):
    at = desk(world.northside)
    page = at.open("sharing/")
    page.get_by_label("For how long").select_option("4")
    page.get_by_label("What for").fill("Fax of Monday")
    page.get_by_role("button", name="Grant support access").click()
    expect(page.get_by_role("complementary", name="Support access")).to_contain_text(
        "Fax of Monday"
    )

    inside = desk(provider(world))
    inside.page.goto(f"{inside.base}/a/{world.harbor.id}/tenants/{world.northside.id}/faxes/")
    inside.page.get_by_role("link", name="Open with support access until").click()
    notice = inside.page.get_by_role("complementary", name="Support access")
    expect(notice).to_contain_text("You are inside Northside Clinic as support")
    expect(inside.page.get_by_role("link", name="New fax")).to_have_count(0)

    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("Support access is over.")).to_be_visible()
    expect(page.get_by_role("complementary", name="Support access")).to_have_count(0)
    gone = inside.page.reload()
    assert gone
    assert gone.status == 404


def test_members_see_the_notice_without_scripts(world, desk):
    support.grant(world.northside.admin, hours=1)
    at = desk(world.northside, role=Role.MEMBER, scripts=False)
    notice = at.open("inbox/").get_by_role("complementary", name="Support access")
    expect(notice).to_contain_text("Support may look at your faxes until")
    expect(notice.get_by_role("button")).to_have_count(0)
