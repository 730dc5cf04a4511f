"""A real browser on a real server, signed in as one of the cast."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.roles import Role
from tests import papers
from tests.migrated import put_collected
from tests.world import Tenant, World

DESK, PHONE = (1280, 800), (390, 844)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# For what is pressed and opened, which differs; a page as it is opened shows its faults in both.
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
PATIENCE = 30_000  # milliseconds; two browsers at once on a small machine are slow
# WCAG 2.2 AA, and what axe's authors call good practice.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,  # whole sheets and films, for rules that are not among these or find none
}

# What a scheme changes, as a rule; all else is looked for in light on a phone, in dark on a desk.
COLOURS = {**RULES, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}

# A change of scheme takes some frames: each element passes it on to those within it.
_AXE = """async (rules) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  do {
    await frame();
    await frame();
  } while (document.getAnimations().some((each) => each.playState === "running"));
  return (await axe.run(rules)).violations;
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM") or _chromium(),
        "args": ["--no-sandbox", "--disable-gpu"],
    }


def _chromium() -> str:
    """The one without menus and tabs, if it is there: those cost more than the page itself."""
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert found, "there is no Chromium"
    return found


@pytest.fixture(scope="session", autouse=True)
def _database_beside_a_loop() -> Iterator[None]:
    # Playwright keeps an event loop on this thread; nothing here runs inside it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE)
        yield


@pytest.fixture(scope="session", autouse=True)
def _files_as_they_are_served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Styles and scripts are those that ``collectstatic`` has made of them."""
    collected = tmp_path_factory.mktemp("collected") / "static"
    put_collected(collected)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "STATICFILES_DIRS", [collected])
        finders.get_finder.cache_clear()  # type: ignore[attr-defined]
        yield
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]


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

    def axe(self, *schemes: Literal["light", "dark"]) -> list[str]:
        """What axe finds wrong with the page, each with its places.

        All rules are for the first of the schemes, those of colours for others; light and dark if
        none is named.
        """
        self.page.wait_for_load_state()  # who has just pressed something has half a page
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        faults = []
        for number, scheme in enumerate(schemes or SCHEMES):
            self.page.emulate_media(color_scheme=scheme)
            found = self.page.evaluate(_AXE, COLOURS if number else RULES)
            faults += [
                f"{scheme}: {each['id']}: "
                + "; ".join(str(node["target"]) for node in each["nodes"])
                for each in found
            ]
        return faults

    def faults(self) -> list[str]:
        """What axe finds on a phone in light and on a desk in dark, and whether it is too wide."""
        faults = []
        for size in (PHONE, DESK):
            self.page.set_viewport_size({"width": size[0], "height": size[1]})
            found = self.axe("light" if size == PHONE else "dark")
            faults += [f"{size}: {fault}" for fault in [*found, *self.too_wide()]]
        return faults

    def too_wide(self) -> list[str]:
        """By how much the page is wider than its window, if it is."""
        self.page.wait_for_load_state()
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return [f"{wide} px wider than the window"] if wide > 0 else []


@pytest.fixture
def desk(world: World, live_server: Any, browser: Browser) -> Iterator[Callable[..., Desk]]:
    """``desk(world.northside)``; ``size=``, ``role=``, ``scripts=`` and ``touch=`` say more."""
    desks: list[Desk] = []

    def sit(
        tenant: Tenant,
        *,
        role: Role = Role.ADMIN,
        size: tuple[int, int] = DESK,
        scripts: bool = True,
        touch: bool = False,
    ) -> Desk:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            has_touch=touch,
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


@pytest.fixture
def go(request: pytest.FixtureRequest, desk: Callable[..., Desk]) -> Callable[..., Any]:
    """``go(world.northside)`` is signed in there, and goes a way of ways.py, its parameter."""
    way = request.param
    return lambda tenant, **more: way(desk(tenant, **way.window, **more))


def file(pages: int = 1, name: str = "letter.pdf") -> dict[str, Any]:
    """A document for a file chooser."""
    return {"name": name, "mimeType": "application/pdf", "buffer": papers.pdf(pages)}
