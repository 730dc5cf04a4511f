"""Conversion against its peers: PDF to fax pages against Ghostscript, fax pages to PDF, legibility.

``python benchmarks/bench_documents.py`` makes documents, converts them with both in turns, prints
tables and writes ``var/bench/documents.json``. ``--quick`` leaves out the reading of pages by OCR.
Ghostscript is run as Kazoo and as Faxbot run it, start included: that is how they run it. Ours goes
through the sandbox: request, fork, limits and answer included.
"""

import base64
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import psutil
from weasyprint import HTML

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from faxes.documents import pipeline, wrap  # noqa: E402 (after the path)
from faxes.documents.pipeline import NamedPath  # noqa: E402
from faxes.documents.sandbox import SANDBOX  # noqa: E402
from faxes.documents.tiff import page_bits, read_fax_tiff  # noqa: E402
from faxes.enums import Paper, Quality  # noqa: E402
from tests.real.legibility import GROUNDS, SIZES, cells, shares_right, write_pdf  # noqa: E402
from tests.unit.documents.document_makers import photograph  # noqa: E402

PAGES = 20
ROUNDS = 5
GHOSTSCRIPT = ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER"]
FAXBOT = ["-sDEVICE=tiffg4", "-r204x196"]
KAZOO = ["-sDEVICE=tiffg4", "-r200x200", "-g1728x2200", "-dFIXEDMEDIA", "-dPDFFitPage"]
# What has to be reached; ratios against Ghostscript as Faxbot runs it.
GOALS = {
    "speed on text, one process": ("at least", 1.2),
    "speed on text, two processes": ("at least", 2.2),
    "bytes on white": ("at most", 1.05),
    "bytes on tinted ground": ("at most", 0.2),
    "bytes of a photograph": ("at most", 1.0),
    "first page, ms": ("at most", 150.0),
    "fax to PDF, against Ghostscript": ("at least", 20.0),
    "legible, all": ("at least", 0.99),
    "legible, worst cell": ("at least", 0.97),
}
WORDS = (
    *("the", "of", "and", "to", "in", "is", "that", "for", "it", "as", "was", "with", "be", "by"),
    *("from", "or", "had", "which", "would", "invoice", "delivery", "amount", "schedule", "please"),
)


def prose(chance: random.Random, words: int) -> str:
    return f"<p>{' '.join(chance.choices(WORDS, k=words))}</p>"


def letter(chance: random.Random) -> str:
    body = "".join(prose(chance, 70) for _ in range(4))
    return f"<h2>Re: delivery of June</h2>{prose(chance, 15)}{body}<p>Yours sincerely</p>"


def dense(chance: random.Random) -> str:
    return "".join(prose(chance, 130) for _ in range(6))


def invoice(chance: random.Random) -> str:
    def row() -> str:
        return "".join(
            f"<td>{chance.choice(WORDS)} {chance.randint(1, 999)}.00</td>" for _ in range(5)
        )

    table = "".join(f"<tr>{row()}</tr>" for _ in range(24))
    return f"<h1>Invoice</h1>{prose(chance, 30)}<table>{table}</table>{prose(chance, 60)}"


def tinted(chance: random.Random) -> str:
    return f"<section>{''.join(prose(chance, 90) for _ in range(6))}</section>"


def photo(chance: random.Random) -> str:
    out = io.BytesIO()
    photograph(1000, 1300, seed=chance.randint(1, 999)).save(out, "JPEG", quality=85)
    data = base64.b64encode(out.getvalue()).decode()
    return f"<img src='data:image/jpeg;base64,{data}'>"


KINDS: dict[str, Callable[[random.Random], str]] = {
    "letter": letter,
    "dense text": dense,
    "invoice": invoice,
    "tinted": tinted,
    "photograph": photo,
}
ON_WHITE = ("letter", "dense text", "invoice")
STYLE = """<style>
@page { size: A4; margin: 20mm } body { font: 10.5pt Liberation Sans } div { break-after: page }
table { width: 100%; border-collapse: collapse } td { border: 1px solid #888; padding: 3px }
section { background: #d9d9d9; padding: 5mm; height: 240mm } img { width: 170mm }
</style>"""


def make_documents(folder: Path) -> dict[str, Path]:
    """Write a PDF of every kind."""
    made = {}
    for name, page in KINDS.items():
        chance = random.Random(name)
        made[name] = folder / f"{name}.pdf"
        body = "".join(f"<div>{page(chance)}</div>" for _ in range(PAGES))
        HTML(string=STYLE + body).write_pdf(made[name])
    return made


def ours(pdf: Path, out: Path) -> None:
    pipeline.render([NamedPath(pdf, pdf.name)], out, quality=Quality.FINE, paper=Paper.A4)


