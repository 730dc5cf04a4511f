"""How long faxes are kept is chosen, and a fax is put under legal hold; with a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts import clock
from faxes.models import Fax
from tests.browser.conftest import DESK, PHONE


@pytest.mark.parametrize(
    ("size", "scripts"), [(DESK, True), (PHONE, False)], ids=["desk", "phone, no scripts"]
)
def test_a_period_is_chosen_after_a_look_and_a_fax_is_held_back_from_it(
    world, work, send, desk, size, scripts
):
    send(world.northside, "+12025550100", subject="Referral")
    send(world.northside, "+12025550100", subject="Other")
    work.run_to_end()
    faxes = Fax.objects.for_account(world.northside.id)
    faxes.update(finished_at=clock.now() - timedelta(days=90))
    one = desk(world.northside, size=size, scripts=scripts)
    page = one.open("settings/")
    page.get_by_role("link", name="How long faxes are kept").click()
    page.get_by_role("region", name="Sent faxes").get_by_label("Keep the pages for").fill("30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("2 faxes lose their pages")
    page.get_by_role("button", name="Yes, keep them no longer").click()
    expect(page.locator("#next-run")).to_contain_text("2 faxes lose their pages")
    if scripts:
        assert one.faults() == []
        assert one.axe() == []
    assert one.too_wide() == []
    first = faxes.earliest("id")
    page = one.open(f"faxes/{first.pk}/")
    expect(page.locator("#kept")).to_contain_text("Pages are kept until")
    page.get_by_text("Place a legal hold").click()
    page.get_by_label("Why").fill("Claim 17")
    page.get_by_role("button", name="Hold this fax").click()
    expect(page.locator("#kept")).to_contain_text("Claim 17")
    if scripts:
        assert one.axe() == []
    page = one.open("settings/retention/")
    expect(page.locator("#next-run")).to_contain_text("1 fax loses its pages")
    expect(page.locator("#next-run")).to_contain_text("stays because of a legal hold")
    page.get_by_role("link", name="See and place legal holds").click()
    if scripts:
        assert one.axe() == []
    assert one.too_wide() == []
    page.get_by_role("button", name="Lift this hold").click()
    expect(page.get_by_text("The legal hold is lifted.")).to_be_visible()
