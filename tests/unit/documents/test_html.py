"""HTML and shaped text become PDF: nothing is fetched or cut, bombs end in named errors."""

import ctypes
import io
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import psutil
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image
from weasyprint import HTML

from faxes.documents import html
from faxes.documents.limits import Limits
from faxes.documents.sandbox import HTML_SANDBOX
from faxes.documents.zygote import Job
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

TWO_SECONDS = Limits(cpu_seconds=2, wall_seconds=8)


@pytest.fixture
def to_pdf(tmp_path):
    """Set a page in the sandbox; give the PDF opened."""

    def to_pdf(page, *, limits=None, operation="html:to_pdf", **arguments):
        source, out = tmp_path / "page.html", tmp_path / "page.pdf"
        source.write_bytes(page if isinstance(page, bytes) else page.encode())
        HTML_SANDBOX.run(
            f"faxes.documents.{operation}",
            {"path": str(source), "out": str(out), **arguments},
            folder=tmp_path,
            limits=limits or Limits(),
        )
        return pypdfium2.PdfDocument(out.read_bytes())

    return to_pdf


def words(pdf, page=0):
    return pdf[page].get_textpage().get_text_range()


def ink(pdf, page=0, scale=2.0):
    """Return a page as flags, black is true."""
    return np.asarray(pdf[page].render(scale=scale).to_pil().convert("L")) < 200


def png():
    out = io.BytesIO()
    Image.new("L", (40, 40), 0).save(out, "PNG")
    return out.getvalue()


# --- Nothing is fetched ---------------------------------------------------------------------------


class Canary:
    """A server that notes who came."""

    def __init__(self):
        self.hits: list[str] = []
        hits = self.hits

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                hits.append(self.path)
                self.send_error(404)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def canary() -> Iterator[Canary]:
    found = Canary()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def _recursion_as_before():
    before = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(before)


REFERENCES = {
    "picture": "<img src='{url}'>",
    "relative picture": "<base href='{url}'><img src=x.png>",
    "background": "<p style='background: url({url})'>x",
    "mark of a list": "<ul style='list-style-image: url({url})'><li>x",
    "content": "<style>p::before {{ content: url({url}) }}</style><p>x",
    "style sheet": "<link rel=stylesheet href='{url}'>x",
    "import": "<style>@import url({url}); @import '{url}';</style>x",
    "import in data": "<link rel=stylesheet href='data:text/css,@import url({url})'>x",
    "font": "<style>@font-face {{ font-family: f; src: url({url}) }}</style><p>",
    "object": "<object data='{url}'></object>",
    "embed": "<embed src='{url}'>",
    "frame": "<iframe src='{url}'></iframe><frameset><frame src='{url}'></frameset>",
    "picture in SVG": "<svg width=9 height=9><image href='{url}' width=9 height=9 /></svg>",
    "use in SVG": "<svg width=9 height=9><use href='{url}#x' /></svg>",
    "SVG in data": (
        '<img src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" width="9"'
        ' height="9"><image href="{url}" width="9" height="9"/></svg>\'>'
    ),
    "attachment": "<link rel=attachment href='{url}'>x",
    "attached link": "<a rel=attachment href='{url}'>x</a>",
    "page": "<style>@page {{ background: url({url}); @top-left {{ content: url({url}) }}",
}
FOLLOWED_BY_OTHERS = ("picture", "background", "style sheet", "import", "font", "object")


@pytest.mark.usefixtures("_recursion_as_before")
@pytest.mark.parametrize("kind", REFERENCES)
def test_no_reference_is_followed_even_outside_the_sandbox(tmp_path, canary, kind):
    source, out = tmp_path / "page.html", tmp_path / "page.pdf"
    source.write_text("<!doctype html>" + REFERENCES[kind].format(url=canary.url))

    job = Job(tmp_path, Limits(), lambda _facts: None)
    html.to_pdf(job, path=str(source), out=str(out))

    assert out.stat().st_size
    assert canary.hits == []


@pytest.mark.parametrize("kind", FOLLOWED_BY_OTHERS)
def test_the_same_references_would_be_followed_without_us(canary, kind):
    HTML(string=REFERENCES[kind].format(url=canary.url)).write_pdf()

    assert canary.hits


