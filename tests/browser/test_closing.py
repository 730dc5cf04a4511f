"""Suspended, closed and exported accounts as people see them: axe, width, and without scripts."""

import re

from playwright.sync_api import expect

from accounts.services import tenants
from tests.accounts.money import provider_of
from tests.browser.conftest import SIZES


@SIZES
def test_what_is_packed_shows_how_far_it_is_and_then_by_itself_that_it_is_ready(
    world, work, send, desk, size
):
    send(world.northside, "+12025550100")
    work.run_to_end()
    one = desk(world.northside, size=size)
    harbor = provider_of(world.northside.account)
    tenants.close(harbor, account_id=world.northside.id)
    one.open("inbox/")
    assert one.axe() == []
    one.page.get_by_role("link", name="Take your faxes along").click()
    assert one.axe() == []
    one.page.get_by_role("button", name="Pack everything").click()
    one.page.get_by_role("progressbar").wait_for()
    assert one.axe() == []
    work.run()
    with one.page.expect_download() as download:
        one.page.get_by_role("link", name="Download").click()
    name = download.value.suggested_filename
    assert re.fullmatch(r"northside-clinic-\d{4}-\d\d-\d\d-[0-9a-f]{6}-1\.zip", name)
    assert one.axe() == []
    assert one.too_wide() == []


def test_it_goes_without_scripts_too_and_the_suspended_are_told(world, work, desk):
    one = desk(world.northside, scripts=False)
    page = one.open("export/")
    page.get_by_role("button", name="Pack everything").click()
    page.get_by_role("link", name="See how far it is").click()
    work.run()
    page.get_by_role("link", name="See how far it is").click()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    tenants.suspend(provider_of(world.northside.account), account_id=world.northside.id)
    page.goto(f"{one.base}/login/")
    page.fill("[name=login]", "member@northside.example")
    page.fill("[name=password]", world.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Northside Clinic is suspended at present")).to_be_visible()
