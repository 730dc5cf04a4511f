"""The operator looks for an account in the admin, suspends it, and finds it suspended."""

from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from accounts.models import Account
from tests.browser.conftest import SIZES


@SIZES
def test_an_account_is_looked_for_and_suspended(world, desk, send, size):
    send(world.northside, "+12025550100")
    one = desk(world.platform, size=size)
    person = world.platform.people["admin"]
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    page = one.page
    page.goto(f"{one.base}/operator/")
    expect(page.get_by_role("heading", name="What is on this site")).to_be_visible()
    assert one.axe() == []
    page.get_by_role("main").get_by_role("link", name="Accounts", exact=True).click()
    page.locator("#searchbar").fill(world.northside.account.realm)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).to_have_count(2)
    assert one.axe() == []
    page.get_by_role("row").last.get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option("suspend")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).click()
    expect(page.get_by_text("1 account is suspended.")).to_be_visible()
    assert Account.objects.get(pk=world.northside.account.pk).status == "suspended"
    page.get_by_role("row").last.get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("Suspended")
    assert one.axe() == []
    assert one.complaints == []
