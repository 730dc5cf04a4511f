"""TIFF in every kind of pixel, compression, layout and chain of directories that programs write."""

import subprocess

import numpy as np
import pytest
from PIL import Image

from faxes.documents import ifd
from faxes.documents.ifd import Tag
from faxes.documents.raster import Sheet
from faxes.documents.readers.base import FaxBits
from faxes.documents.readers.tiff import TiffReader
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError
from tests.unit.documents.document_makers import (
    FINE_A4,
    fax_tiff,
    page_of_text,
    source_of,
    tiffcp,
)
from tests.unit.documents.tiff_makers import PIXELS, old_jpeg, packed, saved, tags, tiff

CODINGS = ["none", "packbits", "lzw", "lzw:2", "zip", "lzma", "zstd", "webp", "jpeg"]
FAX_CODINGS = ["none", "packbits", "lzw", "zip", "lzma", "zstd", "g3:1d", "g3:2d:fill", "g4"]
LAYOUTS = {
    "strips": ("-r", "16"),
    "tiles": ("-t", "-w", "64", "-l", "48"),
    "planes": ("-p", "separate"),
    "planes in tiles": ("-p", "separate", "-t", "-w", "64", "-l", "48"),
    "bits turned": ("-f", "lsb2msb"),
    "big-endian": ("-B",),
    "BigTIFF": ("-8",),
    "BigTIFF, big-endian": ("-8", "-B"),
}