def theirs(options: list[str], pdf: Path, out: Path) -> None:
    subprocess.run([*GHOSTSCRIPT, *options, f"-sOutputFile={out}", str(pdf)], check=True)


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def processor_seconds() -> float:
    """Return what this process, its programs and the sandbox's jobs have used so far."""
    times = [psutil.Process().cpu_times()]
    times += [child.cpu_times() for child in psutil.Process().children()]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def two_at_once(pdf: Path, out: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda n: ours(pdf, out.with_name(f"two{n}.tif")), range(2)))


def bytes_a_page(tiff: Path) -> float:
    return mean(page.bytes for page in read_fax_tiff(tiff))


def bench_speed(documents: dict[str, Path], folder: Path) -> list[dict[str, Any]]:
    """Convert each document by each, in turns; the best of the rounds counts."""
    rows = []
    mine, faxbot, kazoo = (folder / f"{name}.tif" for name in ("ours", "faxbot", "kazoo"))
    for name, pdf in documents.items():
        runs: dict[str, Callable[[], None]] = {
            "ours": lambda pdf=pdf: ours(pdf, mine),  # type: ignore[misc]
            "ours_twice": lambda pdf=pdf: two_at_once(pdf, mine),  # type: ignore[misc]
            "faxbot": lambda pdf=pdf: theirs(FAXBOT, pdf, faxbot),  # type: ignore[misc]
            "kazoo": lambda pdf=pdf: theirs(KAZOO, pdf, kazoo),  # type: ignore[misc]
        }
        best, least = dict.fromkeys(runs, float("inf")), dict.fromkeys(runs, float("inf"))
        for _ in range(ROUNDS):
            for key, run in runs.items():
                before = processor_seconds()
                best[key] = min(best[key], seconds(run))
                least[key] = min(least[key], processor_seconds() - before)
        rows.append(
            {
                "document": name,
                "pages_a_second": {
                    "ours": PAGES / best["ours"],
                    "ours_two_processes": 2 * PAGES / best["ours_twice"],
                    "ghostscript_faxbot": PAGES / best["faxbot"],
                    "ghostscript_kazoo": PAGES / best["kazoo"],
                },
                "processor_ms_a_page": {
                    "ours": least["ours"] / PAGES * 1000,
                    "ghostscript_faxbot": least["faxbot"] / PAGES * 1000,
                    "ghostscript_kazoo": least["kazoo"] / PAGES * 1000,
                },
                "bytes_a_page": {
                    "ours": bytes_a_page(mine),
                    "ghostscript_faxbot": bytes_a_page(faxbot),
                    "ghostscript_kazoo": bytes_a_page(kazoo),
                },
            }
        )
    return rows


def bench_single(folder: Path) -> dict[str, float]:
    """One page, warm: milliseconds of each step that a submit waits for."""
    pdf, out = folder / "one.pdf", folder / "one.tif"
    HTML(string=STYLE + letter(random.Random(1))).write_pdf(pdf)
    steps: dict[str, Callable[[], Any]] = {
        "inspect_ms": lambda: pipeline.inspect(pdf, name="one.pdf"),
        "render_ms": lambda: ours(pdf, out),
        "picture_ms": lambda: pipeline.png_of(out, 1, 800),
        "thumbnail_ms": lambda: pipeline.png_of(out, 1, 160),
        "pdf_ms": lambda: pipeline.pdf_of(out, folder / "again.pdf"),
        "verify_ms": lambda: pipeline.verify(out),
    }
    found = {
        name: min(seconds(step) for _ in range(ROUNDS * 2)) * 1000 for name, step in steps.items()
    }
    SANDBOX.close()
    found["cold_inspect_ms"] = seconds(steps["inspect_ms"]) * 1000
    found["first_page_ms"] = found["inspect_ms"] + found["render_ms"]
    return found


def bench_wrapping(documents: dict[str, Path], folder: Path) -> dict[str, float]:
    """Milliseconds a page from fax TIFF to PDF."""
    tiff, pdf, ps = folder / "received.tif", folder / "received.pdf", folder / "received.ps"
    ours(documents["letter"], tiff)

    def by_ghostscript() -> None:
        with ps.open("wb") as file:
            subprocess.run(["tiff2ps", "-a", "-p", str(tiff)], stdout=file, check=True)
        theirs(["-sDEVICE=pdfwrite"], ps, pdf)

    runs: dict[str, Callable[[], Any]] = {
        "ours": lambda: wrap.tiff_to_pdf(tiff, pdf),
        "ours_in_the_sandbox": lambda: pipeline.pdf_of(tiff, pdf),
        "tiff2pdf": lambda: subprocess.run(["tiff2pdf", "-o", str(pdf), str(tiff)], check=True),
        "ghostscript": by_ghostscript,
    }
    return {
        name: min(seconds(run) for _ in range(ROUNDS)) * 1000 / PAGES for name, run in runs.items()
    }


def flags(tiff: Path) -> list[np.ndarray[Any, np.dtype[np.bool_]]]:
    pages = read_fax_tiff(tiff)
    return [
        np.unpackbits(page_bits(tiff, page.number), axis=1, count=page.width).astype(bool)
        for page in pages
    ]


