"""Signing in and asking for pages, without a browser."""

from collections.abc import Callable, Mapping
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from faxes.models import Fax
from tests import papers
from tests.work import Work
from tests.world import Tenant, World


class Visitor:
    """A person of an account with a browser, as far as addresses and forms go."""

    def __init__(self, tenant: Tenant, role: Role) -> None:
        self.tenant = tenant
        self.client = Client()
        self.client.force_login(tenant.people[role.value])

    def address(self, name: str, **more: object) -> str:
        return reverse(name, kwargs={"account": self.tenant.id, **more})

    def get(self, name: str, query: str = "", *, fragment: bool = False, **more: object):
        headers = {"X-Fragment": "1"} if fragment else {}
        return self.client.get(self.address(name, **more) + query, headers=headers)

    def post(self, name: str, data: Mapping[str, object] | None = None, **more: object):
        return self.client.post(self.address(name, **more), data or {})


@pytest.fixture
def visit(world: World) -> Callable[..., Visitor]:
    """``visit(world.northside)`` is its administrator; ``role=`` says who else."""

    def sign_in(tenant: Tenant, role: Role = Role.ADMIN) -> Visitor:
        return Visitor(tenant, role)

    return sign_in


@pytest.fixture
def arrived(
    world: World,
    work: Work,
    send: Callable[..., Fax],
    once: Callable[[str, Callable[[], None]], None],
) -> Fax:
    """A fax of three pages that came to Northside Clinic from Lakeside Law."""

    def arrive() -> None:
        send(world.lakeside, world.northside.number, pages=3)
        work.run_to_end()

    once("arrived", arrive)
    return Fax.objects.for_account(world.northside.id).get()


def letter(pages: int = 1, name: str = "letter.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, papers.pdf(pages), "application/pdf")


class _Elements(HTMLParser):
    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if self.wanted in {facts.get("id"), facts.get("name")}:
            self.found.append(facts)


def element(response, id_or_name: str) -> dict[str, str]:
    """The attributes of the one element that has this id or name."""
    parser = _Elements(id_or_name)
    parser.feed(response.content.decode())
    assert parser.found, f"nothing has the id or name {id_or_name}"
    return parser.found[0]


def part(response, start: str, end: str) -> str:
    """What a page says from one mark to the next."""
    page: str = response.content.decode()
    begin = page.index(start)
    return page[begin : page.index(end, begin) + len(end)]
