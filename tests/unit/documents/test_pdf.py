"""PDF becomes pages of the right size, turned and placed, or says why not."""

import numpy as np
import pytest

from faxes.documents.raster import Sheet
from faxes.documents.readers.base import GreyPage
from faxes.documents.readers.pdf import PdfReader
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError
from tests.unit.documents.document_makers import (
    A4,
    LETTER,
    encrypted_pdf,
    pdf_bytes,
    rectangle,
    source_of,
    text_content,
)


@pytest.fixture
def draw(tmp_path):
    """Draw a page of PDF bytes; returns flags of what is dark."""

    def draw(content, quality=Quality.FINE, paper=Paper.A4, page=1):
        path = tmp_path / "document.pdf"
        path.write_bytes(content)
        sheet = Sheet(quality, paper)
        with PdfReader(source_of(path, sheet)) as reader:
            drawn = reader.draw(page)
            assert isinstance(drawn, GreyPage)
            return drawn.grey[: sheet.rows] < 128

    return draw


def extent(dark):
    """Left, top, right, bottom of what is dark."""
    down, across = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return across[0], down[0], across[-1] + 1, down[-1] + 1


WHOLE_A4 = rectangle(0, 0, *A4)


@pytest.mark.parametrize(
    ("quality", "paper", "rows"),
    [
        (Quality.STANDARD, Paper.A4, 1139),
        (Quality.FINE, Paper.A4, 2279),
        (Quality.SUPERFINE, Paper.A4, 4558),
        (Quality.FINE, Paper.LETTER, 2156),
        (Quality.STANDARD, Paper.LEGAL, 1372),
        (Quality.FINE, Paper.LEGAL, 2744),
    ],
)
def test_a_page_has_the_rows_of_its_paper_and_quality(draw, quality, paper, rows):
    assert draw(pdf_bytes(text_content()), quality, paper).shape == (rows, 1728)


@pytest.mark.parametrize("quality", Quality)
def test_a4_lies_in_its_own_width_on_the_middle_of_the_sheet(draw, quality):
    left, top, right, bottom = extent(draw(pdf_bytes(WHOLE_A4), quality))

    assert right - left == pytest.approx(1687, abs=1)
    assert left == pytest.approx(1728 - right, abs=1)
    assert (top, bottom) == (0, Sheet(quality, Paper.A4).rows)


def test_letter_fills_the_width_and_nothing_is_cut(draw):
    left, top, right, bottom = extent(
        draw(pdf_bytes(rectangle(0, 0, *LETTER), size=LETTER), paper=Paper.LETTER)
    )

    assert (left, top, right) == (0, 0, 1728)
    assert bottom == pytest.approx(2156 * 1728 / 1734, abs=2)


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize(
    "size", [A4, LETTER, (612, 1008), (400, 300), (2000, 3000), (595, 842 * 2)]
)
def test_a_square_stays_square(draw, size, quality, paper):
    """In inches: dots across and lines down differ."""
    side = min(size) / 3
    content = pdf_bytes(rectangle(size[0] / 3, size[1] / 3, side, side), size=size)
    sheet = Sheet(quality, paper)
    left, top, right, bottom = extent(draw(content, quality, paper))

    assert (right - left) / sheet.x_dpi == pytest.approx((bottom - top) / sheet.y_dpi, rel=0.012)


def test_what_fits_keeps_its_size(draw):
    left, top, right, bottom = extent(draw(pdf_bytes(rectangle(100, 100, 144, 72))))

    assert right - left == pytest.approx(2 * 204, abs=1)
    assert bottom - top == pytest.approx(196, abs=2)


def test_landscape_is_turned_clockwise(draw):
    """A mark at the top left of the landscape page comes to the top right."""
    wide = (A4[1], A4[0])
    left, top, right, bottom = extent(
        draw(pdf_bytes(rectangle(20, A4[0] - 60, 100, 40), size=wide))
    )

    assert left > 1400
    assert bottom < 400
    assert right - left < bottom - top


def test_a_small_landscape_page_is_not_turned(draw):
    left, top, right, bottom = extent(draw(pdf_bytes(rectangle(0, 0, 400, 200), size=(400, 200))))

    assert right - left > bottom - top


def test_a_rotated_page_is_turned_as_it_says(draw):
    content = pdf_bytes(rectangle(0, 0, 300, 20), size=A4)
    upside_down = content.replace(b"/Parent 2 0 R/MediaBox", b"/Rotate 180/Parent 2 0 R/MediaBox")
    left, top, right, bottom = extent(draw(upside_down))

    assert (top, right) == (0, pytest.approx(1728 - 20, abs=2))
    assert right - left > 5 * (bottom - top)


def test_form_fields_are_drawn_as_filled_in(draw):
    field = (
        b"<</FT/Tx/T(name)/V(Filled)/Type/Annot/Subtype/Widget/Rect[100 600 400 640]/F 4"
        b"/DA(/F1 20 Tf 0 g)>>"
    )
    empty = pdf_bytes("")
    filled = empty.replace(
        b"/Type/Catalog",
        b"/Type/Catalog/AcroForm<</Fields[%s]/DR<</Font<</F1 3 0 R>>>>/DA(/F1 20 Tf 0 g)>>" % field,
    ).replace(b"/Resources<</Font", b"/Annots[%s]/Resources<</Font" % field)

    assert not draw(empty).any()
    assert draw(filled).any()


def test_pages_are_told_apart(draw):
    content = pdf_bytes(rectangle(50, 50, 50, 50), "", rectangle(300, 700, 50, 50))

    assert draw(content, page=1)[1200:].any()
    assert not draw(content, page=2).any()
    assert draw(content, page=3)[:1200].any()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (encrypted_pdf(), ErrorCode.DOCUMENT_ENCRYPTED),
        (b"%PDF-1.7\n", ErrorCode.DOCUMENT_UNREADABLE),
        (b"%PDF-1.7\n" + bytes(range(256)) * 20, ErrorCode.DOCUMENT_UNREADABLE),
        (pdf_bytes(text_content())[:400], ErrorCode.DOCUMENT_UNREADABLE),
        (pdf_bytes(), ErrorCode.DOCUMENT_NO_PAGES),
    ],
    ids=["encrypted", "nothing more", "rubbish", "cut short", "no pages"],
)
def test_what_cannot_be_read_says_why(tmp_path, content, code):
    path = tmp_path / "letter.pdf"
    path.write_bytes(content)

    with pytest.raises(DocumentError) as caught:
        PdfReader(source_of(path))

    assert caught.value.code is code
    assert caught.value.params["name"] == "letter.pdf"


def test_pictures_are_located(tmp_path):
    image = (
        "q 200 0 0 100 100 500 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \x20\x80\x60\x40 EI Q "
        "q 100 0 0 100 400 100 cm BI /W 8 /H 1 /IM true /BPC 1 ID \x40 EI Q"
    )
    path = tmp_path / "pictures.pdf"
    path.write_bytes(pdf_bytes(image))
    with PdfReader(source_of(path)) as reader:
        drawn = reader.draw(1)
    assert isinstance(drawn, GreyPage)
    (box,) = drawn.pictures

    assert box.left == pytest.approx(20 + 100 / 72 * 204, abs=3)
    assert box.right - box.left == pytest.approx(200 / 72 * 204, abs=3)
    assert box.top == pytest.approx((A4[1] - 600) / 72 * 196, abs=12)
    assert box.bottom - box.top == pytest.approx(100 / 72 * 196, abs=4)
