"""Passkeys, people and tokens in a real browser, as everybody can use them."""

from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from accounts.models import CredentialKind
from accounts.roles import Action, Role, Scope
from accounts.services import invitations
from accounts.services.tokens import TokenRequest, authenticate_token, create_token


@pytest.fixture
def peopled(world):
    """An account with an invitation and a token."""
    invitations.invite(world.northside.admin, email="nurse@elsewhere.example", role=Role.MEMBER)
    request = TokenRequest(
        name="Billing", kind=CredentialKind.API_TOKEN, scopes=(Scope.FAXES_READ, Scope.FAXES_WRITE)
    )
    create_token(world.northside.admin, request=request)
    return world


def test_everyone_can_use_the_pages_about_people(peopled, desk):
    at = desk(peopled.northside)
    for path in (f"/a/{peopled.northside.id}/tokens/", "/second-step/", "/second-step/codes/"):
        at.page.goto(at.base + path)
        assert urlsplit(at.page.url).path == path
        assert at.faults() == [], path
    at.context.clear_cookies()
    at.page.goto(at.base + "/single-sign-on/?who=x@nowhere.example")
    assert at.faults() == []
    assert at.complaints == []


def with_lock(at, *, knows_the_finger):
    """A device with a lock of its own, beside the desk."""
    devices = at.context.new_cdp_session(at.page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": knows_the_finger,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return at


@pytest.fixture
def key(desk, world):
    """A desk with a device's own lock that says yes to everything."""
    return with_lock(desk(world.northside, role=Role.MEMBER), knows_the_finger=True)


def sign_out(at):
    at.page.goto(at.base + "/logout/")
    at.page.get_by_role("button", name="Sign out").click()
    at.page.wait_for_url("**/login/")


def test_a_passkey_opens_the_portal_without_a_password(world, key):
    key.page.goto(key.base + "/second-step/passkeys/add/")
    key.page.get_by_role("button", name="Add the passkey").click()
    key.page.wait_for_url("**/recovery/")
    assert key.page.locator(".codes li").count() == 10
    kept = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    assert kept.user == world.northside.people["member"]
    assert key.axe() == []
    sign_out(key)
    key.page.get_by_role("button", name="Use a passkey").click()
    key.page.wait_for_url("**/inbox/")
    sign_out(key)
    key.page.fill("[name=login]", world.northside.people["member"].email)
    key.page.fill("[name=password]", world.password)
    key.page.get_by_role("button", name="Sign in").click()
    key.page.wait_for_url("**/authenticate/")
    assert key.axe() == []
    key.page.get_by_role("button", name="Use a passkey").click()
    key.page.wait_for_url("**/inbox/")


def test_a_passkey_is_seen_renamed_and_removed(world, key):
    key.page.goto(key.base + "/second-step/passkeys/add/")
    key.page.get_by_role("button", name="Add the passkey").click()
    key.page.wait_for_url("**/recovery/")
    for address in ("/second-step/passkeys/", "/second-step/passkeys/confirm/"):
        key.page.goto(key.base + address)
        assert key.axe() == [], address
    key.page.goto(key.base + "/second-step/passkeys/")
    key.page.get_by_role("link", name="Rename").click()
    key.page.get_by_label("What to call it").fill("Desk by the door")
    key.page.get_by_role("button", name="Save").click()
    key.page.get_by_role("link", name="Remove Desk by the door").click()
    key.page.get_by_role("button", name="Remove").click()
    key.page.get_by_text("You have none yet.").wait_for()


def test_a_browser_that_gives_no_passkey_is_told_on_the_page(world, desk):
    at = with_lock(desk(world.northside, role=Role.VIEWER), knows_the_finger=False)
    at.page.goto(at.base + "/second-step/passkeys/add/")
    at.page.get_by_role("button", name="Add the passkey").click()
    at.page.locator("#passkey-trouble").wait_for(timeout=20_000)


def test_a_button_that_needs_a_script_cannot_be_pressed_before_that_has_come(world, desk):
    one = desk(world.northside)
    one.context.clear_cookies()
    held = []
    one.page.route("**/passkey*.js", lambda script: held.append(script))  # noqa: PLW0108
    one.page.goto(one.base + "/login/", wait_until="commit")
    button = one.page.get_by_role("button", name="Use a passkey")
    expect(button).to_be_disabled()
    for script in held:
        script.continue_()
    expect(button).to_be_enabled()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_token_is_shown_once(world, desk, scripts):
    at = desk(world.northside, scripts=scripts)
    page = at.open("tokens/")
    page.get_by_label("What is it for?").fill("Billing")
    page.get_by_label("Read faxes: lists").check()
    page.get_by_role("button", name="Make the token").click()
    token = page.get_by_role("textbox", name="Token", exact=True).input_value()
    actor = authenticate_token(token, address="192.0.2.1")
    assert actor
    assert actor.may(Action.FAX_VIEW)
    if scripts:
        assert at.axe() == []
        at.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy").click()
        page.get_by_text("Copied.").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == token
    page.goto(page.url.replace("new/", ""))
    assert token not in page.content()
    assert token.partition(".")[0] in page.content()
