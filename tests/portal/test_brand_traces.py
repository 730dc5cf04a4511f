"""Two tenants of two resellers walk through all they can reach, and find no trace of each other."""

import io
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pypdfium2
import pytest
from django.core import mail
from django.test import Client

from accounts.models import Account
from accounts.roles import Role
from accounts.services import colours, invitations
from accounts.services.brands import brand_of

PORTAL = "http://testserver:8000"
NOT_WALKED = ("/logout/", "/styleguide/")
SHARED = "/static/"  # the same for everybody


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


class _Leads(HTMLParser):
    """Where a page leads: its links, its pictures, and what its head names."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attrs):
        by = {"a": "href", "link": "href", "img": "src"}.get(tag, "")
        if found := dict(attrs).get(by):
            self.found.add(found)


class Walk:
    """Somebody who goes wherever links lead on one host, and keeps what was seen."""

    def __init__(self, base):
        self.base, self.client = base, Client(headers={"host": urlsplit(base).netloc})
        self.seen: dict[str, str] = {}

    def sign_in(self, email, password):
        asked = {"login": email, "password": password}
        assert self.client.post("/login/", asked).status_code == 302

    def go(self, *paths):
        """Follow all links from these pages on."""
        todo = [self.base + path for path in paths]
        while todo:
            address = todo.pop()
            if not self._is_new(address):
                continue
            answer = self.client.get(address.removeprefix(self.base))
            self.seen[address] = words_of(address, answer.getvalue())
            if "Location" in answer.headers:
                todo += self._here([urljoin(address, answer.headers["Location"])])
            elif answer.headers["Content-Type"].startswith("text/html"):
                leads = _Leads()
                leads.feed(self.seen[address])
                todo += self._here(urljoin(address, lead) for lead in leads.found)

    def _is_new(self, address):
        """Not seen, but for what stands after a question mark: another month, another filter."""
        return address.partition("?")[0] not in {each.partition("?")[0] for each in self.seen}

    def _here(self, addresses):
        found = sorted({address.partition("#")[0] for address in addresses})
        return [each for each in found if self._is_here(each)]

    def _is_here(self, address):
        here = address.startswith(self.base + "/") and not address.endswith(NOT_WALKED)
        return here and SHARED not in address


@pytest.mark.timeout(300)
@pytest.mark.parametrize("where", ["own", "portal"])
def test_a_tenant_finds_no_trace_of_another_resellers(world, settings, send, work, where):
    settings.BASE_URL = PORTAL
    for tenant in (world.northside, world.redwood):
        send(tenant, "+12025550100", subject="Results", cover="plain")
        send(tenant, "+12025550101", subject="Again")
    work.run_to_end()
    pairs = [(world.northside, world.harbor), (world.redwood, world.summit)]
    # at the host of all, the one way is like the other
    for (tenant, _), (neighbour, other) in (pairs, pairs[::-1])[: 2 if where == "own" else 1]:
        mail.outbox.clear()
        brand = brand_of(tenant.account)
        walk = Walk(f"http://{brand.domain}:8000" if where == "own" else PORTAL)
        if where == "own":
            walk.go("/login/", "/password/reset/", "/nothing/")
        walk.sign_in(tenant.people["admin"].email, world.password)
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


def _mails(walk, tenant, world):
    """Cause every mail that somebody gets by themselves, or from an administrator."""
    invitations.invite(tenant.admin, email="new@elsewhere.example", role=Role.MEMBER)
    walk.client.logout()
    walk.client.post("/password/reset/", {"email": tenant.people["admin"].email})
    walk.sign_in(tenant.people["admin"].email, world.password)
    for sent in mail.outbox:
        for link in re.findall(r"http://\S+/(?:invitations|password)/\S+", str(sent.body)):
            assert urlsplit(link).netloc.startswith(brand_of(tenant.account).domain)
