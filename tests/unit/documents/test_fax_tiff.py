"""Fax TIFF is written in the canonical form and read in any."""

import contextlib
import subprocess
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from faxes.documents import ifd
from faxes.documents.ifd import Tag
from faxes.documents.resolution import halved, lower_resolution
from faxes.documents.tiff import (
    ROW_BYTES,
    Coding,
    FaxTiffWriter,
    directories_of,
    page_bits,
    read_fax_tiff,
)
from faxes.enums import ErrorCode, Quality
from faxes.errors import DocumentError
from tests.unit.documents.document_makers import fax_tiff, page_of_text, tiffcp

PAGE = page_of_text(500)


def flags(path, page=1):
    return np.unpackbits(page_bits(path, page), axis=1).astype(bool)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    arrays.arrays(
        np.uint8,
        st.tuples(st.integers(1, 12), st.just(ROW_BYTES)),
        elements=st.sampled_from([0, 0, 0, 255, 1, 128, 0x5A]),
    )
)
def test_what_is_written_is_read_again(tmp_path, bits):
    path = tmp_path / "page.tif"
    with FaxTiffWriter(path) as writer:
        writer.add(bits, Quality.FINE)

    assert (page_bits(path, 1, strict=True) == bits).all()


@pytest.mark.parametrize(
    ("quality", "dpi"), [(Quality.STANDARD, 98), (Quality.FINE, 196), (Quality.SUPERFINE, 391)]
)
def test_the_canonical_form(tmp_path, quality, dpi):
    path = fax_tiff(tmp_path / "page.tif", PAGE, quality=quality)
    (directory,) = directories_of(path)

    assert {Tag(tag).name: values for tag, values in directory.tags.items()} == {
        "WIDTH": (1728,),
        "LENGTH": (500,),
        "BITS": (1,),
        "COMPRESSION": (4,),
        "PHOTOMETRIC": (0,),
        "FILL_ORDER": (1,),
        "STRIP_OFFSETS": directory.tags[Tag.STRIP_OFFSETS],
        "SAMPLES": (1,),
        "ROWS_PER_STRIP": (500,),
        "STRIP_BYTES": directory.tags[Tag.STRIP_BYTES],
        "X_RESOLUTION": (204.0,),
        "Y_RESOLUTION": (float(dpi),),
        "PLANES": (1,),
        "RESOLUTION_UNIT": (2,),
    }
    assert len(directory.integers(Tag.STRIP_OFFSETS)) == 1


def test_nothing_tells_of_the_host_or_the_time(tmp_path):
    path = fax_tiff(tmp_path / "page.tif", PAGE)
    said = subprocess.run(["tiffinfo", path], check=True, capture_output=True, text=True).stdout

    assert "DateTime" not in said
    assert "Host" not in said
    assert "Software" not in said


def test_the_same_page_makes_the_same_bytes(tmp_path):
    one, two = (fax_tiff(tmp_path / name, PAGE, PAGE) for name in ("one.tif", "two.tif"))

    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    ("options", "coding"),
    [
        (("-c", "g3:1d"), Coding.T4_1D),
        (("-c", "g3:1d:fill"), Coding.T4_1D),
        (("-c", "g3:2d"), Coding.T4_2D),
        (("-c", "g4"), Coding.T6),
        (("-c", "g4", "-r", "64"), Coding.T6),
        (("-c", "g3:2d", "-r", "33"), Coding.T4_2D),
        (("-c", "g4", "-f", "lsb2msb"), Coding.T6),
        (("-c", "g4", "-B"), Coding.T6),
        (("-c", "lzw"), Coding.OTHER),
        (("-c", "none", "-r", "10"), Coding.OTHER),
    ],
)
def test_every_form_of_fax_tiff_is_read(tmp_path, options, coding):
    path = tiffcp(fax_tiff(tmp_path / "in.tif", PAGE, ~PAGE), tmp_path / "out.tif", *options)

    pages = read_fax_tiff(path)

    assert [(page.number, page.width, page.rows) for page in pages] == [
        (1, 1728, 500),
        (2, 1728, 500),
    ]
    assert [(page.x_dpi, page.y_dpi, page.compression) for page in pages] == [
        (204, 196, coding)
    ] * 2
    assert (flags(path, 1) == PAGE).all()
    assert (flags(path, 2) == ~PAGE).all()


def test_resolutions_in_centimetres_are_told_an_inch(tmp_path):
    path = fax_tiff(tmp_path / "page.tif", PAGE)
    subprocess.run(["tiffset", "-s", "296", "3", str(path)], check=True)
    subprocess.run(["tiffset", "-s", "282", "80.31", str(path)], check=True)
    subprocess.run(["tiffset", "-s", "283", "77", str(path)], check=True)
    (page,) = read_fax_tiff(path)

    assert page.x_dpi == pytest.approx(204, abs=0.1)
    assert page.quality is Quality.FINE


def test_pages_are_numbered_from_one(tmp_path):
    path = fax_tiff(tmp_path / "page.tif", PAGE)

    for number in (0, 2):
        with pytest.raises(IndexError):
            page_bits(path, number)


