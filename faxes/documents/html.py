"""HTML set on paper by WeasyPrint. Nothing is fetched: pages live of what they bring along.

Runs inside the sandbox only. A page that is wider than its sheet is set on a larger sheet in the
same proportion, which is shrunk when it is drawn, as browsers print; what is wider still is broken.
"""

import contextlib
import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML, Document
from weasyprint.formatting_structure import boxes
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from faxes.documents import encodings, layout
from faxes.documents.raster import Sheet
from faxes.documents.zygote import Job
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError

_MILLIMETRES_PER_INCH = 25.4
_MARGIN = 15.0  # millimetres
# Letters of 10 points are still 6 points high, about what fine resolution can show.
_MOST_SHRUNK = 1.6
_TOLERANCE = 1.01
_WIDE_WORDS = "pre,pre *,listing,xmp,plaintext,textarea"
# No base can be joined with a name, so what a page calls by a name stays that name.
_NO_BASE = "document:"
_DEEPEST = 10_000  # calls; each element within another takes about eight
_MOST_DATA_BYTES = 8_000_000  # of one data: address

# The user's own style sheet, in the sense of CSS: an author's rules go before all that is not
# marked important.
_STYLE = """
@page {{ size: {width:.2f}mm {height:.2f}mm !important; margin: {margin:.2f}mm }}
html {{ font: 11pt/1.35 "Liberation Sans", "Noto Sans", sans-serif; color: black;
  background: white }}
body {{ margin: 0 }}
pre, code, tt, kbd, samp, textarea, listing, xmp, plaintext {{
  font-family: "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: 10pt }}
* {{ overflow-wrap: break-word }}
img, svg, video, object, embed, canvas, iframe {{ object-fit: contain;
  max-width: 100% !important; max-height: {most_height:.2f}mm !important }}
"""
_TEXT_STYLE = """
@page {{ size: {width:.2f}mm {height:.2f}mm; margin: 54pt }}
html {{ color: black; background: white }}
body, pre {{ margin: 0 }}
section + section {{ break-before: page }}
pre {{ font: 10pt/12pt "Liberation Mono", "Noto Sans Arabic", "DejaVu Sans Mono", monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; orphans: 1; widows: 1 }}
"""
_BREAK = f"""
*:not({_WIDE_WORDS}) {{ white-space: normal !important }}
{_WIDE_WORDS} {{ white-space: pre-wrap !important }}
* {{ overflow-wrap: anywhere !important; min-width: 0 !important; max-width: 100% !important }}
td, th, col, colgroup {{ width: auto !important }}
"""

_fonts: list[FontConfiguration] = []


