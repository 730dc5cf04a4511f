"""How many pages a second one core carries over the embedded line, by T.38 and by audio.

``python benchmarks/bench_line.py`` prints a table and writes ``var/bench/line.json``. Every page
goes the whole way: read, coded, through both T.30 ends, decoded, coded again and written, each
call in a process of its own. The processor time is that of the calls' processes, of the host that
forks them and of this process; only the host's start, once in a portal's life, is left out.
"""

import json
import os
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from faxes.enums import Outcome  # noqa: E402 (after the path)
from faxes.line.exchange import Medium, answering  # noqa: E402
from faxes.line.launcher import stop_host  # noqa: E402
from faxes.line.process import place_call, self_check  # noqa: E402
from faxes.line.spec import CallSpec  # noqa: E402
from faxes.line.station import Station  # noqa: E402
from faxes.line.tiff import page_bits  # noqa: E402
from tests.unit.line.pages import write_tiff  # noqa: E402

GOAL = 100.0  # pages a second and core
SECONDS_A_ROW = 2.0  # how long each line of the table is measured
FEWEST_CALLS = 3
WIDTH, ROWS = 1728, 2286
CALLER, CALLED = Station(station_id="+12025550199"), Station(station_id="+12025550100")
WORDS = (
    *("the", "of", "and", "to", "in", "is", "that", "for", "it", "as", "was", "with", "be", "by"),
    *("from", "or", "had", "they", "which", "would", "their", "when", "more", "about", "other"),
    *("time", "some", "could", "these", "first", "then", "made", "after", "invoice", "delivery"),
)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    document: str
    pages: int
    kilobytes_a_page: float
    medium: str
    calls: int
    pages_a_second_and_core: float
    milliseconds_a_page: float
    milliseconds_a_call_wall: float
    line_seconds_a_call: float
    times_real_time: float


@dataclass(frozen=True)
class Look:
    """How full a document's pages are."""

    lines: range
    size: int


DOCUMENTS = {
    "letter": Look(range(400, 1100, 40), 30),  # two paragraphs, some 170 words
    "full page": Look(range(250, 1900, 44), 32),
    "fine print": Look(range(80, 2220, 27), 23),
}
GOAL_FOR = "letter"


def letter(seed: int, look: Look) -> Image.Image:
    """A page of English words; the tighter the lines, the heavier the page."""
    page, words = Image.new("1", (WIDTH, ROWS), 0), random.Random(seed)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(look.size)
    for top in look.lines:
        text = ""
        while draw.textlength(text, font=font) < WIDTH - 440:
            text += words.choice(WORDS) + " "
        draw.text((200, top), text, font=font, fill=1)
    return page


def cpu_seconds() -> float:
    """What this process, its host and the host's ended children have used."""
    mine = psutil.Process().cpu_times()
    used = mine.user + mine.system
    for host in psutil.Process().children():
        times = host.cpu_times()
        used += times.user + times.system + times.children_user + times.children_system
    return used


def measure(name: str, document: Path, pages: int, medium: Medium, folder: Path) -> Row:
    """Place calls for a few seconds."""
    received = folder / "received.tiff"
    spec = CallSpec(
        document=document,
        pages=pages,
        receive=received,
        caller=CALLER,
        behaviour=answering(CALLED, ring_seconds=0.0),
        medium=medium,
    )
    place_call(spec)
    calls, line_seconds = 0, 0.0
    cpu, wall = cpu_seconds(), time.monotonic()
    while time.monotonic() - wall < SECONDS_A_ROW or calls < FEWEST_CALLS:
        result = place_call(spec)
        if result.outcome is not Outcome.DELIVERED:
            raise SystemExit(f"{name}: {result.outcome}")
        calls += 1
        line_seconds += result.line_seconds
    cpu, wall = cpu_seconds() - cpu, time.monotonic() - wall
    if page_bits(received) != page_bits(document):
        raise SystemExit(f"{name}: what arrived is not what was sent")
    return Row(
        document=name,
        pages=pages,
        kilobytes_a_page=round(document.stat().st_size / pages / 1000, 1),
        medium=medium.value,
        calls=calls,
        pages_a_second_and_core=round(calls * pages / cpu, 1),
        milliseconds_a_page=round(cpu / calls / pages * 1000, 2),
        milliseconds_a_call_wall=round(wall / calls * 1000, 1),
        line_seconds_a_call=round(line_seconds / calls, 1),
        times_real_time=round(line_seconds / wall),
    )


def print_table(rows: list[Row]) -> None:
    """What was measured, for people."""
    print(
        f"{'document':<12}{'KB/page':>8}{'pages':>7}{'medium':>8}{'pages/s/core':>14}"
        f"{'ms/page':>9}{'ms/call':>9}{'x real time':>13}"
    )
    for row in rows:
        print(
            f"{row.document:<12}{row.kilobytes_a_page:>8.1f}{row.pages:>7}{row.medium:>8}"
            f"{row.pages_a_second_and_core:>14.1f}{row.milliseconds_a_page:>9.2f}"
            f"{row.milliseconds_a_call_wall:>9.1f}{row.times_real_time:>13,}"
        )


def main() -> None:
    """Measure every kind of document on both media."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-line-") as name:
        folder = Path(name)
        for document, look in DOCUMENTS.items():
            images = [letter(n, look) for n in range(10)]
            for pages in (1, 3, 10):
                path = write_tiff(folder / "sent.tiff", images[:pages])
                rows += [measure(document, path, pages, medium, folder) for medium in Medium]
        check = self_check()
    stop_host()
    print_table(rows)
    default = [row for row in rows if row.medium == Medium.T38 and row.document == GOAL_FOR]
    reached = max(row.pages_a_second_and_core for row in default)
    print(f"\nself-check: {check * 1000:.0f} ms for one page, pixels compared")
    print(f"goal: {GOAL:.0f} pages/s and core of a {GOAL_FOR} by T.38: {reached:.0f}")
    report = {
        "goal_pages_a_second_and_core": GOAL,
        "reached": reached,
        "met": reached >= GOAL,
        "self_check_seconds": round(check, 3),
        "rows": [asdict(row) for row in rows],
    }
    target = ROOT / os.environ.get("FAXPORTAL_DATA", "var") / "bench" / "line.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
