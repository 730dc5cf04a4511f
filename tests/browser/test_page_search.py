"""Search in the pages of faxes, with the real Tesseract: on, found, off."""

from playwright.sync_api import expect

from faxes.models import PageText, PageWord
from tests import papers


def test_a_received_fax_is_found_by_what_stands_on_its_pages(world, work, send, desk):
    at = desk(world.lakeside)
    page = at.open("sharing/")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("Search in pages is on")).to_be_visible()
    assert at.faults() == []
    letter = papers.incoming(papers.pdf(2, "Rechnung Lindenhof 4711-22 Müller"))
    send(world.northside, world.lakeside.number, documents=[letter])
    send(world.northside, world.lakeside.number)
    work.run_to_end()
    chip = page.get_by_text("Found on its pages")
    for q in ("lindenhof", "4711-22+MULLER"):
        at.open(f"inbox/?q={q}")
        expect(chip).to_have_count(1)
    assert at.faults() == []
    at.open("inbox/?q=linden")
    expect(chip).to_have_count(0)
    at.open("sharing/")
    page.get_by_role("button", name="Switch off and erase").click()
    expect(page.get_by_text("Search in pages is off")).to_be_visible()
    assert not PageText.rows.exists()
    assert not PageWord.rows.exists()
    at.open("inbox/?q=lindenhof")
    expect(chip).to_have_count(0)