@pytest.mark.usefixtures("_recursion_as_before")
@pytest.mark.parametrize("kind", REFERENCES)
def test_no_file_is_read_or_carried_off(tmp_path, kind):
    secret = tmp_path / "secret.svg"
    secret.write_text(
        "<svg xmlns='http://www.w3.org/2000/svg' width='99' height='99'>"
        "<rect width='99' height='99'/><text y='9'>password</text></svg>"
    )
    source, out = tmp_path / "page.html", tmp_path / "page.pdf"
    source.write_text("<!doctype html>" + REFERENCES[kind].format(url=secret.as_uri()))

    job = Job(tmp_path, Limits(), lambda _facts: None)
    html.to_pdf(job, path=str(source), out=str(out))

    with pypdfium2.PdfDocument(out) as pdf:
        assert pdfium.FPDFDoc_GetAttachmentCount(pdf.raw) == 0
        assert "password" not in words(pdf)
        assert ink(pdf).sum() < 500  # no black square


def test_a_file_would_be_carried_off_without_us(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("password")
    data = HTML(string=REFERENCES["attachment"].format(url=secret.as_uri())).write_pdf()

    with pypdfium2.PdfDocument(data) as pdf:
        assert pdfium.FPDFDoc_GetAttachmentCount(pdf.raw) == 1


def test_what_comes_along_is_shown(to_pdf, tmp_path):
    (tmp_path / "logo.png").write_bytes(png())
    files = {"logo": str(tmp_path / "logo.png"), "cid:1@x": str(tmp_path / "logo.png")}

    for name in files:
        assert ink(to_pdf(f"<img src='{name}'>", files=files)).sum() > 1000
    assert not ink(to_pdf("<img src='other'>", files=files)).any()


# --- Nothing is cut -------------------------------------------------------------------------------

WIDE = {
    "a table of fixed width": "<table width=1100><tr><td width=1000>x<td align=right>END</table>",
    "a table of many columns": "<table>" + "<td>column" * 40 + "<td>END</table>",
    "preformatted lines": "<pre>" + "word " * 60 + "END</pre>",
    "one long word": "<p>" + "x" * 900 + "END",
    "words that may not wrap": "<p style='white-space: nowrap'>" + "word " * 80 + "END",
    "a row of boxes": "<div style='display: flex'>" + "<p>abcdefgh</p>" * 40 + "<p>END</p></div>",
    "a wide block": "<div style='width: 4000px; text-align: right'>END</div>",
}


@pytest.mark.parametrize("kind", WIDE)
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_nothing_is_cut_at_the_right(to_pdf, kind, paper):
    pdf = to_pdf("<!doctype html>" + WIDE[kind], paper=paper)
    width, height = pdf[0].get_size()

    assert words(pdf).replace("\r\n", "").endswith("END")
    across = np.flatnonzero(ink(pdf, scale=1.0).any(axis=0))
    assert across[-1] < width * (1 - 12 / 210)
    assert width / height == pytest.approx({"a4": 210 / 297, "letter": 8.5 / 11}[paper], abs=0.01)
    assert width < 216 / 25.4 * 72 * 1.61  # not shrunk beyond what can be read


def test_a_picture_is_no_higher_than_its_page(to_pdf, tmp_path):
    (tmp_path / "p.png").write_bytes(png())
    files = {"p": str(tmp_path / "p.png")}
    pdf = to_pdf("<img src=p style='width: 100px; height: 9000px'>", files=files)

    down = np.flatnonzero(ink(pdf, scale=1.0).any(axis=1))
    assert down[-1] < 842 - 40


def test_the_paper_is_ours_and_the_colours_are_the_authors(to_pdf):
    page = "<style>@page { size: 900km 1px }</style><p style='color: white; background: #14305c'>x"
    pdf = to_pdf(page, paper="legal")

    assert pdf[0].get_size() == pytest.approx((612, 1008), abs=1)
    colours = np.asarray(pdf[0].render().to_pil()).reshape(-1, 3)
    assert (colours == (20, 48, 92)).all(axis=1).any()


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("<meta charset=shift_jis>", "cp932"),
        ("<meta http-equiv=Content-Type content='text/html; charset=gb2312'>", "gb18030"),
        ("<meta charset=utf-16>", "utf-8"),
        ("<meta charset=nonsense>", "utf-8"),
        ("", "utf-16"),
        ("", "utf-8"),
    ],
)
def test_the_characters_are_those_that_were_meant(to_pdf, head, encoding):
    assert "漢字 abc" in words(to_pdf(f"<html>{head}<p>漢字 abc".encode(encoding)))


# --- Bombs ----------------------------------------------------------------------------------------

