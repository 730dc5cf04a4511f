"""The page of a fax: its next try, how its pages are looked at, what is left once it goes."""

import pytest
from playwright.sync_api import expect

from faxes.models import Fax

BUSY, GOOD = "+12025550101", "+12025550100"
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 200);
})"""
TOLD_ANEW = """() => new Promise((done) => {
  document.addEventListener("portal:merged", done, { once: true });
  document.dispatchEvent(new CustomEvent("portal:ask"));
})"""
FULL = "() => document.fullscreenElement?.classList.contains('viewer') ?? false"


@pytest.fixture
def busy(world, send, work, settings):
    settings.RETRY_SCALE = 1
    fax = send(world.northside, BUSY, pages=2)
    work.run()
    return fax


@pytest.fixture
def sent(world, send, work):
    fax = send(world.northside, GOOD, pages=6)
    work.run_to_end()
    return fax


def width_of(page):
    return page.evaluate("document.querySelector('.leaf').clientWidth")


def comes_to(page, what):
    """Wait until this is so of a page, its ``leaf`` and the ``box`` of that."""
    page.wait_for_function(
        f"""() => {{
            const leaf = document.querySelector('.leaf'), box = leaf.querySelector('.leaf-sheet');
            return {what};
        }}"""
    )


def test_from_busy_to_another_number_and_at_last_to_a_receipt_by_keyboard(world, desk, work, busy):
    one = desk(world.northside)
    page = one.open(f"faxes/{busy.pk}/")
    box = page.locator("#next-try")
    expect(box).to_contain_text("Busy. Next try:")
    expect(box.locator("time")).to_have_text("in 5 min")
    page.locator("#next-try-later summary").press("Enter")
    page.get_by_label("Try it at").fill("2026-12-24T08:00")
    page.get_by_role("button", name="Put it off").press("Enter")
    expect(page.get_by_text("The next try is put off.")).to_be_visible()
    expect(box).to_contain_text("Next try:")
    page.locator("#next-try-elsewhere summary").press("Enter")
    page.get_by_label("Fax number").fill("12")
    page.get_by_label("Fax number").press("Enter")
    expect(page.locator("#next-try-to-error")).to_contain_text("not a complete fax number")
    assert one.axe() == []
    page.get_by_label("Fax number").fill("(202) 555-0100")
    page.get_by_label("Fax number").press("Enter")
    expect(page.get_by_role("heading", name="To (202) 555-0100")).to_be_visible()
    page.get_by_role("button", name="Send it now").press("Enter")
    expect(page.get_by_text("It is tried now.")).to_be_visible()
    work.run()
    expect(page.locator(".status .standing")).to_have_text("Delivered")
    page.get_by_role("button", name="Remove the pages").first.press("Enter")
    dialog = page.locator("#strip")
    expect(dialog).to_contain_text("This cannot be undone.")
    expect(page.get_by_role("button", name="Keep them")).to_be_focused()
    dialog.get_by_role("button", name="Remove the pages").press("Enter")
    expect(page.get_by_role("heading", name="The pages were removed")).to_be_visible()
    page.get_by_role("button", name="Delete this fax").first.press("Enter")
    dialog = page.locator("#delete")
    expect(dialog).to_contain_text("What stays")
    dialog.get_by_role("button", name="Delete this fax").press("Enter")
    page.wait_for_url("**/outbox/")
    link = page.get_by_role("link", name="Deletion receipt (PDF)")
    answer = page.request.get(one.base + str(link.get_attribute("href")))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert Fax.rows.get().pk == busy.pk


def test_what_is_being_typed_stays_while_the_page_keeps_itself_up_to_date(world, desk, busy):
    page = desk(world.northside).open(f"faxes/{busy.pk}/")
    page.locator("#next-try-elsewhere summary").click()
    page.get_by_label("Fax number").fill("+1202")
    page.evaluate(TOLD_ANEW)
    expect(page.get_by_label("Fax number")).to_be_focused()
    expect(page.get_by_label("Fax number")).to_have_value("+1202")


def test_pages_are_looked_at_with_the_keyboard(world, desk, sent):
    one = desk(world.northside)
    page = one.open(f"faxes/{sent.pk}/")
    place, fitted = page.locator("[data-place]"), width_of(page)
    expect(place).to_have_text("Page 1 of 6")
    page.locator(".viewer .leaves").focus()
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("Page 2 of 6")
    expect(page.locator(".thumbs [aria-current]")).to_contain_text("2")
    page.keyboard.press("End")
    expect(place).to_have_text("Page 6 of 6")
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    page.keyboard.press("PageUp")
    expect(place).to_have_text("Page 5 of 6")
    page.keyboard.press("Home")
    expect(place).to_have_text("Page 1 of 6")
    page.keyboard.press("+")
    comes_to(page, f"leaf.clientWidth > {fitted}")
    page.keyboard.press("-")
    page.keyboard.press("-")
    comes_to(page, f"leaf.clientWidth < {fitted}")
    page.keyboard.press("r")
    comes_to(page, "box.clientWidth > box.clientHeight")
    page.keyboard.press("f")
    page.wait_for_function(FULL)
    expect(page.get_by_role("button", name="Full screen")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("Page 2 of 6")
    page.keyboard.press("f")
    page.wait_for_function(f"() => !({FULL})()")
    assert one.axe() == []
    assert one.complaints == []


def test_keys_do_nothing_to_the_pages_from_elsewhere(world, desk, sent):
    page = desk(world.northside).open(f"faxes/{sent.pk}/")
    fitted, viewer = width_of(page), page.locator(".viewer")
    page.get_by_role("link", name="Outbox").first.focus()
    for key in ("+", "r", "f"):
        page.keyboard.press(key)
    assert width_of(page) == fitted
    assert viewer.get_attribute("data-turn") is None
    assert not page.evaluate(FULL)


def test_pages_are_fitted_by_buttons_and_those_far_below_are_not_fetched_yet(world, desk, sent):
    one = desk(world.northside)
    asked = []
    one.page.on("request", lambda request: asked.append(request.url))
    page = one.open(f"faxes/{sent.pk}/")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "pages/6.png" in url and "width=96" not in url]
    assert page.evaluate(SHIFTS) == 0
    page.get_by_role("button", name="100 %").click()
    comes_to(page, "leaf.clientWidth === 816")
    page.get_by_role("button", name="Fit page").click()
    comes_to(page, "box.clientHeight < 800")
    expect(page.get_by_role("button", name="Fit page")).to_have_attribute("aria-pressed", "true")
    page.locator(".thumbs a").nth(5).click()
    expect(page.locator("[data-place]")).to_have_text("Page 6 of 6")
    page.wait_for_function("() => document.querySelector('#page-6 img').naturalWidth > 0")
    assert one.too_wide() == []


def test_without_scripts_there_are_links_to_larger_pages_and_plain_forms(world, desk, work, busy):
    one = desk(world.northside, scripts=False)
    page = one.open(f"faxes/{busy.pk}/")
    expect(page.get_by_role("button", name="Full screen")).to_be_hidden()
    larger = page.locator("#page-2").get_by_role("link", name="200 % of page 2")
    answer = page.request.get(one.base + str(larger.get_attribute("href")))
    assert answer.headers["content-type"] == "image/png"
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("It is tried now.")).to_be_visible()
    work.run()
    assert Fax.rows.get().tries == 2


@pytest.mark.parametrize("path", ["busy", "sent"])
def test_it_fits_and_everyone_can_use_it(world, desk, busy, sent, path):
    one = desk(world.northside)
    one.open(f"faxes/{(busy if path == 'busy' else sent).pk}/")
    assert one.faults() == []
