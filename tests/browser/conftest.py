"""A real browser on a real server, signed in as one of the cast."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.roles import Role
from tests import papers
from tests.world import Tenant, World

DESK, PHONE = (1280, 800), (390, 844)
PATIENCE = 30_000  # milliseconds; two browsers at once on a small machine are slow
# WCAG 2.2 AA, and what axe's authors call good practice.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": ["--no-sandbox", "--disable-gpu"],
    }


@pytest.fixture(scope="session", autouse=True)
def _database_beside_a_loop() -> Iterator[None]:
    # Playwright keeps an event loop on this thread; nothing here runs inside it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE)
        yield


class Desk:
    """A browser window, signed in; complains of whatever the page writes to its console."""

    def __init__(self, context: BrowserContext, base: str, account: Any) -> None:
        self.context, self.base, self.account = context, base, account
        self.complaints: list[str] = []
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message: Any) -> None:
        # The browser logs each answer of 4xx by itself; those are asked for on purpose here.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.base}/a/{self.account}/{path}")
        return self.page

    def axe(self) -> list[str]:
        """What axe finds wrong with the page, each with its places."""
        found = Axe().run(self.page, options=RULES).response["violations"]
        return [
            f"{each['id']}: " + "; ".join(str(node["target"]) for node in each["nodes"])
            for each in found
        ]


@pytest.fixture
def desk(world: World, live_server: Any, browser: Browser) -> Iterator[Callable[..., Desk]]:
    """``desk(world.northside)``; ``size=``, ``scheme=``, ``role=`` and ``scripts=`` say more."""
    desks: list[Desk] = []

    def sit(
        tenant: Tenant,
        *,
        role: Role = Role.ADMIN,
        size: tuple[int, int] = DESK,
        scheme: str = "light",
        scripts: bool = True,
    ) -> Desk:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        one = Desk(context, live_server.url, tenant.id)
        desks.append(one)
        context.add_cookies([signed_in(tenant.people[role.value].email, live_server.url)])
        return one

    def signed_in(email: str, url: str) -> Any:
        """Sign in without the browser, which has a test of its own for that; its cookie."""
        client = Client()
        client.post("/login/", {"login": email, "password": world.password})
        name = settings.SESSION_COOKIE_NAME
        return {"name": name, "value": client.cookies[name].value, "url": url, "httpOnly": True}

    yield sit
    for one in desks:
        one.context.close()
    assert [complaint for one in desks for complaint in one.complaints] == []


def file(pages: int = 1, name: str = "letter.pdf") -> dict[str, Any]:
    """A document for a file chooser."""
    return {"name": name, "mimeType": "application/pdf", "buffer": papers.pdf(pages)}
