"""Conversion against its peers: PDF to fax pages against Ghostscript, fax pages to PDF, legibility.

``python benchmarks/bench_documents.py`` makes the corpus, converts it with both in turns, prints
tables and writes ``var/bench/documents.json`` and a picture of each case, ours beside theirs.
``--quick`` leaves out the reading of pages by OCR. Ghostscript is run as Kazoo and as Faxbot run
it, start included: that is how they run it. Ours goes through the sandbox: request, fork, limits
and answer included. Ratios are taken within a round and their median counts, so that what else the
machine does weighs on both alike.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
import psutil
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from corpus import Case, make  # noqa: E402 (after the path)

from faxes.documents import pipeline, wrap  # noqa: E402
from faxes.documents.pipeline import NamedPath  # noqa: E402
from faxes.documents.sandbox import SANDBOX  # noqa: E402
from faxes.documents.tiff import page_bits, read_fax_tiff  # noqa: E402
from faxes.enums import Paper, Quality  # noqa: E402
from faxes.errors import DocumentError  # noqa: E402
from tests.real.legibility import (  # noqa: E402
    GROUNDS,
    SIZES,
    cells,
    share_of_words,
    shares_right,
    write_pdf,
)
from tests.unit.documents.office_makers import make_office_documents  # noqa: E402

ROUNDS = 3
LINE_BITS_A_SECOND = 14_400
MEGA = 1_000_000
TARGET = ROOT / os.environ.get("FAXPORTAL_DATA", "var") / "bench"
GHOSTSCRIPT = ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER"]
FAXBOT = ["-sDEVICE=tiffg4", "-r204x196"]
KAZOO = ["-sDEVICE=tiffg4", "-r200x200", "-g1728x2200", "-dFIXEDMEDIA", "-dPDFFitPage"]
PEERS = {"faxbot": (FAXBOT, (204.0, 196.0)), "kazoo": (KAZOO, (200.0, 200.0))}
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


def ours(pdf: Path, out: Path) -> None:
    pipeline.render([NamedPath(pdf, pdf.name)], out, quality=Quality.FINE, paper=Paper.A4)


def theirs(options: list[str], pdf: Path, out: Path) -> None:
    subprocess.run([*GHOSTSCRIPT, *options, f"-sOutputFile={out}", str(pdf)], check=True)


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bytes_a_page(tiff: Path) -> float:
    return mean(page.bytes for page in read_fax_tiff(tiff))


def two_at_once(pdf: Path, out: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda n: ours(pdf, out.with_name(f"two{n}.tif")), range(2)))


def processor_seconds() -> float:
    """Return what this process, its programs and the sandbox's jobs have used so far."""
    times = [psutil.Process().cpu_times()]
    times += [child.cpu_times() for child in psutil.Process().children()]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def processor_ms_a_page(work: Callable[[], Any], pages: int) -> float:
    """Return the least of some rounds; the clock of the kernel ticks every 10 ms."""
    least = float("inf")
    for _ in range(ROUNDS):
        before = processor_seconds()
        work()
        least = min(least, processor_seconds() - before)
    return least / pages * 1000


