"""Every page finds its place: whole, upright in proportion, within the sheet; strips on several."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxes.documents.raster import Sheet, parts, place
from faxes.documents.readers.base import GreyPage
from faxes.documents.readers.pdf import PdfReader
from faxes.enums import Paper, Quality
from tests.unit.documents.document_makers import pdf_bytes, rectangle, source_of

SHEETS = st.builds(Sheet, st.sampled_from(Quality), st.sampled_from(Paper))
INCHES = st.floats(0.5, 60)
SIZES = {
    "a4": (8.27, 11.69),
    "letter": (8.5, 11),
    "legal": (8.5, 14),
    "a0 poster": (33.1, 46.8),
    "banner": (118, 40),
    "receipt": (80 / 25.4, 7),
    "stamp": (1, 1.2),
}


@given(INCHES, INCHES, SHEETS)
def test_a_page_lies_whole_on_its_sheet_and_in_proportion(width, height, sheet):
    at = place(width, height, sheet)
    if at.turned:
        width, height = height, width

    assert 0 <= at.x <= at.x + at.columns <= sheet.columns
    assert 0 <= at.y <= at.y + at.rows <= sheet.rows
    assert abs(at.x - (sheet.columns - at.columns - at.x)) <= 1
    scale = min(1, sheet.columns / (width * sheet.x_dpi), sheet.rows / (height * sheet.y_dpi))
    assert abs(at.columns - width * sheet.x_dpi * scale) <= 1 + 0.011 * at.columns
    assert abs(at.rows - height * sheet.y_dpi * scale) <= 1 + 0.011 * at.rows


@given(INCHES, INCHES, SHEETS)
def test_a_page_that_fits_keeps_its_size_to_the_pixel(width, height, sheet):
    at = place(width, height, sheet)

    if width * sheet.x_dpi <= sheet.columns and height * sheet.y_dpi <= sheet.rows:
        assert abs(at.columns - width * sheet.x_dpi) <= 0.51
        assert abs(at.rows - height * sheet.y_dpi) <= 0.51
        assert not at.turned


@given(INCHES, st.floats(0.5, 400), SHEETS)
def test_the_parts_of_a_strip_overlap_and_nothing_is_cut(width, height, sheet):
    found = parts(width, height, sheet)

    if len(found) == 1:
        assert found[0] == place(width, height, sheet)
        return
    shown = [(-at.y, -at.y + sheet.rows) for at in found]
    assert shown[0][0] == 0
    assert shown[-1][1] >= found[0].rows
    assert shown[-1][0] < found[0].rows
    assert all(start < end for (_, end), (start, _) in pairwise(shown))
    assert all(at.x >= 0 and at.x + at.columns <= sheet.columns for at in found)
    wide = height if found[0].turned else width
    assert found[0].columns >= min(sheet.columns, wide * sheet.x_dpi) - 1


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("paper", Paper)
def test_ordinary_pages_posters_and_short_receipts_take_one_sheet(size, paper):
    width, height = size
    assert len(parts(width, height, Sheet(Quality.FINE, paper))) == 1


@pytest.mark.parametrize("turned", [False, True])
def test_a_long_receipt_goes_on_over_several_sheets_in_its_own_size(tmp_path, turned):
    size = (58 / 25.4 * 72, 1000 / 25.4 * 72)
    marks = [rectangle(0, size[1] - 20 - at * 72, size[0], 10) for at in range(0, 38, 4)]
    if turned:
        size = size[::-1]
        marks = [rectangle(20 + at * 72, 0, 10, size[1]) for at in range(0, 38, 4)]
    path = tmp_path / "receipt.pdf"
    path.write_bytes(pdf_bytes(" ".join(marks), rectangle(0, 0, 50, 50), size=size))
    sheet = Sheet(Quality.FINE, Paper.A4)
    with PdfReader(source_of(path, sheet)) as reader:
        drawn = (reader.draw(number) for number in range(1, 9))  # each over the one before
        sheets = [page.grey[: sheet.rows] < 128 for page in drawn if isinstance(page, GreyPage)]

        assert reader.pages == 8  # four sheets a page
    starts = [(dark[1:].any(axis=1) & ~dark[:-1].any(axis=1)).sum() for dark in sheets]
    assert 10 <= sum(starts[:4]) <= 13  # a mark may stand in an overlap
    assert max(dark.any(axis=0).sum() for dark in sheets[:4]) == pytest.approx(466, abs=2)
