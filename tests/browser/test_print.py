"""What comes out of a printer: a fax with each page on a sheet, and lists with nothing cut off."""

import pypdfium2 as pdfium
import pytest

FAR = "+12025550100"
CUT_OFF = """() => [...document.querySelectorAll(".row-link, .row-title, .row-time, .standing")]
  .map((each) => [each.className, each.getBoundingClientRect()])
  .filter(([, box]) => box.width === 0 || box.left < 0 || box.right > innerWidth)
  .map(([name]) => name)"""


@pytest.fixture
def sent(world, work, send):
    fax = send(world.northside, FAR, pages=3, subject="Biopsy")
    work.run_to_end()
    return fax


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_fax_is_printed_with_each_page_on_a_sheet_black_on_white(scheme, sent, world, desk):
    page = desk(world.northside).open(f"faxes/{sent.pk}/")
    page.emulate_media(color_scheme=scheme)
    page.wait_for_load_state("networkidle")
    with pdfium.PdfDocument(page.pdf(prefer_css_page_size=True)) as printed:
        assert len(printed) == 3
        words = "".join(each.get_textpage().get_text_range() for each in printed)
        sheet = printed[1].render(scale=0.5).to_pil().convert("L")
    assert "202" in words
    assert "Fit width" not in words
    tones = sheet.histogram()
    dark, middle, white = tones[:128], tones[128:250], tones[250:]
    assert sum(dark), "there is writing"
    assert sum(white) > 10 * (sum(dark) + sum(middle)), "on white paper"


def test_a_list_is_printed_with_nothing_cut_off(sent, world, desk):
    page = desk(world.northside, size=(700, 1000)).open("outbox/")
    page.emulate_media(media="print")
    assert page.locator(".row").count() == 1
    assert page.evaluate(CUT_OFF) == []
