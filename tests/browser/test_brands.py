"""How a reseller's brand is chosen, and what its pages look like."""

from django.urls import reverse

from accounts.roles import Role
from accounts.services.brands import brand_of
from tests.browser.conftest import SIZES
from tests.browser.test_people import with_lock


def host_of(live_server, name):
    return live_server.url.replace("//localhost", f"//{name}")


def test_everyone_can_use_pages_of_either_brand(world, desk, live_server):
    for house in (world.harbor, world.summit):
        at = desk(house)
        for path in ("brand/", "inbox/", "team/"):
            at.open(path)
            assert at.faults() == [], path
        at.context.clear_cookies()
        at.page.goto(host_of(live_server, brand_of(house.account).domain) + "/login/")
        assert at.faults() == []


@SIZES
def test_a_colour_that_is_too_light_is_darkened(world, desk, live_server, size):
    for house in (world.harbor, world.summit):
        at = desk(house, size=size)
        at.open("brand/")
        at.page.fill("[name=accent]", "#ffd400")
        at.page.get_by_role("button", name="Save", exact=True).last.click()
        at.page.get_by_role("button", name="Save with #806a00").wait_for()
        assert at.axe() == []
        at.context.clear_cookies()
        at.page.goto(host_of(live_server, brand_of(house.account).domain) + "/login/")
        assert at.axe() == []


def test_the_preview_follows_what_is_typed(world, desk):
    at = desk(world.harbor)
    page = at.open("brand/")
    page.route("**/brand/", lambda route: route.fulfill(status=502))
    page.fill("[name=product_name]", "Dock")
    page.get_by_text("The preview could not be drawn just now").wait_for()
    page.unroute("**/brand/")
    page.fill("[name=product_name]", "Quay")
    page.fill("[name=accent]", "#7a1fa2")
    page.locator("#brand-preview", has_text="Join Harbor Communications on Quay").wait_for()
    assert page.get_by_text("The preview could not be drawn just now").count() == 0
    button = page.locator(".brand-pane.light .button.primary")
    page.wait_for_function(
        "(el) => getComputedStyle(el).backgroundColor === 'rgb(122, 31, 162)'",
        arg=button.element_handle(),
    )
    assert brand_of(world.harbor.account).product_name == "Harbor Fax"


def test_a_brand_is_set_without_scripts(world, desk):
    at = desk(world.harbor, scripts=False)
    page = at.open("brand/")
    page.fill("[name=accent]", "#7a1fa2")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("Nothing is saved yet").wait_for()
    button = page.locator(".brand-pane.light .button.primary")
    colour = button.evaluate("(el) => getComputedStyle(el).backgroundColor")
    assert colour == "rgb(122, 31, 162)"
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_text("The branding is saved").wait_for()
    assert brand_of(world.northside.account).accent == "#7a1fa2"


def test_a_passkey_of_one_host_is_told_apart_on_another(world, desk, live_server, settings):
    settings.BASE_URL = live_server.url
    key = with_lock(desk(world.northside, role=Role.MEMBER), knows_the_finger=True)
    key.page.goto(key.base + "/second-step/passkeys/add/")
    key.page.get_by_role("button", name="Add the passkey").click()
    key.page.wait_for_url("**/recovery/")
    code = key.page.locator(".codes li").first.inner_text().strip()
    own = host_of(live_server, "harbor.localhost")
    key.page.goto(own + "/login/")
    key.page.fill("[name=login]", world.northside.people["member"].email)
    key.page.fill("[name=password]", world.password)
    key.page.get_by_role("button", name="Sign in").click()
    key.page.get_by_text("was made at another address").wait_for()
    assert key.page.get_by_role("button", name="Use a passkey").count() == 0
    assert key.axe() == []
    key.page.fill("[name=code]", code)
    key.page.get_by_role("button", name="Sign in", exact=True).click()
    key.page.wait_for_url("**/inbox/")
    key.page.goto(own + "/second-step/passkeys/add/")
    key.page.get_by_text("This one is harbor.localhost").wait_for()
    key.page.get_by_role("button", name="Add the passkey").click()
    key.page.wait_for_url("**/second-step/")
    key.page.context.clear_cookies()
    key.page.goto(own + "/login/")
    key.page.get_by_role("button", name="Use a passkey").click()
    key.page.wait_for_url("**/inbox/")
    assert key.page.url.startswith(own), reverse("home")
