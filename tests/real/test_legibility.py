"""What is sent can be read: by tesseract, in small type, on difficult grounds."""

import numpy as np
import pytest

from faxes.documents import pipeline
from faxes.documents.pipeline import NamedPath
from faxes.documents.tiff import page_bits
from faxes.enums import Paper, Quality
from tests.real.legibility import cells, shares_right, write_pdf

pytestmark = pytest.mark.real

HARD = ["60 % grey on white", "black on 15 % grey", "red on white", "white on dark blue"]


@pytest.fixture
def read(tmp_path):
    def read(table, quality, y_dpi, font="Liberation Sans"):
        pdf = write_pdf(tmp_path / "grounds.pdf", table, font)
        out = tmp_path / "grounds.tif"
        pages = pipeline.render(
            [NamedPath(pdf, pdf.name)], out, quality=quality, paper=Paper.A4
        ).pages
        flags = [np.unpackbits(page_bits(out, page.number), axis=1).astype(bool) for page in pages]
        return dict(
            zip(
                [(cell.ground, cell.size) for cell in table],
                shares_right(table, flags, (204, y_dpi)),
                strict=True,
            )
        )

    return read


def test_small_type_on_difficult_grounds_is_read_at_fine_resolution(read):
    shares = read(cells(HARD, [6, 8]), Quality.FINE, 196)

    assert min(shares.values()) >= 0.97, shares
    assert np.mean(list(shares.values())) >= 0.99, shares


def test_type_of_ten_points_is_read_at_standard_resolution(read):
    shares = read(cells(["black on white", *HARD[1:]], [10]), Quality.STANDARD, 98)

    assert min(shares.values()) >= 0.95, shares


@pytest.mark.long
def test_other_fonts_do_as_well(read):
    shares = read(cells(HARD, [8]), Quality.FINE, 196, "Liberation Serif")

    assert min(shares.values()) >= 0.97, shares
