"""Pictures of fax pages for browsers: right proportions, right greys, few bytes."""

import io

import numpy as np
import pytest
from PIL import Image

from faxes.documents.thumbs import page_png
from faxes.enums import Quality
from tests.unit.documents.document_makers import fax_tiff, page_of_text


def picture(png):
    image = Image.open(io.BytesIO(png))
    return np.asarray(image.convert("L"))


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("width", [120, 800, 1728])
def test_pixels_are_square(tmp_path, quality, width):
    rows = {Quality.STANDARD: 1139, Quality.FINE: 2279, Quality.SUPERFINE: 4558}[quality]
    tiff = fax_tiff(tmp_path / "fax.tif", page_of_text(rows), quality=quality)

    shades = picture(page_png(tiff, 1, width=width))

    assert shades.shape[1] == width
    assert shades.shape[0] / width == pytest.approx((2279 / 196) / (1728 / 204), rel=0.01)


def test_a_pixel_is_the_mean_of_what_it_covers(tmp_path):
    page = np.zeros((196, 1728), bool)
    page[:, ::2] = True
    page[:, :864] = False
    page[98:, :864] = True
    shades = picture(page_png(fax_tiff(tmp_path / "fax.tif", page), 1, width=216))

    assert (shades[:11, :107] == 255).all()
    assert (shades[14:, :107] == 0).all()
    assert np.abs(shades[:, 110:].astype(int) - 127).max() <= 17


def test_pages_are_numbered_from_one(tmp_path):
    blank = np.zeros((100, 1728), bool)
    tiff = fax_tiff(tmp_path / "fax.tif", blank, ~blank)

    assert (picture(page_png(tiff, 1, width=100)) == 255).all()
    assert (picture(page_png(tiff, 2, width=100)) == 0).all()
    with pytest.raises(IndexError):
        page_png(tiff, 3, width=100)


@pytest.mark.parametrize(("width", "most"), [(120, 6_000), (800, 90_000)])
def test_few_bytes(tmp_path, width, most):
    tiff = fax_tiff(tmp_path / "fax.tif", page_of_text())

    assert len(page_png(tiff, 1, width=width)) < most