LIMITED = frozenset(
    {
        ErrorCode.DOCUMENT_UNREADABLE,
        ErrorCode.DOCUMENT_TOO_SLOW,
        ErrorCode.DOCUMENT_TOO_MUCH_MEMORY,
        ErrorCode.DOCUMENT_TOO_MANY_PAGES,
    }
)


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 50_000,
        "<table><tr><td>" * 3000,
        "<table>" + "<tr><td colspan=99999999 rowspan=99999999>x" * 100,
        "<style>body { column-count: 100000 }</style>" + "<p>x y z" * 1000,
        "<style>@page { margin: 5000mm }</style>" + "word " * 5000,
        "<p style='page-break-after: always'>x" * 50_000,
        "<p style='font-size: 100000000px'>x y z",
        "<style>:root { --a0: x x; "
        + "".join(f"--a{i}: var(--a{i - 1}) var(--a{i - 1});" for i in range(1, 60))
        + "} p::before { content: var(--a59) }</style><p>x",
    ],
    ids=["nested", "tables", "spans", "columns", "margins", "breaks", "font", "variables"],
)
def test_a_bomb_ends_in_an_error_of_its_own(to_pdf, bomb):
    with pytest.raises(DocumentError) as caught:
        to_pdf("<!doctype html>" + bomb, limits=TWO_SECONDS)

    assert caught.value.code in LIMITED


def test_too_many_pages_are_counted_before_they_are_written(to_pdf):
    page = "<p style='page-break-after: always'>x" * 9
    with pytest.raises(DocumentError) as caught:
        to_pdf(page, limits=Limits(pages=8))

    assert caught.value.code is ErrorCode.DOCUMENT_TOO_MANY_PAGES
    assert caught.value.params["limit"] == 8
    assert len(to_pdf(page, limits=Limits(pages=9))) == 9


def test_the_warm_helper_has_one_thread_and_so_may_fork(to_pdf):
    to_pdf("x")
    helper = HTML_SANDBOX._helper

    assert helper is not None
    assert psutil.Process(helper.process.pid).num_threads() == 1


def test_pages_nested_as_newsletters_are_set(to_pdf):
    assert "deep" in words(to_pdf("<table><tr><td>" * 60 + "deep"))


# --- Text whose letters need shaping --------------------------------------------------------------


def shaped(to_pdf, text):
    return to_pdf(text, operation="html:text_to_pdf")


def fonts_of(page):
    names = set()
    for thing in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
        name = ctypes.create_string_buffer(100)
        pdfium.FPDFFont_GetBaseFontName(pdfium.FPDFTextObj_GetFont(thing.raw), name, 100)
        names.add(name.value.decode().rpartition("+")[2])
    return names


def test_arabic_letters_join_and_run_from_the_right(to_pdf):
    across = np.flatnonzero(ink(shaped(to_pdf, "سسسس"), scale=4.0).any(axis=0))
    apart = np.flatnonzero(ink(shaped(to_pdf, "س\u200cس\u200cس\u200cس"), scale=4.0).any(axis=0))

    assert np.diff(across).max() == 1  # one stroke without a gap
    assert np.diff(apart).max() > 1  # as they stand when they are kept from joining
    assert across[-1] / 4 == pytest.approx(595.3 - 54, abs=4)


@pytest.mark.parametrize(
    "text", ["नमस्ते", "สวัสดีชาวโลก", "வணக்கம்", "ধন্যবাদ", "ሰላም", "გამარჯობა", "שלום", "សួស្តី", "ᏣᎳᎩ"]
)
def test_each_script_is_set_in_a_font_that_has_it(to_pdf, text):
    pdf = shaped(to_pdf, text)

    assert ink(pdf).any()
    assert any(name.startswith(("Noto", "DejaVu")) for name in fonts_of(pdf[0]))


def test_lines_and_pages_of_text_stay(to_pdf):
    pdf = shaped(to_pdf, "שלום\n\n  one\ttwo\n\fthree\n\f\n")
    down = np.flatnonzero(np.diff(ink(pdf, scale=1.0).any(axis=1).astype(int)) == 1)

    assert len(pdf) == 2
    assert words(pdf, 1).strip() == "three"
    assert down[-1] - down[0] == pytest.approx(24, abs=3)  # two lines of 12 points
    assert words(pdf).splitlines()[-1].split() == ["one", "two"]


def test_text_that_needs_no_shaping_is_left_to_its_reader(to_pdf, tmp_path):
    with pytest.raises(FileNotFoundError):
        shaped(to_pdf, "plain — text, Привет, 日本語")
