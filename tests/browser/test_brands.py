"""Two tenants of two resellers walk through all they can reach, and find no trace of each other."""

import base64
import io
import re
from urllib.parse import urlsplit

import pypdfium2
import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import Account
from accounts.roles import Role
from accounts.services import colours, invitations
from accounts.services.brands import brand_of
from tests.browser.conftest import DESK, SIZES
from tests.browser.test_people import with_lock

FILES = (".pdf", ".csv", ".vcf", ".tiff", ".txt", ".png", ".svg", ".css", ".webmanifest")
NOT_WALKED = ("/logout/", "/styleguide/")
SHARED = "/static/"  # the same for everybody
_FETCH = """async (url) => {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}"""


def traces(reseller, tenant):
    """Whatever only this reseller and its tenants have, in small letters."""
    brand = brand_of(reseller.account)
    made = colours.palette(brand.accent)
    accounts = Account.objects.filter(path__startswith=reseller.account.path)
    found = {brand.product_name, brand.domain, brand.support_email, brand.support_phone}
    found |= {logo.digest for logo in (brand.logo, brand.logo_dark) if logo}
    found |= {brand.sender, tenant.number}
    found |= {made.light.accent[1:], made.light.deep[1:], made.dark.accent[1:], made.dark.tint[1:]}
    for account in accounts:
        found |= {account.name, account.realm, str(account.pk), account.pk.hex}
    return sorted(each.casefold() for each in found)


def words_of(address, content):
    """What a file says; a PDF's pages as text."""
    if urlsplit(address).path.endswith(".pdf"):
        pages = pypdfium2.PdfDocument(io.BytesIO(content))
        return " ".join(page.get_textpage().get_text_range() for page in pages)
    return content.decode(errors="replace")


class Walk:
    """A browser that goes wherever links lead on one host, and keeps what it saw."""

    def __init__(self, context, base):
        self.page, self.base = context.new_page(), base
        self.seen: dict[str, str] = {}

    def sign_in(self, email, password):
        self.page.goto(f"{self.base}/login/")
        self.page.fill("[name=login]", email)
        self.page.fill("[name=password]", password)
        self.page.get_by_role("button", name="Sign in").click()

    def go(self, *paths):
        """Follow all links from these pages on."""
        todo = [self.base + path for path in paths]
        while todo:
            address = todo.pop()
            if not self._is_new(address):
                continue
            path = urlsplit(address).path
            if path.endswith(FILES):
                content = base64.b64decode(self.page.evaluate(_FETCH, address))
                self.seen[address] = words_of(address, content)
                continue
            self.page.goto(address)
            self.seen[address] = self.page.content()
            todo += [found for found in self._leads_to() if self._is_here(found)]

    def _is_new(self, address):
        """Not seen, but for what stands after a question mark: another month, another filter."""
        return address.partition("?")[0] not in {each.partition("?")[0] for each in self.seen}

    def _leads_to(self):
        found = self.page.evaluate(
            "[...document.links].map((a) => a.href)"
            ".concat([...document.querySelectorAll('img')].map((img) => img.src))"
            ".concat([...document.querySelectorAll('link[href]')].map((link) => link.href))"
        )
        return sorted({address.partition("#")[0] for address in found})

    def _is_here(self, address):
        here = address.startswith(self.base + "/") and not address.endswith(NOT_WALKED)
        return here and SHARED not in address


def host_of(live_server, name):
    return live_server.url.replace("//localhost", f"//{name}")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("where", ["own", pytest.param("portal", marks=pytest.mark.long)])
def test_a_tenant_finds_no_trace_of_another_resellers(
    world, live_server, settings, browser, send, work, where
):
    settings.BASE_URL = live_server.url
    for tenant in (world.northside, world.redwood):
        send(tenant, "+12025550100", subject="Results", cover="plain")
        send(tenant, "+12025550101", subject="Again")
    work.run_to_end()
    pairs = [(world.northside, world.harbor), (world.redwood, world.summit)]
    # at the host of all, the one way is like the other
    for (tenant, _), (neighbour, other) in (pairs, pairs[::-1])[: 2 if where == "own" else 1]:
        mail.outbox.clear()
        brand = brand_of(tenant.account)
        base = host_of(live_server, brand.domain) if where == "own" else live_server.url
        context = browser.new_context(viewport={"width": DESK[0], "height": DESK[1]})
        walk = Walk(context, base)
        if where == "own":
            walk.go("/login/", "/password/reset/", "/nothing/")
        walk.sign_in(tenant.people["admin"].email, world.password)
        walk.page.wait_for_url("**/inbox/")
        walk.go("/", f"/a/{tenant.id}/inbox/", f"/a/{tenant.id}/covers/", "/profile/")
        walk.go(f"/a/{neighbour.id}/inbox/", f"/a/{other.id}/brand/", "/nothing/")
        pdfs = [address for address in walk.seen if address.endswith("report.pdf")]
        assert len(walk.seen) > 40, sorted(walk.seen)
        assert pdfs, "reports are among them"
        _mails(walk, tenant, world)
        told = {f"mail {sent.subject}": str(sent.message()) for sent in mail.outbox}
        assert len(told) >= 3, sorted(told)
        theirs = traces(other, neighbour)
        for address, words in (walk.seen | told).items():
            small = re.sub(rf"{neighbour.id}|{other.id}", "", words.casefold()) if (
                str(neighbour.id) in address or str(other.id) in address
            ) else words.casefold()  # fmt: skip
            found = [trace for trace in theirs if trace in small]
            assert not found, f"{address}: {found}"
        for address, words in walk.seen.items():
            if "<html" in words:
                assert brand.sheet_url in words, address
                assert brand.product_name in words, address
        context.close()


def _mails(walk, tenant, world):
    """Cause every mail that somebody gets by themselves, or from an administrator."""
    invitations.invite(tenant.admin, email="new@elsewhere.example", role=Role.MEMBER)
    walk.page.context.clear_cookies()
    walk.page.goto(f"{walk.base}/password/reset/")
    walk.page.fill("[name=email]", tenant.people["admin"].email)
    walk.page.locator("main form button[type=submit]").click()
    walk.page.wait_for_url("**/sent/")
    walk.sign_in(tenant.people["admin"].email, world.password)
    walk.page.wait_for_url("**/inbox/")
    for sent in mail.outbox:
        for link in re.findall(r"http://\S+/(?:invitations|password)/\S+", str(sent.body)):
            assert urlsplit(link).netloc.startswith(brand_of(tenant.account).domain)


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