def test_damaged_rows_of_t4_do_not_spoil_the_rest(tmp_path):
    path = tiffcp(fax_tiff(tmp_path / "in.tif", PAGE), tmp_path / "out.tif", "-c", "g3:1d")
    (directory,) = directories_of(path)
    data = bytearray(path.read_bytes())
    start = directory.integers(Tag.STRIP_OFFSETS)[0]
    middle = start + directory.integers(Tag.STRIP_BYTES)[0] // 2
    data[middle : middle + 6] = b"\xa5\x5a\xff\x00\x13\x37"
    path.write_bytes(data)

    read = flags(path)
    assert (read[:200] == PAGE[:200]).all()
    shifts = [(read[300:490] == PAGE[300 + shift : 490 + shift]).all() for shift in range(-3, 4)]
    assert any(shifts)  # a damaged row may be lost, or be two


def test_a_page_cut_short_keeps_the_rows_that_came_unless_all_are_wanted(tmp_path):
    path = fax_tiff(tmp_path / "page.tif", PAGE)
    (directory,) = directories_of(path)
    data = bytearray(path.read_bytes())
    start, size = (directory.integers(tag)[0] for tag in (Tag.STRIP_OFFSETS, Tag.STRIP_BYTES))
    data[start + size // 2 : start + size] = bytes(size - size // 2)
    path.write_bytes(data)

    same = (flags(path) == PAGE).all(axis=1)
    assert same[:150].all()
    with pytest.raises(DocumentError) as caught:
        page_bits(path, 1, strict=True)
    assert caught.value.code is ErrorCode.DOCUMENT_UNREADABLE


@pytest.mark.parametrize(
    "content", [b"", b"II*\0", b"II*\0\x08\0\0\0", b"GIF89a", b"MM\0*\0\0\0\x99"]
)
def test_what_is_no_tiff_is_refused(tmp_path, content):
    path = tmp_path / "page.tif"
    path.write_bytes(content)

    with pytest.raises(DocumentError) as caught:
        read_fax_tiff(path)

    assert caught.value.code is ErrorCode.DOCUMENT_UNREADABLE


def test_a_tiff_without_pages_is_refused(tmp_path):
    path = tmp_path / "page.tif"
    path.write_bytes(b"II*\0\0\0\0\0")

    with pytest.raises(DocumentError) as caught:
        read_fax_tiff(path)

    assert caught.value.code is ErrorCode.DOCUMENT_NO_PAGES


@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_read_or_refused(data):
    for head in (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        with contextlib.suppress(ifd.BadTiff):
            ifd.directories(head + data)


def test_directories_in_a_circle_end(tmp_path):
    path = fax_tiff(tmp_path / "page.tif", PAGE)
    data = bytearray(path.read_bytes())
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    data[first + 2 + 12 * count :][:4] = b""
    at = first + 2 + 12 * count
    data[at : at + 4] = first.to_bytes(4, "little")
    path.write_bytes(data)

    assert len(read_fax_tiff(path)) == 1


def test_directories_that_overlap_are_not_read_for_ever():
    """Each begins four bytes after the one before and claims all entries there can be."""
    count, step = 65535, 4
    data = bytearray(b"II*\0\x08\0\0\0" + b"\xff" * (2 + 12 * count + 40_000))
    for start in range(8, 36_008, step):
        link = start + 2 + 12 * count
        data[link : link + 4] = (start + step).to_bytes(4, "little")

    begun = time.process_time()
    with contextlib.suppress(ifd.BadTiff):
        ifd.directories(bytes(data))

    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("have", "want", "rows"),
    [
        (Quality.FINE, Quality.STANDARD, 250),
        (Quality.SUPERFINE, Quality.STANDARD, 125),
        (Quality.SUPERFINE, Quality.FINE, 250),
        (Quality.FINE, Quality.FINE, 500),
        (Quality.STANDARD, Quality.FINE, 500),
    ],
)
def test_pages_get_no_more_lines_an_inch_than_asked(tmp_path, have, want, rows):
    source = fax_tiff(tmp_path / "in.tif", PAGE, PAGE, quality=have)
    out = tmp_path / "out.tif"

    lower_resolution(source, out, want)

    pages = read_fax_tiff(out)
    assert [page.rows for page in pages] == [rows, rows]
    assert {page.quality for page in pages} == {min(have, want, key=list(Quality).index)}


def packed(*rows):
    return np.packbits(np.array([[int(bit) for bit in row] for row in rows], np.uint8), axis=1)


@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(2, 40), st.just(4)), elements=st.integers(0, 255))
)
def test_halving_loses_no_stroke(bits):
    """Wherever there is black, there is black in its own pair of rows or the one below."""
    if len(bits) % 2:
        bits = np.vstack([bits, np.zeros_like(bits[:1])])
    half = halved(bits)
    around = half | np.vstack([half[1:], half[-1:]]) | np.vstack([half[:1] * 0, half[:-1]])

    assert not ((bits[::2] | bits[1::2]) & ~around).any()


def test_halving_keeps_thin_strokes_and_thin_gaps():
    stroke = halved(packed("00000000", "11111111", "00000000", "00000000"))
    gap = halved(packed("11111111", "11111111", "11111111", "00000000", "11111111", "11111111"))

    assert stroke.any()
    assert gap[:, 0].tolist() == [255, 0, 255]
