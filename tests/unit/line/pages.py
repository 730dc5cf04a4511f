"""Fax pages to send, and the pixels of pages that arrived, both without the line's own code."""

import random
import struct
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageSequence

from faxes.enums import Quality

WIDTH = 1728
LINES_AN_INCH = {Quality.STANDARD: 98, Quality.FINE: 196, Quality.SUPERFINE: 391}
A4_ROWS = {Quality.STANDARD: 1143, Quality.FINE: 2286, Quality.SUPERFINE: 4572}
HEADER_ROWS = {Quality.STANDARD: 16, Quality.FINE: 32, Quality.SUPERFINE: 64}
PHOTOMETRIC, SHORT = 262, 3


def letter(
    seed: int, quality: Quality = Quality.FINE, *, share_of_page: float = 1.0
) -> Image.Image:
    """A page of words; ink is 1, as MINISWHITE has it."""
    rows = int(A4_ROWS[quality] * share_of_page)
    image = Image.new("1", (WIDTH, rows), 0)
    draw, words = ImageDraw.Draw(image), random.Random(seed)
    font = ImageFont.load_default(max(LINES_AN_INCH[quality] // 7, 14))
    step = LINES_AN_INCH[quality] // 5
    for top in range(step, rows - step, step):
        draw.text((120, top), _line(words), font=font, fill=1)
    # Single dots and hairlines are what coding errors spoil first.
    for _ in range(200):
        image.putpixel((words.randrange(WIDTH), words.randrange(rows)), 1)
    draw.line((0, rows - 1, WIDTH, 0), fill=1)
    return image


def _line(words: random.Random) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    lengths = [words.randint(2, 9) for _ in range(9)]
    return " ".join("".join(words.choices(letters, k=length)) for length in lengths)


def blank(quality: Quality = Quality.FINE) -> Image.Image:
    """A page without any ink."""
    return Image.new("1", (WIDTH, A4_ROWS[quality]), 0)


def write_tiff(
    path: Path,
    pages: list[Image.Image],
    quality: Quality = Quality.FINE,
    *,
    compression: str = "group4",
) -> Path:
    """The pages as a fax TIFF: one strip each, MINISWHITE, 204 dots an inch across."""
    first, *others = pages
    first.save(
        path,
        compression=compression,
        dpi=(204, LINES_AN_INCH[quality]),
        strip_size=1 << 30,
        save_all=True,
        append_images=others,
    )
    _say_min_is_white(path)
    return path


def _say_min_is_white(path: Path) -> None:
    """The bits are already as a fax has them, only the tag says otherwise: put it right."""
    data = bytearray(path.read_bytes())
    (at,) = struct.unpack_from("<L", data, 4)
    while at:
        (entries,) = struct.unpack_from("<H", data, at)
        for entry in range(at + 2, at + 2 + 12 * entries, 12):
            tag, kind = struct.unpack_from("<HH", data, entry)
            if tag == PHOTOMETRIC:
                assert kind == SHORT
                struct.pack_into("<H", data, entry + 8, 0)
        (at,) = struct.unpack_from("<L", data, at + 2 + 12 * entries)
    path.write_bytes(data)


def pixels(path: Path) -> list[tuple[tuple[int, int], bytes]]:
    """Size and bits of every page, as Pillow reads them."""
    with Image.open(path) as image:
        return [(page.size, page.tobytes()) for page in ImageSequence.Iterator(image)]


def below(page: tuple[tuple[int, int], bytes], rows: int) -> tuple[tuple[int, int], bytes]:
    """What is left of a page without so many rows at its top."""
    (width, height), bits = page
    return (width, height - rows), bits[rows * width // 8 :]
