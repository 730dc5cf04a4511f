"""PNG, JPEG and TIFF in all their modes come out in their proportions; fax pages untouched."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from faxes.documents import pipeline
from faxes.documents.detect import DocumentType, detect
from faxes.documents.limits import Limits
from faxes.documents.raster import Sheet
from faxes.documents.readers.base import FaxBits, GreyPage
from faxes.documents.readers.image import PICTURES
from faxes.documents.readers.tiff import TiffReader
from faxes.documents.tiff import page_bits
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError
from tests.unit.documents.document_makers import (
    FINE_A4,
    fax_tiff,
    page_of_text,
    photograph,
    png_header,
    source_of,
    tiffcp,
)

OPENERS = {**PICTURES, DocumentType.TIFF: TiffReader}


def opened(path, sheet=FINE_A4, limits=None):
    return OPENERS[detect(path, name=path.name)](source_of(path, sheet, limits))


def draw(path, page=1, sheet=FINE_A4):
    with opened(path, sheet) as reader:
        return reader.draw(page)


def dark(path, page=1, sheet=FINE_A4):
    return draw(path, page, sheet).grey[: sheet.rows] < 128


def extent(flags):
    down, across = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    return across[0], down[0], across[-1] + 1, down[-1] + 1


def corner_marked(width=400, height=200):
    """White, with a black block at the top left."""
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle((0, 0, width // 4 - 1, height // 4 - 1), fill="black")
    return image


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        *[(mode, ".png") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")],
        *[(mode, ".jpg") for mode in ("L", "RGB", "CMYK")],
        *[
            (mode, ".tif")
            for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "F", "YCbCr", "LAB")
        ],
    ],
)
def test_every_mode_is_read(tmp_path, mode, suffix):
    path = tmp_path / f"picture{suffix}"
    image = corner_marked()
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)
    elif mode == "LAB":
        image = Image.merge("LAB", (image.convert("L"), *[Image.new("L", image.size, 128)] * 2))
    else:
        image = image.convert("L").convert(mode) if mode in {"LA", "F"} else image.convert(mode)
    image.save(path, dpi=(100, 100))

    left, top, right, bottom = extent(dark(path))
    assert right - left == pytest.approx(204, abs=3)
    assert bottom - top == pytest.approx(98, abs=3)


@pytest.mark.parametrize("depth", ["transparent colour", "alpha"])
def test_what_is_transparent_is_white(tmp_path, depth):
    path = tmp_path / "logo.png"
    if depth == "alpha":
        image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
        image.paste((0, 0, 0, 255), (0, 0, 100, 100))
        image.save(path)
    else:
        image = Image.new("RGB", (400, 400), (1, 2, 3))
        image.paste((0, 0, 0), (0, 0, 100, 100))
        image.save(path, transparency=(1, 2, 3))

    flags = dark(path)
    left, top, right, bottom = extent(flags)
    assert right - left == pytest.approx(100 / 96 * 204, abs=3)
    assert bottom - top == pytest.approx(100 / 96 * 196, abs=3)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_a_camera_held_any_way_gives_an_upright_picture(tmp_path, orientation, suffix):
    upright = corner_marked()
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    path = tmp_path / f"photo{suffix}"
    exif = Image.Exif()
    exif[274] = orientation
    stored.save(path, exif=exif, dpi=(100, 100))

    left, top, right, bottom = extent(dark(path))
    assert (top, left) == (0, pytest.approx((1728 - 816) / 2, abs=2))
    assert right - left == pytest.approx(204, abs=3)
    assert bottom - top == pytest.approx(98, abs=3)


@pytest.mark.parametrize(
    ("size", "dpi", "inches"),
    [
        ((850, 1100), (100, 100), (8.47, 10.96)),
        ((600, 400), (200, 100), (3.0, 4.0)),
        ((300, 300), None, (3.125, 3.125)),
        ((200, 100), (1, 1), (2.083, 1.042)),
        ((3000, 2000), (72, 72), (7.75, 11.628)),
        ((100, 4000), None, (1.042, 11.628)),  # of the first sheet
    ],
    ids=["a scan", "oblong pixels", "no resolution", "a silly one", "landscape", "a strip"],
)
@pytest.mark.parametrize("quality", Quality)
def test_a_picture_has_its_own_size_or_is_shrunk_in_proportion(
    tmp_path, size, dpi, inches, quality
):
    path = tmp_path / "scan.png"
    Image.new("L", size, 0).save(path, **({"dpi": dpi} if dpi else {}))
    sheet = Sheet(quality, Paper.A4)

    left, top, right, bottom = extent(dark(path, sheet=sheet))

    assert (right - left) / sheet.x_dpi == pytest.approx(inches[0], rel=0.02)
    assert (bottom - top) / sheet.y_dpi == pytest.approx(inches[1], rel=0.02)


def test_only_pictures_with_shades_may_be_photographs(tmp_path):
    shades, lines = tmp_path / "shades.png", tmp_path / "lines.png"
    photograph().save(shades)
    photograph().convert("1").save(lines)

    assert draw(shades).pictures
    assert not draw(lines).pictures


@pytest.mark.parametrize(
    "compression",
    ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "tiff_deflate"],
)
def test_a_tiff_of_many_pages_in_any_compression(tmp_path, compression):
    path = tmp_path / "pages.tif"
    blank = Image.new("RGB", (400, 200), "white")
    corner_marked().save(
        path, save_all=True, append_images=[blank, corner_marked()], compression=compression
    )
    with TiffReader(source_of(path)) as reader:
        assert reader.pages == 3

    inked = [bool(dark(path, page).any()) for page in (1, 2, 3)]

    assert inked == [True, False, True]


def test_a_tiled_tiff_is_read(tmp_path):
    plain, tiled = tmp_path / "plain.tif", tmp_path / "tiled.tif"
    corner_marked().save(plain)
    tiffcp(plain, tiled, "-t", "-w", "64", "-l", "64")

    assert (dark(tiled) == dark(plain)).all()


def test_a_thumbnail_within_a_tiff_is_no_page(tmp_path):
    path = tmp_path / "scan.tif"
    page, small = corner_marked(), corner_marked(40, 20)
    small.encoderinfo = {"tiffinfo": {254: 1}}
    page.save(path, save_all=True, append_images=[small])

    with TiffReader(source_of(path)) as reader:
        assert reader.pages == 1


@pytest.mark.parametrize("coding", ["g3:1d", "g3:2d:fill", "g4", "lzw", "none"])
@pytest.mark.parametrize("rows", [2279, 2310, 300])
def test_a_fax_page_passes_with_its_pixels_untouched(tmp_path, coding, rows):
    page = page_of_text(rows)
    path = tiffcp(fax_tiff(tmp_path / "fax.tif", page), tmp_path / "in.tif", "-c", coding)

    drawn = draw(path)

    assert isinstance(drawn, FaxBits)
    assert (np.unpackbits(drawn.bits, axis=1) == page).all()


def test_a_fax_page_of_fewer_lines_an_inch_has_each_row_doubled(tmp_path):
    page = page_of_text(1100)
    drawn = draw(fax_tiff(tmp_path / "fax.tif", page, quality=Quality.STANDARD))

    assert (np.unpackbits(drawn.bits, axis=1) == page.repeat(2, axis=0)).all()


def test_a_fax_page_of_more_lines_an_inch_is_halved(tmp_path):
    path = fax_tiff(tmp_path / "fax.tif", page_of_text())

    drawn = draw(path, sheet=Sheet(Quality.STANDARD, Paper.A4))

    assert drawn.bits.shape == (1140, 216)


def test_a_fax_page_as_long_as_a_roll_is_shrunk_onto_the_sheet(tmp_path):
    drawn = draw(fax_tiff(tmp_path / "fax.tif", page_of_text(6000)))

    assert isinstance(drawn, GreyPage)
    assert (drawn.grey[:2279] < 128).any()


def test_a_huge_picture_is_refused_by_its_header(tmp_path):
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(20_000, 20_000))

    with pytest.raises(DocumentError) as caught:
        opened(path)

    assert caught.value.code is ErrorCode.DOCUMENT_TOO_MANY_PIXELS
    assert caught.value.params == {"name": "huge.png", "page": 1, "megapixels": 400, "limit": 40}


def test_a_huge_page_in_a_tiff_is_refused_by_its_header(tmp_path):
    path = tmp_path / "huge.tif"
    small = Image.new("1", (100, 100), 1)
    Image.new("1", (3000, 3000), 1).save(path, save_all=True, append_images=[small])

    with pytest.raises(DocumentError) as caught:
        TiffReader(source_of(path, limits=Limits(pixels_per_page=8_000_000)))

    assert caught.value.code is ErrorCode.DOCUMENT_TOO_MANY_PIXELS
    assert caught.value.params["page"] == 1


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_picture_cut_short_is_refused_when_opened(tmp_path, suffix, share):
    path = tmp_path / f"picture{suffix}"
    photograph().save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    with pytest.raises(DocumentError) as caught:
        opened(path)

    assert caught.value.code is ErrorCode.DOCUMENT_UNREADABLE


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_rubbish_behind_a_good_header_is_refused(tmp_path, suffix):
    path = tmp_path / f"picture{suffix}"
    photograph().save(path, **({"compression": "tiff_lzw"} if suffix == ".tif" else {}))
    data = bytearray(path.read_bytes())
    for at in range(200 if suffix == ".jpg" else 60, len(data) - 3000, 7):
        data[at] ^= 0x5A
    path.write_bytes(data)

    try:
        draw(path)
    except DocumentError as error:
        assert error.code is ErrorCode.DOCUMENT_UNREADABLE  # noqa: PT017 - or it is still legible


def test_a_long_screenshot_goes_on_over_several_sheets_that_overlap(tmp_path):
    down = np.arange(9000)[:, np.newaxis]
    rows = np.where(down // 60 % 2, 255, 0).repeat(1080, axis=1).astype(np.uint8)
    rows[4500:4510] = 128
    path = tmp_path / "chat.png"
    Image.fromarray(rows).save(path)
    pages = pipeline.render(
        [pipeline.NamedPath(path, "chat.png")],
        tmp_path / "out.tiff",
        quality=Quality.FINE,
        paper=Paper.A4,
    ).pages

    assert pipeline.inspect(path, name="chat.png").pages == len(pages) > 3


@pytest.mark.parametrize("dpi", [200, 600])
def test_a_fine_scan_keeps_its_size_however_it_is_decoded(tmp_path, dpi):
    side = 6 * dpi
    sheet = Image.new("RGB", (side, side), "black")
    path = tmp_path / "scan.jpg"
    sheet.save(path, dpi=(dpi, dpi))
    pipeline.render(
        [pipeline.NamedPath(path, "scan.jpg")],
        tmp_path / "out.tiff",
        quality=Quality.FINE,
        paper=Paper.A4,
    )
    black = np.unpackbits(page_bits(tmp_path / "out.tiff", 1), axis=1)
    across = np.flatnonzero(black.any(axis=0))

    assert across[-1] - across[0] == pytest.approx(6 * 204, abs=4)
