"""Writing is kept whatever its ground; photographs become dots; paper becomes white."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from faxes.documents.ink import ink
from faxes.documents.readers.base import Box
from tests.unit.documents.document_makers import grey_page, page_of_text, photograph

FONT = ImageFont.truetype("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf", 28)
ROWS = 2279


def inked(grey, pictures=()):
    result = ink(grey_page(grey, pictures), ROWS, 2)
    return np.unpackbits(result.bits, axis=1).astype(bool), result.decided


def writing(colour, ground, words="The quick brown fox", size=(900, 400)):
    """Grey pixels of a panel with two lines of writing on it."""
    image = Image.new("L", size, ground)
    pen = ImageDraw.Draw(image)
    for y in range(60, size[1] - 60, 50):
        pen.text((60, y), words, font=FONT, fill=colour)
    return np.asarray(image)


PLAIN, _ = inked(writing(0, 255))


@pytest.mark.parametrize(
    ("colour", "ground"),
    [(0, 255), (102, 255), (153, 255), (187, 255), (0, 217), (0, 150), (60, 236)],
)
def test_dark_writing_comes_out_as_if_black_on_white(colour, ground):
    black, decided = inked(writing(colour, ground))

    within = (slice(8, 392), slice(8, 888))  # the panel itself may have got an outline

    assert decided == "text"
    assert (black[within] != PLAIN[within]).mean() < 0.014  # the edges of some strokes
    assert black[within].sum() == pytest.approx(PLAIN[within].sum(), rel=0.10)


@pytest.mark.parametrize(
    ("colour", "ground"), [(255, 0), (255, 50), (255, 136), (200, 40), (255, 100)]
)
def test_light_writing_stays_light_on_a_black_ground(colour, ground):
    black, decided = inked(writing(colour, ground))
    panel = black[:400, :896]

    assert decided == "text"
    assert (panel == PLAIN[:400, :896]).mean() < 0.004


def test_grounds_beside_each_other_are_each_treated_as_their_own():
    page = np.full((1200, 1728), 255, np.uint8)
    page[100:500, 100:1000] = writing(0, 217)
    page[600:1000, 100:1000] = writing(255, 60)
    black, _ = inked(page)

    assert (black[100:500, 100:1000] != PLAIN[:400, :900]).mean() < 0.01
    assert (black[600:1000, 100:1000] == PLAIN[:400, :900]).mean() < 0.01
    assert not black[:90].any()
    assert not black[1010:].any()


def test_pale_writing_beside_black_is_not_lost():
    page = np.full((400, 1728), 255, np.uint8)
    page[:, :900] = np.minimum(writing(0, 255, "Black words"), 255)
    page[:, 240:1140] = np.minimum(page[:, 240:1140], writing(170, 255, "pale words"))
    pale, _ = inked(page)
    alone, _ = inked(
        np.pad(writing(170, 255, "pale words"), ((0, 0), (240, 0)), constant_values=255)
    )

    assert (alone & ~pale).sum() < 0.02 * alone.sum()


def test_a_hairline_stays():
    page = np.full((400, 1728), 255, np.uint8)
    page[200, 100:1600] = 160
    page[100:300, 50] = 170
    black, _ = inked(page)

    assert black[200, 100:1600].all()
    assert black[100:300, 50].all()


def test_a_bare_middling_shade_becomes_dots_of_that_density():
    page = np.full((600, 1728), 255, np.uint8)
    page[200:400, 200:1000] = 150
    black, decided = inked(page)

    assert decided == "mixed"
    assert black[200:400, 200:1000].mean() == pytest.approx(1 - 150 / 255, abs=0.05)
    assert not black[:196].any()


def test_a_photograph_becomes_dots_of_the_same_density_everywhere():
    shades = np.asarray(photograph(1600, 1200))
    page = np.full((1300, 1728), 255, np.uint8)
    page[50:1250, 60:1660] = shades
    black, decided = inked(page, (Box(60, 50, 1660, 1250),))
    dots = black[50:1250, 60:1660]

    assert decided == "photo"
    density = dots.reshape(30, 40, 40, 40).mean(axis=(1, 3))
    wanted = 1 - shades.reshape(30, 40, 40, 40).mean(axis=(1, 3)) / 255
    assert np.abs(density - wanted).max() < 0.08


def test_writing_beside_a_photograph_stays_crisp():
    page = np.full((1300, 1728), 255, np.uint8)
    page[:400, :900] = writing(0, 255)
    page[600:1200, 100:900] = np.asarray(photograph(800, 600))
    black, decided = inked(page, (Box(100, 600, 900, 1200),))

    assert decided == "mixed"
    assert (black[:400] == PLAIN[:400]).all()


def test_a_scan_of_writing_is_no_photograph_and_its_paper_becomes_white():
    noise = np.random.default_rng(3)
    page = np.where(page_of_text(), 40.0, 215.0)
    page *= np.linspace(0.85, 1.0, page.shape[1])  # the lid was not shut
    page += noise.normal(0, 5, page.shape)
    scan = np.clip(page, 0, 255).astype(np.uint8)
    black, decided = inked(scan, (Box(0, 0, 1728, ROWS),))

    assert decided == "text"
    assert (black != page_of_text()).mean() < 0.002
    assert not black[:15].any()


def test_a_blank_scan_is_blank():
    noise = np.random.default_rng(3)
    scan = np.clip(noise.normal(225, 5, (ROWS, 1728)), 0, 255).astype(np.uint8)
    black, _ = inked(scan, (Box(0, 0, 1728, ROWS),))

    assert black.mean() < 0.0005


def test_an_empty_page_is_empty():
    black, decided = inked(np.full((10, 10), 255, np.uint8))

    assert decided == "text"
    assert not black.any()
    assert black.shape == (ROWS, 1728)


def test_an_area_that_becomes_white_keeps_its_outline():
    page = np.full((600, 1728), 255, np.uint8)
    page[100:400, 200:320] = 187  # a bar of a chart
    page[200:260, 220:300] = writing(0, 187)[58:118, 60:140]
    black, _ = inked(page)

    assert black[100:400, 196:204].any(axis=1).all()
    assert black[100:400, 316:324].any(axis=1).all()
    assert black[96:104, 200:320].any(axis=0).all()
    assert not black[120:180, 210:310].any()


def test_one_shade_carries_writing_of_both_sorts():
    page = np.full((1200, 1728), 255, np.uint8)
    page[100:500, 100:1000] = writing(255, 136)
    page[600:1000, 100:1000] = writing(0, 136)
    black, _ = inked(page)

    for top, wanted in ((100, ~PLAIN), (600, PLAIN)):
        for line in range(60, 340, 50):
            rows = slice(top + line, top + line + 30)
            assert (black[rows, 165:300] == wanted[line : line + 30, 65:200]).mean() > 0.95


@pytest.mark.parametrize("colour", [0, 255])
def test_writing_over_a_photograph_stands_out(colour):
    shades = np.asarray(photograph(1600, 1200, 5)) // 2 + (20 if colour else 90)
    page = np.full((1300, 1728), 255, np.uint8)
    page[50:1250, 60:1660] = shades
    written = PLAIN[:400, :896]
    page[450:850, 260:1156][written] = colour
    black, decided = inked(page, (Box(60, 50, 1660, 1250),))
    over = black[450:850, 260:1156]

    assert decided == "mixed"
    assert (over[written] == (colour == 0)).mean() > 0.95
    ground = over[60:90, 60:330][~written[60:90, 60:330]]
    assert (ground == (colour == 0)).mean() < 0.35


def test_a_picture_that_the_document_does_not_tell_of_becomes_dots():
    page = np.full((1300, 1728), 255, np.uint8)
    page[56:1248, 64:1664] = np.asarray(photograph(1600, 1192))
    black, decided = inked(page)
    shown = black[56:1248, 64:1664][96:1096, 100:1500]
    wanted = 1 - page[56:1248, 64:1664][96:1096, 100:1500] / 255

    assert decided in {"photo", "mixed"}
    difference = shown.reshape(10, 100, 14, 100).mean((1, 3)) - wanted.reshape(
        10, 100, 14, 100
    ).mean((1, 3))
    assert np.abs(difference).max() < 0.12


def test_a_photograph_without_detail_is_no_flat_ground():
    down, across = np.mgrid[:1200, :1600]
    sky = 120 + 80 * np.sin(across / 190) * np.cos(down / 140)
    page = np.full((1300, 1728), 255, np.uint8)
    page[50:1250, 60:1660] = sky.astype(np.uint8)
    black, decided = inked(page, (Box(60, 50, 1660, 1250),))
    shown = black[50:1250, 60:1660].reshape(12, 100, 16, 100).mean((1, 3))
    wanted = (1 - sky / 255).reshape(12, 100, 16, 100).mean((1, 3))

    assert decided == "photo"
    assert np.abs(shown - wanted).max() < 0.12


@pytest.mark.parametrize("shades", [(190,), (200, 190), (150, 215)])
def test_a_thin_rule_beside_black_type_stays_at_standard_resolution(shades):
    page = np.full((400, 1728), 255, np.uint8)
    page[:, :900] = writing(0, 255)
    page[[300 + row for row in range(len(shades))], 50:1600] = np.array(shades)[:, np.newaxis]
    result = ink(grey_page(page), 1139, 1)
    black = np.unpackbits(result.bits, axis=1).astype(bool)

    assert black[300 : 300 + len(shades), 56:1592].any(axis=0).all()
    assert black[290:310, 1000:1592].sum(axis=0).max() <= len(shades)
