"""Received faxes that are damaged still open, and look the same in the portal and every reader."""

import struct
import subprocess

import numpy as np
import pytest

from faxes.documents import ifd
from faxes.documents import tiff as fax_tiff
from faxes.documents.ifd import Tag
from faxes.documents.wrap import NotWrappable, Wrapping, any_tiff_to_pdf
from tests.unit.documents.document_makers import fax_tiff as written
from tests.unit.documents.document_makers import page_of_text, tiffcp
from tests.unit.documents.pdf_readers import READERS
from tests.unit.documents.tiff_makers import PIXELS

PAGE = page_of_text(700)
CODINGS = {"T.4 1-D": "g3:1d", "T.4 2-D": "g3:2d", "T.6": "g4"}


def entry(tag, value):
    """A tag with one number of 32 bits."""
    return struct.pack("<HHII", tag, 4, 1, int(value))


def rebuilt(path, change_strip=bytes, change_tags=dict, *, cut=None):
    """The second page's coded rows changed, and how they are described; both in a file anew."""
    data = path.read_bytes()
    pages = ifd.directories(data)
    out = bytearray(b"II*\0" + bytes(4))
    link = 4
    for number, page in enumerate(pages, 1):
        (coded,) = fax_tiff.coded_strips(data, page)
        tags = {int(tag): page.integer(Tag(tag), 0) for tag in page.tags}
        if number == 2:
            coded = change_strip(coded)
        tags |= {Tag.STRIP_OFFSETS: len(out), Tag.STRIP_BYTES: len(coded)}
        if number == 2:
            tags = change_tags(tags)
        out += coded + bytes(len(coded) % 2)
        out[link : link + 4] = len(out).to_bytes(4, "little")
        out += len(tags).to_bytes(2, "little")
        for tag, value in sorted(tags.items()):
            out += entry(tag, value)
        link = len(out)
        out += bytes(4)
    path.write_bytes(out[:cut] if cut else out)
    return path


