"""The documents that conversion is measured on, made by script and alike each time.

Text of several sizes, tables, forms, tinted and coloured ground, photographs, writing over
pictures, charts, scans, other scripts; 1 to 100 pages.
"""

import base64
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from weasyprint import HTML

from tests.real.legibility import prose
from tests.unit.documents.document_makers import photograph

_FONT = "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"
_STYLE = """<style>
@page { size: A4; margin: 18mm } body { font: 10.5pt Liberation Sans } div { break-after: page }
table { width: 100%; border-collapse: collapse } td { border: 0.5pt solid #888; padding: 3px }
section { padding: 5mm; height: 240mm } img { width: 170mm } label { color: #555; font-size: 8pt }
b { display: block; background: #e8eef7; border: 0.25pt solid #99a; padding: 2mm; margin: 1mm 0 }
u { display: block; text-decoration: none; width: 170mm; height: 230mm; background-size: cover }
</style>"""
_KANJI = "請求書本日納品予定数量金額確認電話番号会社住所担当者見積注文発送東京大阪月火水木金土"
_ARABIC = (
    "فاتورة",
    "المبلغ",
    "التسليم",
    "العنوان",
    "الهاتف",
    "الشركة",
    "التاريخ",
    "الكمية",
    "شكرا",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A document; ``words`` are those of its pages, where a machine is to read them.

    ``kind``: ``text`` is black on white and counts for speed, ``scene`` is looked at.
    """

    name: str
    path: Path
    pages: int
    kind: str = "scene"
    words: tuple[str, ...] = ()


Page = Callable[[random.Random, str], str]


def _letter(chance: random.Random, words: str) -> str:
    return f"<h2>Re: delivery of June</h2><p>{words}</p><p>{prose(chance, 110)}</p>"


def _dense(chance: random.Random, words: str) -> str:
    return f"<p>{words}</p>" + "".join(f"<p>{prose(chance, 130)}</p>" for _ in range(4))


def _invoice(chance: random.Random, words: str) -> str:
    def row() -> str:
        cells = (f"<td>{prose(chance, 1)} {chance.randint(1, 999)}.00</td>" for _ in range(5))
        return f"<tr>{''.join(cells)}</tr>"

    table = "".join(row() for _ in range(24))
    return f"<h1>Invoice</h1><p>{words}</p><table>{table}</table>"


def _form(chance: random.Random, words: str) -> str:
    fields = (f"<label>{prose(chance, 2)}</label><b>{prose(chance, 5)}</b>" for _ in range(13))
    return f"<p>{words}</p>{''.join(fields)}"


def _on(ground: str) -> Page:
    def page(chance: random.Random, words: str) -> str:
        rest = "".join(f"<p>{prose(chance, 90)}</p>" for _ in range(4))
        return f"<section style='background:{ground}'><p>{words}</p>{rest}</section>"

    return page


def _photograph(chance: random.Random, _words: str) -> str:
    return f"<img src='{_uri(photograph(1000, 1300, seed=chance.randint(1, 999)))}'>"


def _slide(chance: random.Random, words: str) -> str:
    picture = photograph(1000, 1300, seed=chance.randint(1, 999)).point(lambda shade: shade // 2)
    style = f"background-image:url({_uri(picture)});color:#fff;font-size:13pt"
    return f"<u style='{style}'><p style='padding:8mm'>{words}</p></u>"


def _chart(chance: random.Random, _words: str) -> str:
    bars = ""
    for number in range(7):
        high, shade = chance.randint(150, 400), chance.choice(["#888", "#bbb", "#1f77b4", "#ddd"])
        x = 20 + number * 85
        label = "#000" if number % 2 else "#fff"
        bars += f"<rect x='{x}' y='{450 - high}' width='65' height='{high}' fill='{shade}'/>"
        bars += f"<text x='{x + 5}' y='430' fill='{label}'>{number * 7} %</text>"
    return f"<svg width='640' height='460' font-size='16'>{bars}</svg>"


def _kanji(chance: random.Random, _words: str) -> str:
    lines = ("".join(chance.choices(_KANJI, k=34)) for _ in range(40))
    return f"<p style='font-family:Droid Sans Fallback'>{'<br>'.join(lines)}</p>"


def _arabic(chance: random.Random, _words: str) -> str:
    text = " ".join(chance.choices(_ARABIC, k=350))
    return f"<p dir=rtl style='font-family:DejaVu Sans'>{text}</p>"


# Name: what a page shows, how many there are, whether it is plain text, whether it is to be read:
# then there must be nothing on it but its words.
_PAGES: dict[str, tuple[Page, int, str, bool]] = {
    "letter, 1 page": (_letter, 1, "scene", False),
    "letter, 10 pages": (_letter, 10, "text", False),
    "letter, 100 pages": (_letter, 100, "text", False),
    "dense text": (_dense, 20, "text", False),
    "invoice": (_invoice, 20, "text", False),
    "form": (_form, 10, "scene", False),
    "tinted ground": (_on("#d9d9d9"), 10, "scene", False),
    "coloured ground": (_on("#ffef9a"), 10, "scene", False),
    "photograph": (_photograph, 10, "scene", False),
    "writing over a picture": (_slide, 3, "scene", True),
    "chart": (_chart, 3, "scene", False),
    "kanji": (_kanji, 5, "scene", False),
    "arabic": (_arabic, 5, "scene", False),
}
_WORDS = 60


def make(folder: Path) -> list[Case]:
    """Write every document as PDF into ``folder``."""
    cases = []
    for name, (page, count, kind, read) in _PAGES.items():
        chance = random.Random(name)
        words = tuple(prose(chance, _WORDS) for _ in range(count))
        body = "".join(f"<div>{page(chance, line)}</div>" for line in words)
        path = folder / f"{name.replace(' ', '-').replace(',', '')}.pdf"
        HTML(string=_STYLE + body).write_pdf(path)
        cases.append(Case(name, path, count, kind, words if read else ()))
    return [*cases, _small_type(folder), _scan(folder)]


def _small_type(folder: Path) -> Case:
    chance = random.Random("small type")
    words = tuple(prose(chance, 160) for _ in range(3))
    sizes = zip((6, 8, 10), words, strict=True)
    body = "".join(f"<div style='font-size:{size}pt'>{line}</div>" for size, line in sizes)
    path = folder / "small-type.pdf"
    HTML(string=_STYLE + body).write_pdf(path)
    return Case("6, 8 and 10 pt", path, 3, words=words)


def _scan(folder: Path) -> Case:
    """Set text at 200 dots an inch, as a scanner sees it: askew, unsharp, grey, grainy."""
    chance, noise = random.Random("scan"), np.random.default_rng(1)
    font = ImageFont.truetype(_FONT, 30)
    pages, words = [], []
    for _ in range(3):
        image = Image.new("L", (1654, 2339), 255)
        pen = ImageDraw.Draw(image)
        lines = [prose(chance, 9) for _ in range(20)]
        for number, line in enumerate(lines):
            pen.text((160, 200 + number * 60), line, font=font, fill=25)
        image = image.rotate(0.8, Image.Resampling.BICUBIC, fillcolor=255)
        image = image.filter(ImageFilter.GaussianBlur(0.8))
        seen = np.asarray(image) * np.linspace(0.78, 0.95, 1654) + noise.normal(0, 6, (2339, 1654))
        pages.append(Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8)))
        words.append(" ".join(lines))
    path = folder / "scan.pdf"
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=200.0)
    return Case("scan", path, 3, words=tuple(words))


def _uri(picture: Image.Image) -> str:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