def most_memory(work: Callable[[], Any]) -> float:
    """Run something and return the most that any process it starts took, in MB."""
    most, done = 0, threading.Event()
    before = set(psutil.Process().children(recursive=True))

    def watch() -> None:
        nonlocal most
        while not done.wait(0.004):
            for child in set(psutil.Process().children(recursive=True)) - before:
                try:
                    most = max(most, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return most / MEGA


def bench_case(case: Case, folder: Path) -> dict[str, Any]:
    """Convert one document by each in turns; medians, ratios within each round."""
    made = {name: folder / f"{name}.tif" for name in ("ours", *PEERS)}
    runs: dict[str, Callable[[], None]] = {
        "ours": lambda: ours(case.path, made["ours"]),
        "ours_two": lambda: two_at_once(case.path, made["ours"]),
        "faxbot": lambda: theirs(FAXBOT, case.path, made["faxbot"]),
        "kazoo": lambda: theirs(KAZOO, case.path, made["kazoo"]),
    }
    pages = {name: case.pages * (2 if name == "ours_two" else 1) for name in runs}
    runs["ours"]()
    rounds = [
        {name: pages[name] / seconds(run) for name, run in runs.items()} for _ in range(ROUNDS)
    ]
    size = {name: bytes_a_page(path) for name, path in made.items()}
    memory = {name: most_memory(runs[name]) for name in ("ours", "faxbot")}
    processor = {name: processor_ms_a_page(runs[name], case.pages) for name in ("ours", "faxbot")}
    picture(case, made["ours"], made["faxbot"])
    return {
        "document": case.name,
        "kind": case.kind,
        "pages": case.pages,
        "pages_a_second": {name: median(one[name] for one in rounds) for name in runs},
        "against_faxbot": {
            name: median(one[name] / one["faxbot"] for one in rounds)
            for name in ("ours", "ours_two")
        },
        "processor_ms_a_page": processor,
        "memory_mb": memory,
        "bytes_a_page": size,
        "line_seconds": {name: 8 * value / LINE_BITS_A_SECOND for name, value in size.items()},
        "right": read(case, made) if "--quick" not in sys.argv else {},
    }


def read(case: Case, made: dict[str, Path]) -> dict[str, float]:
    """Share of characters that OCR reads right on the pages whose words are known."""
    dpi = {"ours": (204.0, 196.0), **{name: size for name, (_, size) in PEERS.items()}}
    words = case.words[:3]
    return {
        name: mean(share_of_words(words, flags(path, len(words)), dpi[name]))
        for name, path in made.items()
        if words
    }


def picture(case: Case, mine: Path, other: Path) -> None:
    """Write the first page as a fax shows it, ours at the left."""
    folder = TARGET / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    shown = [Image.fromarray(~flags(path, 1)[0]).convert("L") for path in (mine, other)]
    both = Image.new("L", (sum(page.width for page in shown) + 20, shown[0].height), 128)
    both.paste(shown[0], (0, 0))
    both.paste(shown[1], (shown[0].width + 20, 0))
    both.save(folder / f"{case.path.stem}.png", optimize=True)


def bench_office(folder: Path) -> dict[str, dict[str, float]]:
    """Office documents: ours, warm, against LibreOffice started for each, which makes PDF only."""
    if shutil.which("soffice") is None:
        return {}
    found = {}
    profile = (folder / "profile").as_uri()
    made = make_office_documents(folder)
    for kind in ("docx", "xlsx", "pptx"):
        path, out = made[kind], folder / "office.tif"
        command = ["soffice", f"-env:UserInstallation={profile}", "--headless"]
        command += ["--convert-to", "pdf", "--outdir", str(folder), str(path)]
        runs: dict[str, Callable[[], Any]] = {
            "ours_ms": partial(ours, path, out),
            "soffice_cold_ms": partial(subprocess.run, command, check=True, capture_output=True),
        }
        try:
            ours(path, out)
        except DocumentError:
            continue  # a type that cannot be sent here
        found[kind] = {
            key: median(seconds(run) for _ in range(ROUNDS)) * 1000 for key, run in runs.items()
        }
    return found


def bench_single(pdf: Path, folder: Path) -> dict[str, float]:
    """One page, warm: milliseconds of each step that a submit waits for."""
    out = folder / "one.tif"
    steps: dict[str, Callable[[], Any]] = {
        "inspect_ms": lambda: pipeline.inspect(pdf, name="one.pdf"),
        "render_ms": lambda: ours(pdf, out),
        "picture_ms": lambda: pipeline.png_of(out, 1, 800),
        "thumbnail_ms": lambda: pipeline.png_of(out, 1, 160),
        "pdf_ms": lambda: pipeline.pdf_of(out, folder / "again.pdf"),
        "verify_ms": lambda: pipeline.verify(out),
    }
    found = {
        name: min(seconds(step) for _ in range(ROUNDS * 3)) * 1000 for name, step in steps.items()
    }
    SANDBOX.close()
    found["cold_inspect_ms"] = seconds(steps["inspect_ms"]) * 1000
    found["first_page_ms"] = found["inspect_ms"] + found["render_ms"]
    return found


def bench_wrapping(case: Case, folder: Path) -> dict[str, float]:
    """Milliseconds a page from fax TIFF to PDF."""
    tiff, pdf, ps = folder / "received.tif", folder / "received.pdf", folder / "received.ps"
    ours(case.path, tiff)

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
        name: min(seconds(run) for _ in range(ROUNDS)) * 1000 / case.pages
        for name, run in runs.items()
    }