def middle_flipped(coded):
    changed = bytearray(coded)
    for at in range(len(coded) // 2, len(coded) // 2 + 12):
        changed[at] ^= 0x5A
    return bytes(changed)


def everything_flipped(coded):
    chance = np.random.default_rng(3)
    changed = np.frombuffer(coded, np.uint8).copy()
    changed[chance.integers(0, len(changed), 60)] ^= 0xFF
    return changed.tobytes()


def ways_of(path, pdf):
    return [page.decided for page in any_tiff_to_pdf(path, pdf)]


def without(tag):
    return lambda tags: {each: value for each, value in tags.items() if each != tag}


# What happened to the second page -> how to do it, and how many of its rows are still right.
DAMAGE = {
    "flipped in the middle": ((middle_flipped,), 250),
    "flipped all over": ((everything_flipped,), 0),
    "cut within": ((lambda coded: coded[: len(coded) // 2],), 250),
    "only zeroes": ((lambda coded: bytes(len(coded)),), 0),
    "no end-of-page codes": ((lambda coded: coded[:-4],), 690),
    "byte count too small": ((bytes, lambda tags: tags | {Tag.STRIP_BYTES: 500}), 700),
    "byte count of nothing": ((bytes, lambda tags: tags | {Tag.STRIP_BYTES: 0}), 700),
    "byte count absurd": ((bytes, lambda tags: tags | {Tag.STRIP_BYTES: 4_000_000_000}), 700),
    "no byte count": ((bytes, without(Tag.STRIP_BYTES)), 700),
    "no rows a strip": ((bytes, without(Tag.ROWS_PER_STRIP)), 700),
    "more rows said than there are": ((bytes, lambda tags: tags | {Tag.LENGTH: 900}), 690),
    "uncompressed mode said": ((bytes, lambda tags: tags | {Tag.GROUP3_OPTIONS: 6}), 0),
}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_page_shows_the_same_everywhere(tmp_path, coding, damage):
    how, right = DAMAGE[damage]
    plain = written(tmp_path / "plain.tif", ~PAGE, PAGE, ~PAGE)
    path = rebuilt(tiffcp(plain, tmp_path / "fax.tif", "-c", CODINGS[coding], "-r", "700"), *how)
    pdf = tmp_path / "fax.pdf"

    ways = ways_of(path, pdf)

    ours = np.unpackbits(fax_tiff.page_bits(path, 2), axis=1).astype(bool)
    if not (damage == "uncompressed mode said" and coding != "T.6"):
        assert (ours[:right] == PAGE[:right]).all()
    assert ways[0] == ways[2] == Wrapping.WRAPPED
    for reader in READERS:
        assert (reader(pdf, 0, 1728, 700) == ~PAGE).all()
        assert (reader(pdf, 1, 1728, len(ours)) == ours).all(), reader.__name__
        assert (reader(pdf, 2, 1728, 700) == ~PAGE).all()


@pytest.mark.parametrize("coding", CODINGS)
def test_a_file_cut_short_keeps_its_pages_up_to_there(tmp_path, coding):
    plain = written(tmp_path / "plain.tif", ~PAGE, PAGE)
    whole = tiffcp(plain, tmp_path / "fax.tif", "-c", CODINGS[coding], "-r", "700")
    first = whole.stat().st_size * 2 // 3
    path = rebuilt(whole, cut=first)
    pdf = tmp_path / "fax.pdf"

    assert ways_of(path, pdf) == [Wrapping.WRAPPED]
    for reader in READERS:
        assert (reader(pdf, 0, 1728, 700) == ~PAGE).all()


def test_a_last_page_whose_rows_break_off_with_the_file_shows_those_that_came(tmp_path):
    """As programs leave it that write the directory first."""
    data = written(tmp_path / "fax.tif", PAGE).read_bytes()
    (page,) = ifd.directories(data)
    tags = {int(tag): page.integer(Tag(tag), 0) for tag in page.tags}
    (coded,) = fax_tiff.coded_strips(data, page)
    path, pdf = tmp_path / "cut.tif", tmp_path / "cut.pdf"
    told = tags | {Tag.STRIP_OFFSETS: 14 + 12 * len(tags), Tag.STRIP_BYTES: len(coded)}
    body = b"".join(entry(*each) for each in sorted(told.items())) + bytes(4)
    head = struct.pack("<4sIH", b"II*\0", 8, len(told))
    path.write_bytes(head + body + coded[: len(coded) * 2 // 3])

    assert ways_of(path, pdf) == [Wrapping.RECODED]
    for reader in READERS:
        assert (reader(pdf, 0, 1728, 700)[:350] == PAGE[:350]).all()


def test_pages_of_any_black_and_white_coding_width_and_resolution_in_one_file(tmp_path):
    paths = []
    for index, (coding, width, rows) in enumerate(
        [("g4", 1728, 700), ("g3:1d", 2048, 300), ("lzw", 1000, 301), ("none", 1729, 64)]
    ):
        page = np.resize(PAGE, (rows, width))
        tags = {256: width, 257: rows, 258: 1, 259: 1, 262: 0, 277: 1, 278: rows}
        plain = tmp_path / f"{index}.tif"
        plain.write_bytes(ifd.one_page(tags, [np.packbits(page, axis=1).tobytes()]))
        paths.append((tiffcp(plain, tmp_path / f"{index}c.tif", "-c", coding), page))
    out, pdf = tmp_path / "mixed.tif", tmp_path / "mixed.pdf"
    subprocess.run(["tiffcp", *(str(path) for path, _ in paths), str(out)], check=True)

    any_tiff_to_pdf(out, pdf)

    for reader in READERS:
        for index, (_, page) in enumerate(paths):
            assert (reader(pdf, index, page.shape[1], len(page)) == page).all(), reader.__name__


@pytest.mark.parametrize("pixels", ["8 bits, black is 0", "colour"])
def test_what_is_no_fax_page_is_not_wrapped(tmp_path, pixels):
    path = tmp_path / "picture.tif"
    path.write_bytes(PIXELS[pixels])

    with pytest.raises(NotWrappable):
        any_tiff_to_pdf(path, tmp_path / "fax.pdf")
