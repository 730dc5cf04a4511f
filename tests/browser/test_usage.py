"""The month of an account passes axe, and fits a desk and a phone, light and dark."""

import os
from pathlib import Path

from accounts.services import money
from tests.accounts.money import CENT, bill, plan_by, provider_of
from tests.browser.conftest import SIZES


@SIZES
def test_a_month_in_figures(world, desk, work, send, size):
    seller = provider_of(world.northside.account)
    plan = plan_by(seller, included_pages=100, name="Clinic 100", monthly_fee=2900 * CENT)
    bill(world.northside.account, balance=500 * CENT, plan=plan, low_balance=600 * CENT)
    money.adjust(
        seller, account_id=world.northside.id, amount=250 * CENT, key="k", note="For the outage"
    )
    send(world.northside, "+12025550100", pages=2)
    send(world.lakeside, world.northside.number, pages=3)
    work.run_to_end()
    one = desk(world.northside, size=size)
    page = one.open("usage/")
    assert one.axe() == []
    assert one.too_wide() == []
    page.locator("[popovertarget=menu-account]").first.click()
    page.get_by_role("link", name="Usage").click()
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=Path(shots) / f"{size[0]}.png", full_page=True)
    page.locator(".months a").first.click()
    assert one.axe() == []
