"""Cover pages in a real browser: seen as one types, by everybody, with and without scripts."""

from faxes.models import CoverTemplate, Fax
from tests.browser.conftest import SIZES, file


def drawn(page, selector):
    """The address of a picture, once it has been drawn."""
    page.wait_for_function(
        "s => { const i = document.querySelector(s); "
        "return i && i.complete && i.naturalWidth > 99 }",
        arg=selector,
        timeout=30_000,
    )
    return page.locator(selector).first.get_attribute("src")


def changed(page, selector, before):
    page.wait_for_function(
        "([s, b]) => { const i = document.querySelector(s); "
        "return i && i.getAttribute('src') !== b && i.complete && i.naturalWidth > 99 }",
        arg=[selector, before],
        timeout=30_000,
    )
    return page.locator(selector).first.get_attribute("src")


@SIZES
def test_everyone_can_use_the_pages_of_covers(world, desk, size):
    one = desk(world.northside, size=size)
    page = one.open("covers/")
    drawn(page, ".cover-card img")
    assert one.axe() == []
    page.get_by_role("link", name="Change “Clinic letterhead”").click()
    drawn(page, "#cover-figure img")
    page.get_by_text("Edit the page's HTML").click()
    assert one.axe() == []
    assert one.too_wide() == []
    page.get_by_role("button", name="Delete this cover page").first.click()
    assert one.axe() == [], "with the question"
    page.keyboard.press("Escape")
    page.fill("#name", "")
    page.get_by_role("button", name="Save").click()
    page.locator("#name-error").wait_for()
    assert one.axe() == [], "with errors"
    page = one.open("compose/?cover=plain")
    drawn(page, "#cover-leaf img")
    assert one.axe() == [], "while writing a fax"
    assert one.too_wide() == []


def test_the_cover_comes_first_among_the_pages_and_follows_what_is_typed(world, desk):
    page = desk(world.northside).open("compose/")
    page.select_option("#cover", "business")
    first = drawn(page, "#cover-leaf img")
    assert page.locator("#strip-title").inner_text() == "The page as it will arrive"
    page.fill("#message", "Dear Dr. Jones")
    changed(page, "#cover-leaf img", first)
    page.set_input_files("#documents", [file(2)])
    page.locator("#strip .leaf").nth(2).wait_for()
    alts = [image.get_attribute("alt") for image in page.locator("#strip img").all()]
    assert alts == ["Page 1 of 3", "Page 2 of 3", "Page 3 of 3"]
    assert page.locator("#strip-title").inner_text() == "The 3 pages as they will arrive"
    page.select_option("#cover", "")
    page.locator("#cover-leaf").wait_for(state="detached")
    assert page.locator("#strip-title").inner_text() == "The 2 pages as they will arrive"
    page.select_option("#cover", "plain")
    drawn(page, "#cover-leaf img")
    page.fill("#to", "+12025550100")
    page.get_by_role("button", name="Send fax").click()
    page.wait_for_url("**/faxes/**")
    assert Fax.rows.get().pages == 3


def test_a_message_that_is_too_long_is_told_while_it_is_typed(world, desk):
    page = desk(world.northside).open("compose/?cover=plain")
    drawn(page, "#cover-leaf img")
    page.fill("#message", "a\n" * 400)
    page.locator("#cover-trouble").get_by_text("up to 5 pages").wait_for()
    assert page.locator("#cover-leaf").count() == 0
    page.fill("#message", "a")
    drawn(page, "#cover-leaf img")
    assert page.locator("#cover-trouble").is_hidden()
    page.route("**/compose/cover.png*", lambda route: route.abort())
    page.fill("#message", "b")
    page.locator("#cover-trouble").get_by_text("could not be drawn just now").wait_for()
    page.unroute("**/compose/cover.png*")
    page.fill("#message", "c")
    drawn(page, "#cover-leaf img")
    assert page.locator("#cover-trouble").is_hidden()


def test_a_cover_is_written_by_keyboard_and_seen_at_each_step(world, desk):
    page = desk(world.northside).open("covers/new/")
    before = drawn(page, "#cover-figure img")
    page.locator("#name").press_sequentially("Ours")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    before = changed(page, "#cover-figure img", before)
    page.keyboard.press("Tab")
    page.keyboard.type("Telefax")
    before = changed(page, "#cover-figure img", before)
    page.keyboard.press("Tab")
    page.keyboard.type("1 Main Street")
    changed(page, "#cover-figure img", before)
    page.get_by_text("Edit the page's HTML").click()
    assert "{{letterhead}}" in page.locator("#html").input_value()
    page.locator("#heading").press("Enter")
    page.wait_for_url("**/covers/")
    made = CoverTemplate.rows.get(name="Ours")
    assert (made.layout, made.heading, made.letterhead) == ("business", "Telefax", "1 Main Street")
    assert made.html == ""


def test_html_of_ones_own_is_drawn_and_its_errors_told_with_their_line(world, desk):
    page = desk(world.northside).open("covers/new/")
    before = drawn(page, "#cover-figure img")
    page.get_by_text("Edit the page's HTML").click()
    page.fill("#html", "<h1>Hello</h1>\n<p>{{price}}")
    page.locator("#cover-trouble").get_by_text("Line 2").wait_for()
    assert page.locator("#own_html").is_checked()
    page.route("**/covers/**", lambda route: route.fulfill(status=500))
    page.fill("#html", "<h1>Hello</h1>")
    page.locator("#cover-trouble").get_by_text("could not be drawn just now").wait_for()
    page.unroute("**/covers/**")
    page.fill("#html", "<h1>Hello</h1>\n<p>{{to}}")
    changed(page, "#cover-figure img", before)


def test_without_scripts_buttons_show_the_pages(world, desk):
    page = desk(world.northside, scripts=False).open("covers/new/?layout=confidential")
    page.fill("#name", "Ours")
    page.fill("#heading", "Telefax")
    page.get_by_role("button", name="Preview the page").click()
    assert page.locator("#cover-figure img").get_attribute("src").startswith("data:image/png")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/covers/")
    made = CoverTemplate.rows.get(name="Ours")
    page.goto(page.url.replace("covers/", "compose/"))
    page.fill("#to", "+12025550100")
    page.select_option("#cover", str(made.pk))
    page.set_input_files("#documents", [file(2)])
    page.get_by_role("button", name="Preview the pages").click()
    page.locator("#strip .leaf").nth(2).wait_for()
    alts = [image.get_attribute("alt") for image in page.locator("#strip img").all()]
    assert alts == ["Page 1 of 3", "Page 2 of 3", "Page 3 of 3"]
    page.get_by_role("button", name="Send fax").click()
    page.wait_for_url("**/faxes/**")
    assert Fax.rows.get().pages == 3