@pytest.fixture
def document(tmp_path):
    def written(data, name="picture.tif"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return written


def drawn(path, page=1, sheet=FINE_A4):
    with TiffReader(source_of(path, sheet)) as reader:
        return reader.draw(page)


def assert_block(path, page=1):
    """The black block is where it belongs, at 100 dots an inch; all else is white."""
    flags = drawn(path, page).grey[: FINE_A4.rows] < 128
    down, across = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    assert len(across) == pytest.approx(204, abs=4)
    assert len(down) == pytest.approx(98, abs=3)
    assert across[0] == pytest.approx((1728 - 816) / 2, abs=4)
    assert down[0] == 0
    assert flags.sum() == pytest.approx(204 * 98, rel=0.06)


@pytest.mark.parametrize("pixels", PIXELS)
def test_every_kind_of_pixel(document, pixels):
    assert_block(document(PIXELS[pixels]))


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("pixels", ["8 bits, white is 0", "palette of 8 bits", "colour"])
def test_every_compression(document, tmp_path, coding, pixels):
    if pixels == "colour" or coding not in {"webp", "jpeg"}:
        strips = ("-r", "16")  # JPEG wants so many
        coded = tiffcp(document(PIXELS[pixels]), tmp_path / "coded.tif", "-c", coding, *strips)
        assert_block(coded)


@pytest.mark.parametrize("coding", FAX_CODINGS)
@pytest.mark.parametrize("pixels", ["1 bits, black is 0", "1 bits, white is 0"])
@pytest.mark.parametrize("layout", ["strips", "tiles", "bits turned", "BigTIFF"])
def test_every_compression_of_black_and_white(document, tmp_path, coding, pixels, layout):
    source = document(PIXELS[pixels])
    assert_block(tiffcp(source, tmp_path / "coded.tif", "-c", coding, *LAYOUTS[layout]))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("pixels", ["colour", "four colours"])
@pytest.mark.parametrize("coding", ["none", "lzw"])
def test_every_layout(document, tmp_path, layout, pixels, coding):
    source = document(PIXELS[pixels])
    assert_block(tiffcp(source, tmp_path / "laid.tif", "-c", coding, *LAYOUTS[layout]))


def test_the_first_kind_of_jpeg_and_of_deflate_and_bare_runs(document):
    assert_block(document(old_jpeg()))
    assert_block(document(saved("RGB", compression="tiff_deflate")))
    assert_block(document(saved("1", compression="tiff_ccitt")))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("coding", ["none", "g4", "webp"])
def test_turned_pages_with_oblong_pixels(document, tmp_path, orientation, coding):
    """Seen upright it is 200 dots an inch across and 100 down: rows as they lie differ."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    seen = Image.new("RGB", (800, 200), "white")
    seen.paste((0, 0, 0), (0, 0, 200, 50))
    stored = seen.transpose(undo[orientation]) if orientation > 1 else seen
    dpi = (200, 100) if orientation < 5 else (100, 200)
    path = document(b"")
    stored.convert("1" if coding == "g4" else "RGB").save(path, "TIFF", dpi=dpi)
    subprocess.run(["tiffset", "-s", "274", str(orientation), str(path)], check=True)

    assert_block(tiffcp(path, tmp_path / "turned.tif", "-c", coding))


@pytest.mark.parametrize(
    ("unit", "value", "inches"),
    [(2, 100, 1.0), (3, 39.37, 1.0), (1, 100, 1.0), (1, 1, 100 / 96), (2, 90_000, 100 / 96)],
    ids=["inch", "centimetre", "no unit", "a proportion", "absurd"],
)
def test_units_of_resolution(document, unit, value, inches):
    told = tags(1, t282=value, t283=value, t296=unit)
    flags = drawn(document(tiff((told, packed(1))))).grey < 128

    assert flags.any(axis=0).sum() == pytest.approx(204 * inches, abs=3)


def test_pages_of_many_sizes_each_in_its_own(document):
    pages = [(tags(1), packed(1)), (tags(1, t282=200, t283=200), packed(1))]
    path = document(tiff(*pages, (tags(8, 0), packed(8, white_is_zero=True)), order=">"))

    widths = [(drawn(path, page).grey < 128).any(axis=0).sum() for page in (1, 2, 3)]

    assert widths == [
        pytest.approx(204, abs=2),
        pytest.approx(102, abs=2),
        pytest.approx(204, abs=2),
    ]


@pytest.mark.parametrize("mark", [{254: 1}, {254: 4}, {255: 2}])
def test_smaller_copies_and_masks_are_no_pages(document, mark):
    small = (tags(1) | mark, packed(1, white_is_zero=True))
    pages = [small, (tags(1), packed(1)), small, (tags(1) | {254: 2}, packed(1))]
    path = document(tiff(*pages))

    with TiffReader(source_of(path)) as reader:
        assert reader.pages == 2
    assert_block(path, 1)
    assert_block(path, 2)


def test_directories_below_a_page_are_no_pages(document):
    data = tiff((tags(1) | {330: 8}, packed(1)))

    with TiffReader(source_of(document(data))) as reader:
        assert reader.pages == 1


def test_a_chain_that_bites_its_tail_ends_and_one_that_breaks_off_is_refused(document):
    page = (tags(1), packed(1))
    one = tiff(page)
    first = int.from_bytes(one[4:8], "little")
    with TiffReader(source_of(document(tiff(page, page, last=first)))) as reader:
        assert reader.pages == 2
    with pytest.raises(DocumentError) as caught:
        TiffReader(source_of(document(tiff(page, page, last=900_000))))
    assert caught.value.code is ErrorCode.DOCUMENT_UNREADABLE


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("coding", ["g3:1d", "g3:2d", "g3:2d:fill", "g4"])
@pytest.mark.parametrize("layout", [(), ("-r", "100"), ("-f", "lsb2msb"), ("-B",), ("-8",)])
def test_a_fax_page_goes_through_with_its_very_pixels(tmp_path, quality, coding, layout):
    sheet = Sheet(quality, Paper.A4)
    page = page_of_text(sheet.rows - 100)
    source = fax_tiff(tmp_path / "fax.tif", page, quality=quality)

    found = drawn(tiffcp(source, tmp_path / "in.tif", "-c", coding, *layout), sheet=sheet)

    assert isinstance(found, FaxBits)
    assert (np.unpackbits(found.bits, axis=1) == page).all()


@pytest.mark.parametrize("resolution", [{282: None, 283: None}, {296: 1}, {282: 200, 283: 200}])
def test_a_fax_page_is_known_whatever_it_says_of_resolution(tmp_path, document, resolution):
    page = page_of_text()
    data = fax_tiff(tmp_path / "fax.tif", page).read_bytes()
    (directory,) = ifd.directories(data)
    start, size = (directory.integer(tag, 0) for tag in (Tag.STRIP_OFFSETS, Tag.STRIP_BYTES))
    told = {256: 1728, 257: len(page), 258: 1, 259: 4, 262: 0, 277: 1, 282: 204, 283: 196, 296: 2}
    coded = data[start : start + size]

    found = drawn(document(tiff((told | resolution, coded))))

    assert isinstance(found, FaxBits)
    assert (np.unpackbits(found.bits, axis=1) == page).all()


def test_a_fax_page_that_breaks_off_within_is_not_sent(tmp_path):
    path = fax_tiff(tmp_path / "fax.tif", page_of_text())
    data = bytearray(path.read_bytes())
    data[3000:3040] = b"\xff\0" * 20
    path.write_bytes(data)

    with pytest.raises(DocumentError) as caught:
        drawn(path)

    assert caught.value.code is ErrorCode.DOCUMENT_UNREADABLE