def flags(tiff: Path, most: int | None = None) -> list[np.ndarray[Any, np.dtype[np.bool_]]]:
    pages = read_fax_tiff(tiff)[:most]
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
    for name, (convert, dpi) in makers.items():
        convert()
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
    rows = {row["document"]: row for row in report["cases"]}
    text = [row for row in report["cases"] if row["kind"] == "text"]

    def size(row: dict[str, Any]) -> float:
        return float(row["bytes_a_page"]["ours"] / row["bytes_a_page"]["faxbot"])

    def speed(name: str) -> float:
        """The time a page takes counts alike for each document."""
        return float(len(text) / sum(1 / row["against_faxbot"][name] for row in text))

    found = {
        "speed on text, one process": speed("ours"),
        "speed on text, two processes": speed("ours_two"),
        "bytes on white": max(size(row) for row in text),
        "bytes on tinted ground": size(rows["tinted ground"]),
        "bytes of a photograph": size(rows["photograph"]),
        "first page, ms": report["single"]["first_page_ms"],
        "fax to PDF, against Ghostscript": report["wrapping"]["ghostscript"]
        / report["wrapping"]["ours"],
    }
    if report["legibility"]:
        found["legible, all"] = report["legibility"]["ours"]["all"]
        found["legible, worst cell"] = report["legibility"]["ours"]["worst"]
    return found


def print_cases(cases: list[dict[str, Any]]) -> None:
    """One line a document; F and K are Ghostscript as Faxbot and as Kazoo run it."""
    heads = ["ours", "two", "F", "K", "ours/F", "two/F", "ms", "ms F", "MB", "MB F"]
    heads += ["KB", "KB F", "KB K", "s", "s F", "read%", "F", "K"]
    print("pages and processor ms; memory; bytes a page; seconds on the line; characters right")
    print(f"{'document':<24}" + "".join(f"{head:>8}" for head in heads))
    for row in cases:
        values = [*row["pages_a_second"].values(), *row["against_faxbot"].values()]
        values += [*row["processor_ms_a_page"].values(), *row["memory_mb"].values()]
        values += [value / 1000 for value in row["bytes_a_page"].values()]
        values += [row["line_seconds"]["ours"], row["line_seconds"]["faxbot"]]
        values += [100 * value for value in row["right"].values()]
        print(f"{row['document']:<24}" + "".join(f"{value:>8.1f}" for value in values))


def print_report(report: dict[str, Any]) -> None:
    """What was measured, for people."""
    print_cases(report["cases"])
    print("\none page: " + ", ".join(f"{k[:-3]} {v:.1f} ms" for k, v in report["single"].items()))
    wrapping = ", ".join(f"{name} {value:.2f}" for name, value in report["wrapping"].items())
    print(f"fax TIFF to PDF, ms a page: {wrapping}")
    for kind, times in report["office"].items():
        print(f"{kind}: ours {times['ours_ms']:.0f} ms, soffice {times['soffice_cold_ms']:.0f} ms")
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
        cases = make(folder)
        pipeline.warm()
        report: dict[str, Any] = {
            "cases": [bench_case(case, folder) for case in cases],
            "single": bench_single(cases[0].path, folder),
            "wrapping": bench_wrapping(cases[1], folder),
            "office": bench_office(folder),
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
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "documents.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