def warm() -> None:
    """Find the fonts before the first job, and set a page, unless that would leave threads behind.

    Newer Pangos may ask fontconfig in threads, which do not survive a fork: their children would
    wait for them for ever. So it is tried in a child first.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _set_sample()
            status = len(list(Path("/proc/self/task").iterdir())) != 1
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1] == 0:
        _fonts.append(_set_sample())


def to_pdf(
    job: Job,
    *,
    path: str,
    out: str,
    files: Mapping[str, str] | None = None,
    paper: str = Paper.A4.value,
) -> None:
    """Set an HTML file as PDF on ``paper``.

    ``files`` says where the pictures lie that the page calls by name: ``logo``, ``cid:one``, or
    whatever address stands in it. Everything else but ``data:`` is refused.
    Raises DOCUMENT_EMPTY, DOCUMENT_TOO_MANY_PAGES.
    """
    text = encodings.decode_html(Path(path).read_bytes())
    if not text.strip():
        raise DocumentError(ErrorCode.DOCUMENT_EMPTY)
    sys.setrecursionlimit(_DEEPEST)
    try:
        _write(job, text, files or {}, Paper(paper), out)
    except RecursionError:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE) from None


def text_to_pdf(job: Job, *, path: str, out: str, paper: str = Paper.A4.value) -> bool:
    """Set plain text as PDF if its scripts need shaping; tell whether that was so.

    Lines, pages, size and margins are those of the text reader, which draws all other text.
    Raises DOCUMENT_EMPTY, DOCUMENT_TYPE_UNSUPPORTED, DOCUMENT_TOO_MANY_PAGES.
    """
    try:
        text = encodings.decode(Path(path).read_bytes())
    except UnicodeDecodeError:
        raise DocumentError(ErrorCode.DOCUMENT_TYPE_UNSUPPORTED) from None
    if not layout.needs_shaping(text):
        return False
    sections = list(layout.sections(text))
    while sections and not any(line.strip() for line in sections[-1]):
        sections.pop()
    if not sections:
        raise DocumentError(ErrorCode.DOCUMENT_EMPTY)
    page = HTML(string="".join(map(_section, sections)), url_fetcher=_Given({}))
    width, height = _millimetres(Paper(paper))
    style = _TEXT_STYLE.format(width=width, height=height)
    _laid_out(page, style, job.limits.pages).write_pdf(out)
    return True


def _section(lines: list[str]) -> str:
    """Return the HTML of what stands between two form feeds."""
    runs = (
        # The first newline within a pre is not part of it.
        f"<pre dir={'rtl' if from_right else 'ltr'}>\n{escape(chr(10).join(run))}\n</pre>"
        for from_right, run in groupby(lines, layout.runs_from_right)
    )
    return f"<section>{''.join(runs)}</section>"


def _write(job: Job, text: str, files: Mapping[str, str], paper: Paper, out: str) -> None:
    html = HTML(string=text, base_url=_NO_BASE, url_fetcher=_Given(files))
    most = job.limits.pages
    document = _render(html, paper, most)
    wanted = _overflow(document)
    if wanted > _TOLERANCE:
        document = _render(html, paper, most, scale=min(wanted, _MOST_SHRUNK))
        if _overflow(document) > _TOLERANCE:
            document = _render(html, paper, most, scale=_MOST_SHRUNK, more=_BREAK)
    document.write_pdf(out)


def _render(
    html: HTML, paper: Paper, most_pages: int, *, scale: float = 1.0, more: str = ""
) -> Document:
    """Lay the page out on a sheet ``scale`` times as large as ``paper``."""
    width, height = (side * scale for side in _millimetres(paper))
    margin = _MARGIN * scale
    style = _STYLE.format(
        width=width, height=height, margin=margin, most_height=height - 2 * margin
    )
    return _laid_out(html, style + more, most_pages)


def _laid_out(html: HTML, style: str, most_pages: int) -> Document:
    with _no_more_pages_than(most_pages):
        return html.render(
            font_config=_fonts[0] if _fonts else None,
            stylesheets=[CSS(string=style, url_fetcher=_Given({}))],
            presentational_hints=True,
        )


def _millimetres(paper: Paper) -> tuple[float, float]:
    width, height = Sheet(Quality.FINE, paper).inches
    return width * _MILLIMETRES_PER_INCH, height * _MILLIMETRES_PER_INCH


@contextlib.contextmanager
def _no_more_pages_than(most: int) -> Iterator[None]:
    """Stop laying out when there are too many pages: WeasyPrint tells of each only in its log."""

    class Counter(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            page = re.search(r"Page (\d+)", record.getMessage())
            if page is not None and int(page[1]) > most:
                code = ErrorCode.DOCUMENT_TOO_MANY_PAGES
                raise DocumentError(code, pages=int(page[1]), limit=most)

    log = logging.getLogger("weasyprint.progress")
    counter = Counter()
    log.addHandler(counter)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(counter)


def _overflow(document: Document) -> float:
    """Return how many times wider the pages would have to be for all of their text and pictures."""
    most = 1.0
    for page in document.pages:
        box = page._page_box  # noqa: SLF001 - WeasyPrint has no public way to what it laid out
        reach = max(_right_edges(box, page.width), default=0.0)
        most = max(most, (reach - box.margin_left) / max(box.width, 1.0))
    return most


def _right_edges(page: Any, width: float) -> Iterator[float]:
    """Yield where each word and picture ends on the right, but of what is hidden on purpose."""
    stack = [page]
    while stack:
        box = stack.pop()
        if box.is_absolutely_positioned() and box.position_x >= width:
            continue
        if isinstance(box, boxes.TextBox | boxes.ReplacedBox):
            if box.style["visibility"] == "visible":
                yield box.position_x + box.width
        elif isinstance(box, boxes.ParentBox) and box.style["overflow"] == "visible":
            stack.extend(box.children)


class _Given(URLFetcher):  # type: ignore[misc]
    """Answers for what is given and for ``data:``; refuses all else."""

    def __init__(self, files: Mapping[str, str]) -> None:
        super().__init__(allowed_protocols=("data",))
        self._files = files

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Return what lies behind an address. Raises ValueError for what is not given."""
        if url in self._files:
            return URLFetcherResponse(url, Path(self._files[url]).read_bytes())
        if len(url) > _MOST_DATA_BYTES:
            raise ValueError("too much data in an address")
        return super().fetch(url, headers)


def _set_sample() -> FontConfiguration:
    """Set a page, so that fonts and libraries are found; return what is known of the fonts."""
    fonts = FontConfiguration()
    page = HTML(string="<p>Fax <b>Fax</b> <code>Fax</code>", url_fetcher=_Given({}))
    page.write_pdf(os.devnull, font_config=fonts)
    return fonts
