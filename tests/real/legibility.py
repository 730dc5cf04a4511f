"""How much of a page a machine can read: text on grounds, OCR by tesseract, characters right."""

import io
import os
import random
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter
from weasyprint import HTML

GROUNDS = {
    "black on white": ("#000", "#fff"),
    "40 % grey on white": ("#666", "#fff"),
    "60 % grey on white": ("#999", "#fff"),
    "black on 15 % grey": ("#000", "#d9d9d9"),
    "black on yellow": ("#000", "#ffef9a"),
    "blue on white": ("#1f4fbf", "#fff"),
    "red on white": ("#c22", "#fff"),
    "white on dark blue": ("#fff", "#14305c"),
}
SIZES = (6, 8, 10)  # points
_WORDS_A_PAGE = 160
_WORDS = (
    *("account", "address", "amount", "arrival", "balance", "before", "branch", "business"),
    *("carrier", "charge", "client", "company", "confirm", "contract", "country", "customer"),
    *("delivery", "deposit", "discount", "document", "during", "employee", "enclosed", "estimate"),
    *("factory", "figure", "forward", "freight", "general", "goods", "handle", "harbour"),
    *("import", "income", "inquiry", "invoice", "journey", "ledger", "limit", "machine"),
    *("market", "minute", "morning", "network", "notice", "number", "office", "order"),
    *("package", "payment", "period", "policy", "price", "product", "purchase", "quality"),
    *("question", "receipt", "record", "refund", "region", "request", "sample", "schedule"),
    *("service", "shipment", "simple", "station", "subject", "supply", "tariff", "telephone"),
    *("today", "transfer", "update", "urgent", "vehicle", "warehouse", "weekly", "yellow"),
)
_BLURS = (0, 2)  # pixels: how sharp a reader's eye is
_PERFECT = 0.9995


@dataclass(frozen=True, slots=True)
class Cell:
    """One page of the table: its ground, the size of its type in points, its words."""

    ground: str
    size: int
    words: str


def prose(chance: random.Random, words: int) -> str:
    """Words at random."""
    return " ".join(chance.choices(_WORDS, k=words))


def cells(grounds: Iterable[str] = GROUNDS, sizes: Iterable[int] = SIZES) -> list[Cell]:
    """All combinations, each with words of its own."""
    found = []
    for ground in grounds:
        for size in sizes:
            chance = random.Random(f"{ground} {size}")
            found.append(Cell(ground, size, prose(chance, _WORDS_A_PAGE)))
    return found


def write_pdf(path: Path, table: list[Cell], font: str = "Liberation Sans") -> Path:
    """Set each cell on a page of its own."""
    pages = []
    for cell in table:
        ink, ground = GROUNDS[cell.ground]
        style = f"color:{ink};background:{ground};font:{cell.size}pt/1.3 {font};padding:8mm"
        pages.append(f"<div style='{style}'>{cell.words}</div>")
    sheet = "<style>@page{size:A4;margin:15mm}div{break-after:page}</style>"
    HTML(string=sheet + "".join(pages)).write_pdf(path)
    return path


def shares_right(
    table: list[Cell], pages: list["npt.NDArray[np.bool_]"], dpi: tuple[float, float]
) -> list[float]:
    """Read pages (flags, black is true; ``dpi`` across and down) and compare with their words."""
    return share_of_words([cell.words for cell in table], pages, dpi)


def share_of_words(
    words: Sequence[str], pages: list["npt.NDArray[np.bool_]"], dpi: tuple[float, float]
) -> list[float]:
    """Read pages and compare each with its words."""
    with ThreadPoolExecutor(2) as readers:
        return list(readers.map(lambda page, line: _read(page, line, dpi), pages, words))


def _read(page: "npt.NDArray[np.bool_]", words: str, dpi: tuple[float, float]) -> float:
    """Read at twice the resolution across with square pixels; sharp or blurred, which is better."""
    used = np.flatnonzero(page.any(axis=1))
    page = page[: used[-1] + 40] if used.size else page[:40]
    size = (page.shape[1] * 2, round(page.shape[0] * 2 * dpi[0] / dpi[1]))
    large = Image.fromarray(~page).convert("L").resize(size, Image.Resampling.BICUBIC)
    best = 0.0
    for blur in _BLURS:
        seen = large.filter(ImageFilter.GaussianBlur(blur)) if blur else large
        text = " ".join(_ocr(seen, round(dpi[0] * 2)).split())
        best = max(best, 1 - _distance(words, text) / len(words))
        if best > _PERFECT:
            break
    return best


def _ocr(image: Image.Image, dpi: int) -> str:
    picture = io.BytesIO()
    image.save(picture, "PPM")
    command = ["tesseract", "stdin", "stdout", "--psm", "6", "--dpi", str(dpi)]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(
        command, input=picture.getvalue(), capture_output=True, check=True, env=environment
    )
    return done.stdout.decode()


def _distance(wanted: str, read: str) -> int:
    """Count the characters to change, leave out or put in (Levenshtein), a row at a time."""
    letters = np.array([ord(char) for char in read], np.int64)
    steps = np.arange(len(read) + 1)
    row = steps.copy()
    for index, char in enumerate(wanted, 1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (letters != ord(char)))
        row = np.concatenate(([index], changed))
        row = np.minimum.accumulate(row - steps) + steps
    return int(row[-1])
