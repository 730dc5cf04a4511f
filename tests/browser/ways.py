"""Ways to go through the portal: by mouse, by finger, by keyboard alone, and without scripts."""

import re
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, Desk

FURTHEST = 60  # presses of Tab, after which nobody looks any further
# Where the target is seen from what has the focus, and whether one sees that this has it.
_LOOK = """(target) => {
  const at = document.activeElement;
  const outlined = (node, part) => {
    const look = getComputedStyle(node, part);
    const there = look.display !== "none" && (!part || look.content !== "none");
    return there && look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 1;
  };
  const shows = [at, at.parentElement, at.closest("label, [class*=box], [class*=drop]")]
    .some((node) => node && [null, "::before", "::after"].some((part) => outlined(node, part)));
  const behind = at.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING;
  return {
    there: at === target,
    nowhere: at === document.body || at.id === "main",
    skippable: Boolean(target.closest("main")),
    key: behind && !at.contains(target) ? "Shift+Tab" : "Tab",
    hidden: at === document.body || at.id === "main" || shows ? "" : at.outerHTML.slice(0, 200),
  };
}"""


class Mouse:
    """Clicks, on a wide screen."""

    window: ClassVar[dict[str, Any]] = {"size": DESK}
    scripts = True
    stops = 0  # how many there were on the last way by keyboard

    def __init__(self, desk: Desk) -> None:
        self.desk, self.page = desk, desk.page

    def open(self, path: str) -> Page:
        """Come to a page of the account."""
        return self.desk.open(path)

    def press(self, what: Locator) -> None:
        """Use a link, a button, a box to tick or what opens something."""
        what.click()

    def write(self, field: Locator, text: str) -> None:
        """Type into a field."""
        field.fill(text)

    def choose(self, field: Locator, *files: Any) -> None:
        """Choose files, in the browser's own window for that."""
        with self.page.expect_file_chooser() as asked:
            self.press(field)
        asked.value.set_files(list(files))

    def select(self, field: Locator, option: re.Pattern[str] | str) -> None:
        """Choose one of a list."""
        label = field.locator("option").filter(has_text=option).first.inner_text()
        field.select_option(label=label.strip())

    def open_row(self, row: Locator) -> None:
        """Open the first fax of a list."""
        self.press(row)

    def told_later(self) -> None:
        """Come to know what has happened meanwhile."""


class Finger(Mouse):
    """Taps, on a phone."""

    window: ClassVar[dict[str, Any]] = {"size": PHONE, "touch": True}

    def press(self, what: Locator) -> None:
        what.tap()


class Keyboard(Mouse):
    """Tab, Enter, Space and the portal's own keys; each stop on the way must show itself."""

    window: ClassVar[dict[str, Any]] = {"size": DESK}

    def press(self, what: Locator) -> None:
        self.reach(what)
        ticked = what.evaluate("node => ['checkbox', 'radio', 'file'].includes(node.type)")
        self.page.keyboard.press("Space" if ticked else "Enter")

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.type(text)

    def select(self, field: Locator, option: re.Pattern[str] | str) -> None:
        label = field.locator("option").filter(has_text=option).first.inner_text()
        self.reach(field)
        self.page.keyboard.type(label.strip())
        assert field.locator("option:checked").inner_text() == label

    def open_row(self, row: Locator) -> None:
        self.page.locator("[data-pick-all]:enabled").wait_for()  # the keys are heard
        self.page.keyboard.press("j")
        seen = row.evaluate(_LOOK)
        assert seen["there"]
        assert not seen["hidden"]
        self.page.keyboard.press("Enter")

    def reach(self, what: Locator) -> None:
        """Press Tab until this has the focus; past what every page begins with, if it can be."""
        what.wait_for()
        for self.stops in range(FURTHEST):
            seen = what.evaluate(_LOOK)
            assert not seen["hidden"], f"nobody sees the focus on {seen['hidden']}"
            if seen["there"]:
                return
            self.page.keyboard.press(seen["key"])
            if not self.stops and seen["nowhere"] and seen["skippable"]:
                self.page.keyboard.press("Enter")  # "Skip to content"
        raise AssertionError(f"Tab does not lead to {what}")


class Enlarged(Keyboard):
    """The keyboard, with everything so large that as little fits as on a phone."""

    window: ClassVar[dict[str, Any]] = {"size": PHONE}


class Plain(Finger):
    """Taps, on a phone, and no script runs."""

    window: ClassVar[dict[str, Any]] = {**Finger.window, "scripts": False}
    scripts = False

    def told_later(self) -> None:
        self.page.reload()


def shown(way: Mouse, pages: int) -> None:
    """The documents of a new fax are fax pages; without scripts, one asks for that."""
    if not way.scripts:
        way.press(way.page.get_by_role("button", name="Preview the pages"))
    expect(way.page.locator(".strip img")).to_have_count(pages)


def going(*ways: type[Mouse]) -> pytest.MarkDecorator:
    """A test is gone through each of these ways."""
    each = [
        pytest.param(way, id=way.__name__.lower(), marks=[pytest.mark.long][: way is Enlarged])
        for way in ways
    ]
    return pytest.mark.parametrize("go", each, indirect=True)


EACH_WAY = going(Mouse, Finger, Keyboard, Plain)
AND_ENLARGED = going(Mouse, Finger, Keyboard, Enlarged, Plain)