def bench_legibility(folder: Path) -> dict[str, dict[str, Any]]:
    """Share of characters that OCR reads right, by converter and cell."""
    table = cells()
    pdf = write_pdf(folder / "grounds.pdf", table)
    out = folder / "grounds.tif"
    makers: dict[str, tuple[Callable[[], None], tuple[float, float]]] = {
        "ours": (lambda: ours(pdf, out), (204, 196)),
        "ghostscript_faxbot": (lambda: theirs(FAXBOT, pdf, out), (204, 196)),
        "ghostscript_kazoo": (lambda: theirs(KAZOO, pdf, out), (200, 200)),
    }
    found = {}
    for name, (make, dpi) in makers.items():
        make()
        shares = shares_right(table, flags(out), dpi)
        found[name] = {
            "all": mean(shares),
            "worst": min(shares),
            "cells": {
                f"{cell.ground}, {cell.size} pt": share
                for cell, share in zip(table, shares, strict=True)
            },
        }
    return found


def reached(report: dict[str, Any]) -> dict[str, float]:
    """Bring the measurements into the terms of the goals."""
    rows = {row["document"]: row for row in report["speed"]}

    def against(name: str, what: str, key: str = "ours") -> float:
        return float(rows[name][what][key] / rows[name][what]["ghostscript_faxbot"])

    def all_pages(key: str) -> float:
        return 1 / float(mean(1 / rows[name]["pages_a_second"][key] for name in ON_WHITE))

    found = {
        "speed on text, one process": all_pages("ours") / all_pages("ghostscript_faxbot"),
        "speed on text, two processes": all_pages("ours_two_processes")
        / all_pages("ghostscript_faxbot"),
        "bytes on white": max(against(name, "bytes_a_page") for name in ON_WHITE),
        "bytes on tinted ground": against("tinted", "bytes_a_page"),
        "bytes of a photograph": against("photograph", "bytes_a_page"),
        "first page, ms": report["single"]["first_page_ms"],
        "fax to PDF, against Ghostscript": report["wrapping"]["ghostscript"]
        / report["wrapping"]["ours"],
    }
    if report["legibility"]:
        found["legible, all"] = report["legibility"]["ours"]["all"]
        found["legible, worst cell"] = report["legibility"]["ours"]["worst"]
    return found


def print_report(report: dict[str, Any]) -> None:
    """What was measured, for people."""
    three = f"{'ours':>8}{'Faxbot':>8}{'Kazoo':>8}"
    print(f"{'':<12}{'pages a second':>32}{'processor ms a page':>24}{'KB a page':>24}")
    print(f"{'document':<12}{'ours':>8}{'two':>8}{'Faxbot':>8}{'Kazoo':>8}{three}{three}")
    for row in report["speed"]:
        values = [*row["pages_a_second"].values(), *row["processor_ms_a_page"].values()]
        values += [value / 1000 for value in row["bytes_a_page"].values()]
        print(f"{row['document']:<12}" + "".join(f"{value:>8.1f}" for value in values))
    print("\none page: " + ", ".join(f"{k[:-3]} {v:.1f} ms" for k, v in report["single"].items()))
    wrapping = ", ".join(f"{name} {value:.2f}" for name, value in report["wrapping"].items())
    print(f"fax TIFF to PDF, ms a page: {wrapping}")
    for name, shares in report["legibility"].items():
        print(f"\ncharacters right, %: {name}: {shares['all']:.2%}, worst {shares['worst']:.1%}")
        for ground in GROUNDS:
            line = "".join(f"{shares['cells'][f'{ground}, {size} pt']:>9.1%}" for size in SIZES)
            print(f"  {ground:<22}{line}")
    print()
    for name, goal in report["goals"].items():
        mark = "met" if goal["met"] else "MISSED"
        print(f"{name:<34}{goal['reached']:>9.3g}   {goal['sense']} {goal['goal']}: {mark}")


def main() -> None:
    """Measure all of it."""
    with tempfile.TemporaryDirectory(prefix="bench-documents-") as name:
        folder = Path(name)
        documents = make_documents(folder)
        pipeline.warm()
        report: dict[str, Any] = {
            "speed": bench_speed(documents, folder),
            "single": bench_single(folder),
            "wrapping": bench_wrapping(documents, folder),
            "legibility": {} if "--quick" in sys.argv else bench_legibility(folder),
        }
    found = reached(report)
    report["goals"] = {
        goal: {
            "sense": sense,
            "goal": bound,
            "reached": found[goal],
            "met": found[goal] >= bound if sense == "at least" else found[goal] <= bound,
        }
        for goal, (sense, bound) in GOALS.items()
        if goal in found
    }
    print_report(report)
    target = ROOT / os.environ.get("FAXPORTAL_DATA", "var") / "bench" / "documents.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
