"""Documents for the tests, made by script: PDF bytes written by hand, pictures, fax TIFFs."""

import random
import subprocess
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from faxes.documents.limits import Limits
from faxes.documents.raster import Sheet
from faxes.documents.readers.base import GreyPage, Source
from faxes.documents.tiff import COLUMNS, FaxTiffWriter
from faxes.enums import Paper, Quality

A4 = (595.276, 841.89)
LETTER = (612, 792)
FINE_A4 = Sheet(Quality.FINE, Paper.A4)
_MONO = "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf"
_WORDS = ["invoice", "amount", "please", "return", "signed", "copy", "before", "friday", "number"]


def pdf_bytes(*pages, size=A4, extra="", trailer=""):
    """Write a PDF of pages with the given content streams, in Helvetica as /F1."""
    count = len(pages)
    first = 4
    kids = " ".join(f"{first + 2 * index} 0 R" for index in range(count))
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{extra}>>".encode(),
        f"<</Type/Pages/Count {count}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for index, content in enumerate(pages):
        data = content.encode()
        objects += [
            (
                f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size[0]} {size[1]}]"
                f"/Contents {first + 2 * index + 1} 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
            ).encode(),
            b"<</Length %d>>stream\n%s\nendstream" % (len(data), data),
        ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj" % number + body + b"endobj\n"
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\n".encode()
    out += b"startxref\n%d\n%%%%EOF" % xref
    return bytes(out)


def text_content(lines=40, size=11, seed=1):
    chance = random.Random(seed)
    shown = [f"({' '.join(chance.choices(_WORDS, k=11))}) Tj T*" for _ in range(lines)]
    return f"BT /F1 {size} Tf 60 780 Td {size * 1.3} TL {' '.join(shown)} ET"


def rectangle(x, y, width, height, grey=0.0):
    return f"{grey} g {x} {y} {width} {height} re f"


def encrypted_pdf():
    junk = "".join(f"{byte:02x}" for byte in range(32))
    lock = f"/Encrypt<</Filter/Standard/V 1/R 2/O<{junk}>/U<{junk}>/P -4>>"
    return pdf_bytes(text_content(), trailer=f"/ID[<{junk}><{junk}>]{lock}")


def png_header(width, height):
    """A PNG that only claims to be that large."""

    def chunk(kind, data):
        body = kind + data
        return len(data).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)

    size = width.to_bytes(4) + height.to_bytes(4)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + bytes([8, 2, 0, 0, 0]))
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def photograph(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """Something like a landscape: broad shades, and detail at every size."""
    noise = np.random.default_rng(seed)
    shades = np.zeros((height, width))
    for detail in (4, 16, 64, 256):
        rough = Image.fromarray(noise.normal(0, 1, (detail * 3 // 4, detail)).astype(np.float32))
        shades += np.asarray(rough.resize((width, height), Image.Resampling.BICUBIC)) / detail**0.5
    shades -= shades.min()
    return Image.fromarray((shades * (255 / shades.max())).astype(np.uint8))


def page_of_text(rows=2279, seed=1, columns=COLUMNS):
    """A fax page as flags, black is true."""
    chance = random.Random(seed)
    image = Image.new("L", (columns, rows), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.truetype(_MONO, 30)
    for y in range(80, rows - 80, 44):
        pen.text((100, y), " ".join(chance.choices(_WORDS, k=9))[:80], font=font, fill=0)
    pen.rectangle((100, 20, columns - 100, 60), fill=0)
    return np.asarray(image) < 128


def fax_tiff(path: Path, *pages, quality=Quality.FINE):
    """Write flags as a canonical fax TIFF."""
    with FaxTiffWriter(path) as writer:
        for page in pages:
            writer.add(np.packbits(page, axis=1), quality)
    return path


def tiffcp(source: Path, out: Path, *options):
    """Code a TIFF again by libtiff's own tool."""
    subprocess.run(["tiffcp", *options, str(source), str(out)], check=True, capture_output=True)
    return out


def source_of(path: Path, sheet=FINE_A4, limits=None):
    return Source(path, path.name, limits or Limits(), sheet)


def grey_page(grey, pictures=()):
    """A page of these greys at the top left of an A4 sheet at fine resolution."""
    whole = np.full((FINE_A4.canvas_rows, COLUMNS), 255, np.uint8)
    whole[: grey.shape[0], : grey.shape[1]] = grey
    return GreyPage(whole, pictures)
