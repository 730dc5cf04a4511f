"""A reseller's daily pages pass axe, fit a desk and a phone, and work without a script."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SIZES
from tests.portal.tenants import in_pool, many_below, reseller_below


@SIZES
def test_tenants_are_found_looked_at_and_set_up(world, desk, size):
    coast = reseller_below(world.harbor, "Coast Fax")
    many_below(world.harbor.account, 55, seller=world.harbor)
    many_below(coast, 2, seller=world.harbor)
    in_pool(world.harbor, "+16175550131")
    one = desk(world.harbor, size=size)
    for name, path in (
        ("list", "tenants/"),
        ("below", f"tenants/?below={coast.pk}"),
        ("low", "tenants/?low=1&q=T"),
        ("one", f"tenants/{world.northside.id}/"),
        ("new", "tenants/new/"),
    ):
        page = one.open(path)
        assert one.axe() == [], name
        assert one.too_wide() == [], name
        if shots := os.environ.get("SHOTS"):
            where = Path(shots) / f"tenants-{name}-{size[0]}.png"
            page.screenshot(path=where, full_page=True)
    page.get_by_role("button", name="Set it up").last.click()
    expect(page.get_by_text("This field is required.")).to_have_count(2)
    assert one.axe() == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_many_tenants_are_suspended_and_the_outcome_is_told(world, desk, scripts):
    page = desk(world.harbor, scripts=scripts).open("tenants/")
    if scripts:
        page.get_by_role("checkbox", name="Tick all on this page").check()
    else:
        page.get_by_role("checkbox", name="Tick Northside Clinic").check()
        page.get_by_role("checkbox", name="Tick Lakeside Law").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Suspend 2 tenants").click()
    expect(page.get_by_text("Done for 2 tenants.")).to_be_visible()
