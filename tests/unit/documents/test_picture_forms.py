"""Pictures in every format and depth; animations frame by frame; what is cut or absurd refused."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from faxes.documents import pipeline
from faxes.documents.detect import DocumentType, detect
from faxes.documents.limits import Limits
from faxes.documents.readers.image import PICTURES
from faxes.enums import ErrorCode
from faxes.errors import DocumentError
from tests.unit.documents.document_makers import FINE_A4, source_of
from tests.unit.documents.picture_makers import (
    FORMS,
    PICTURE,
    PNMS,
    SAMPLES,
    bmp,
    bmp_runs,
    corner_marked,
    saved,
)

FRAMES = [corner_marked(at=(0, 0)), corner_marked(at=(3, 3)), corner_marked(at=(1, 2))]
LAST_BYTES_MATTER = [
    *("bmp of 1 bits", "bmp of 24 bits", "P4", "P6", "gif", "webp", "webp, lossless", "heic"),
    *("bmp of runs of 8 bits", "progressive jpeg", "png of 48 bits"),
]


@pytest.fixture
def document(tmp_path):
    def written(data):
        path = tmp_path / "picture"
        path.write_bytes(data)
        return path

    return written


def opened(path, **limits):
    kind = detect(path, name=path.name)
    return PICTURES[kind](source_of(path, limits=Limits(**limits)))


def dark(path, page=1):
    with opened(path) as reader:
        return reader.draw(page).grey[: FINE_A4.rows].copy() < 128


def code_of(path, **limits):
    with pytest.raises(DocumentError) as caught, opened(path, **limits) as reader:
        reader.draw(1)
    return caught.value.code


def block_of(flags):
    down, across = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    return len(across), len(down), flags.mean()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_shows_the_same_picture(document, form):
    across, down, share = block_of(dark(document(FORMS[form])))

    # At 100 dots an inch, or 96 where the format does not say.
    assert 203 <= across <= 214
    assert 97 <= down <= 104
    assert share == pytest.approx(across * down / (1728 * FINE_A4.rows), rel=0.02)


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
@pytest.mark.parametrize("disposal", [0, 1, 2])
def test_each_frame_of_an_animation_is_a_page_as_it_is_seen(document, form, disposal):
    options = {"GIF": {"disposal": disposal}, "WEBP": {"lossless": True, "allow_mixed": False}}
    data = saved(FRAMES[0], form, save_all=True, append_images=FRAMES[1:], **options[form])
    path = document(data)

    with opened(path) as reader:
        assert reader.pages == 3
        for page in (1, 2, 3, 2):  # and back again
            alone = document(saved(FRAMES[page - 1], "PNG"))
            assert (reader.draw(page).grey == opened(alone).draw(1).grey).all()


def test_a_frame_that_only_adds_shows_what_was_there_before(document):
    base, patch = corner_marked().convert("P"), Image.new("P", (100, 50), 0)
    first, second = saved(base, "GIF"), saved(patch, "GIF")
    frame = bytearray(second[second.index(b"\x2c\0\0\0\0") : -1])
    frame[1:5] = struct.pack("<HH", 300, 150)
    both = dark(document(first[:-1] + bytes(frame) + b";"), 2)

    left, right = dark(document(first)), both[:, 1728 // 2 :]
    assert (both & left).sum() == left.sum()
    assert right.any()


def test_frames_are_pages_and_a_fax_has_so_many(document):
    data = saved(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:])
    with pytest.raises(DocumentError) as caught:
        pipeline.inspect(document(data), name="film.gif", limits=Limits(pages=2))

    assert caught.value.code is ErrorCode.DOCUMENT_TOO_MANY_PAGES
    assert caught.value.params == {"name": "film.gif", "pages": 3, "limit": 2}


def test_a_million_tiny_frames_are_counted_without_being_drawn(document):
    one = saved(Image.new("P", (1, 1)), "GIF")
    frame = one[one.index(b"\x2c\0\0\0\0") : -1]
    path = document(one[:-1] + frame * 1_000_000 + b";")

    with opened(path) as reader:
        assert reader.pages == 1_000_001


def test_pictures_one_after_another_are_pages(document):
    small = b"P5 2 2 255\n" + bytes(4)
    path = document(PNMS["P4"] + PNMS["P6"] + small)

    with opened(path) as reader:
        assert reader.pages == 3
    assert (dark(path, 1) == dark(path, 2)).all()
    assert dark(path, 3).sum() < 50


@pytest.mark.parametrize("form", LAST_BYTES_MATTER)
@pytest.mark.parametrize("left", [0.1, 0.5, 0.9, None], ids=str)
def test_what_is_cut_short_is_refused_when_opened(document, form, left):
    data = FORMS[form]
    path = document(data[: max(30, int(len(data) * left))] if left else data[:-1])

    with pytest.raises(DocumentError) as caught:
        opened(path)

    assert caught.value.code is ErrorCode.DOCUMENT_UNREADABLE


@pytest.mark.parametrize("form", ["P1", "P2", "P3"])
def test_numbers_that_are_missing_are_missed(document, form):
    data = FORMS[form]

    assert code_of(document(data[: len(data) // 2])) is ErrorCode.DOCUMENT_UNREADABLE


def claiming(data, found, at, claim):
    """The same bytes, but for a size that is not true."""
    changed = bytearray(data)
    start = data.index(found) + at
    changed[start : start + len(claim)] = claim
    return bytes(changed)


ABSURD = {
    "jpeg": claiming(saved(PICTURE, "JPEG"), b"\xff\xc0", 5, b"\xff\xff\xff\xff"),
    "gif": claiming(saved(PICTURE, "GIF"), b"GIF8", 6, b"\xff\xff\xff\xff"),
    "frame of a gif": claiming(saved(PICTURE, "GIF"), b"\x2c\0\0\0\0", 1, b"\xff" * 8),
    "webp": claiming(saved(PICTURE.convert("RGBA"), "WEBP", exif=b"x"), b"VP8X", 12, b"\xff" * 6),
    "bmp": claiming(bmp(8, bmp_runs(8), 1), b"BM", 18, b"\xff\xff\0\0\xff\xff\0\0"),
    "pnm": b"P4 70000 1000\n" + bytes(8750 * 1000),
    "heic": claiming((SAMPLES / "corner.heic").read_bytes(), b"ispe", 8, b"\0\0\xff\xff" * 2),
}


@pytest.mark.parametrize("form", ABSURD)
def test_an_absurd_size_is_refused_by_the_header(document, form):
    with pytest.raises(DocumentError) as caught:
        opened(document(ABSURD[form]))

    assert caught.value.code is ErrorCode.DOCUMENT_TOO_MANY_PIXELS


@pytest.mark.parametrize("form", FORMS)
def test_damage_anywhere_is_refused_or_drawn_and_nothing_else(document, form):
    chance = np.random.default_rng(7)
    data = FORMS[form][:20_000]
    for _ in range(12):
        changed = np.frombuffer(data, np.uint8).copy()
        changed[chance.integers(16, len(changed), 5)] = chance.integers(0, 256, 5)
        path = document(changed.tobytes())
        try:
            kind = detect(path, name="picture")
            if kind is not DocumentType.TEXT:
                opened(path).draw(1)
        except DocumentError as error:
            assert error.code in set(ErrorCode)  # noqa: PT017 - or it can still be seen


def test_a_text_may_begin_as_some_pictures_do(document):
    for words in (b"BMW 320, blue\n", b"P1 is urgent, P2 is not\n", b"P4 10 of them\n"):
        assert detect(document(words), name="letter") is DocumentType.TEXT


def test_a_picture_is_opened_as_what_it_is_and_nothing_else(document):
    """A photograph for print that begins as GIF does not reach the decoder of its insides."""
    data = b"GIF89a" + saved(PICTURE, "PDF")

    assert code_of(document(data)) is ErrorCode.DOCUMENT_UNREADABLE
    with pytest.raises(OSError, match="cannot identify"):
        Image.open(io.BytesIO(saved(PICTURE, "PNG")), formats=["GIF"])
