"""From files to fax pages, PDF and PNG, through the sandbox: one page's story a test."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from faxes.documents import pipeline
from faxes.documents.detect import DocumentType
from faxes.documents.limits import Limits
from faxes.documents.pipeline import Inspection, NamedPath
from faxes.documents.tiff import Coding, page_bits, read_fax_tiff
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError
from tests.unit.documents.document_makers import (
    encrypted_pdf,
    fax_tiff,
    page_of_text,
    pdf_bytes,
    photograph,
    png_header,
    text_content,
    tiffcp,
)


@pytest.fixture
def files(tmp_path):
    """A file of every kind; the folder for results is beside them."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "letter.pdf").write_bytes(pdf_bytes(text_content(), text_content(seed=2)))
    (folder / "note.txt").write_text("Please call back.\n" * 100)
    photograph().save(folder / "photo.jpg", dpi=(100, 100))
    photograph().save(folder / "photo.png", dpi=(100, 100))
    fax_tiff(folder / "fax.tif", page_of_text())
    return folder


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "pages.tif"


def render(paths, out, quality=Quality.FINE, paper=Paper.A4, limits=None):
    named = [NamedPath(path, f"my {path.name}") for path in paths]
    return pipeline.render(named, out, quality=quality, paper=paper, limits=limits or Limits())


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def refused(code, call, *arguments, **named):
    with pytest.raises(DocumentError) as caught:
        call(*arguments, **named)
    assert caught.value.code is code
    assert caught.value.field == "documents"
    return caught.value.params


@pytest.mark.parametrize(
    ("name", "kind", "pages"),
    [
        ("letter.pdf", DocumentType.PDF, 2),
        ("note.txt", DocumentType.TEXT, 2),
        ("photo.jpg", DocumentType.JPEG, 1),
        ("photo.png", DocumentType.PNG, 1),
        ("fax.tif", DocumentType.TIFF, 1),
    ],
)
def test_inspection_tells_type_pages_and_size(files, name, kind, pages):
    path = files / name

    seen = pipeline.inspect(path, name=name)

    assert seen == Inspection(kind, pages, path.stat().st_size)


def test_all_documents_of_a_fax_become_one_file_in_their_order(files, out):
    names = ["note.txt", "letter.pdf", "photo.jpg", "fax.tif", "photo.png"]
    made = render([files / name for name in names], out)

    assert made.path == out
    assert [page.number for page in made.pages] == [1, 2, 3, 4, 5, 6, 7]
    assert [page.source for page in made.pages] == [0, 0, 1, 1, 2, 3, 4]
    assert [page.rows for page in made.pages] == [2279] * 7
    assert [page.decided for page in made.pages] == [*["text"] * 4, "photo", "fax", "photo"]
    facts = read_fax_tiff(out)
    assert [page.bytes for page in facts] == [page.bytes for page in made.pages]
    assert {(page.width, page.compression) for page in facts} == {(1728, Coding.T6)}
    assert all(page_bits(out, page.number).any() for page in facts)


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("paper", Paper)
def test_every_quality_on_every_paper(files, out, quality, paper):
    made = render([files / "letter.pdf"], out, quality, paper)

    assert {page.quality for page in read_fax_tiff(out)} == {quality}
    inches = made.pages[0].rows / {"standard": 98, "fine": 196, "superfine": 391}[quality]
    assert inches == pytest.approx({"a4": 11.65, "letter": 11, "legal": 14}[paper], abs=0.05)


def test_a_fax_page_goes_through_untouched(files, out):
    render([files / "fax.tif"], out)

    assert out.read_bytes() == (files / "fax.tif").read_bytes()


def test_nothing_but_the_result_is_left_behind(files, out):
    render([files / "letter.pdf"], out)
    pipeline.pdf_of(out, out.with_name("fax.pdf"))
    pipeline.lower_resolution(out, out.with_name("low.tif"), Quality.STANDARD)

    assert names_in(out.parent) == ["fax.pdf", "low.tif", "pages.tif"]


def test_a_failure_leaves_nothing_behind_and_what_was_there_stays(files, out):
    (files / "broken.pdf").write_bytes(pdf_bytes(text_content())[:500])
    out.write_bytes(b"from before")

    params = refused(
        ErrorCode.DOCUMENT_UNREADABLE, render, [files / "letter.pdf", files / "broken.pdf"], out
    )

    assert params["name"] == "my broken.pdf"
    assert names_in(out.parent) == ["pages.tif"]
    assert out.read_bytes() == b"from before"


ELF = b"\x7fELF\x02\x01\x01" + bytes(300)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.pdf", b"", ErrorCode.DOCUMENT_EMPTY),
        ("virus.pdf", ELF, ErrorCode.DOCUMENT_TYPE_UNSUPPORTED),
        ("nul.txt", b"Dear\x00Sir", ErrorCode.DOCUMENT_TYPE_UNSUPPORTED),
        ("locked.pdf", encrypted_pdf(), ErrorCode.DOCUMENT_ENCRYPTED),
        ("none.pdf", pdf_bytes(), ErrorCode.DOCUMENT_NO_PAGES),
        ("broken.pdf", b"%PDF-1.5 and no more", ErrorCode.DOCUMENT_UNREADABLE),
        ("huge.png", png_header(20_000, 20_000), ErrorCode.DOCUMENT_TOO_MANY_PIXELS),
        ("short.png", png_header(100, 100)[:60], ErrorCode.DOCUMENT_UNREADABLE),
        ("bad.tif", b"II*\0\x99\x99\x99\x99", ErrorCode.DOCUMENT_UNREADABLE),
        ("blank.txt", b" \n", ErrorCode.DOCUMENT_EMPTY),
    ],
)
def test_what_cannot_be_a_fax_is_refused_at_once_and_by_name(tmp_path, out, name, content, code):
    path = tmp_path / "upload"
    path.write_bytes(content)

    params = refused(code, pipeline.inspect, path, name=name)
    assert params["name"] == name
    again = refused(
        code, pipeline.render, [NamedPath(path, name)], out, quality=Quality.FINE, paper=Paper.A4
    )
    assert again == params
    assert not names_in(out.parent)


def test_too_large_a_file_is_refused_unread(tmp_path):
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.truncate(31_000_000)

    params = refused(ErrorCode.DOCUMENT_TOO_LARGE, pipeline.inspect, path, name="large.pdf")
    assert params == {"name": "large.pdf", "limit": 30}


def test_too_many_pages_are_refused_in_one_document_and_in_all(files, out):
    limits = Limits(pages=3)
    (files / "long.pdf").write_bytes(pdf_bytes(*[""] * 4))

    params = refused(
        ErrorCode.DOCUMENT_TOO_MANY_PAGES,
        pipeline.inspect,
        files / "long.pdf",
        name="long.pdf",
        limits=limits,
    )
    assert params == {"name": "long.pdf", "pages": 4, "limit": 3}
    params = refused(
        ErrorCode.DOCUMENT_TOO_MANY_PAGES,
        render,
        [files / "letter.pdf", files / "note.txt"],
        out,
        limits=limits,
    )
    assert params["name"] == "my note.txt"


def test_a_result_that_grows_too_large_is_refused(files, out):
    params = refused(
        ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE,
        render,
        [files / "photo.jpg"],
        out,
        limits=Limits(output_bytes=8_000),
    )
    assert params["name"] == "my photo.jpg"


def test_a_page_that_takes_for_ever_is_given_up(files, out):
    heavy = "0 0 m 500 700 l 100 500 400 300 200 100 c S " * 100_000
    (files / "heavy.pdf").write_bytes(pdf_bytes(*[heavy] * 5))

    params = refused(
        ErrorCode.DOCUMENT_TOO_SLOW,
        render,
        [files / "heavy.pdf"],
        out,
        limits=Limits(cpu_seconds=1),
    )
    assert params["name"] == "my heavy.pdf"


def test_a_pdf_of_pages_shows_them(files, out):
    render([files / "letter.pdf"], out)
    pdf = out.with_suffix(".pdf")
    for own, sound in ((False, False), (True, False), (False, True)):
        pipeline.pdf_of(out, pdf, own=own, sound=sound)
        assert pipeline.inspect(pdf, name="fax.pdf").pages == 2


def test_a_tiff_that_cannot_be_wrapped_is_coded_anew(files, out):
    odd = tiffcp(files / "fax.tif", files / "odd.tif", "-c", "lzw")
    pipeline.pdf_of(odd, out.with_suffix(".pdf"))
    again = render([out.with_suffix(".pdf")], out)

    assert len(again.pages) == 1
    assert (page_bits(out, 1) == page_bits(files / "fax.tif", 1)).all()


def test_one_pdf_shows_the_pages_of_several_faxes_in_order(files, out):
    render([files / "letter.pdf"], out)
    odd = tiffcp(files / "fax.tif", files / "odd.tif", "-c", "lzw")
    received = tiffcp(files / "fax.tif", files / "received.tif", "-c", "g3:2d")
    pdf = out.with_suffix(".pdf")
    pipeline.pdf_of_many([(out, True), (odd, False), (received, False)], pdf)
    assert pipeline.inspect(pdf, name="faxes.pdf").pages == 4
    again = out.with_name("again.tiff")
    render([pdf], again)
    shown = page_bits(files / "fax.tif", 1)
    assert (page_bits(again, 1) == page_bits(out, 1)).all()
    assert (page_bits(again, 3) == shown).all()
    assert (page_bits(again, 4) == shown).all()


def test_one_pdf_of_what_is_no_fax_is_refused_and_leaves_nothing(files, out):
    render([files / "letter.pdf"], out)
    pdf = out.with_suffix(".pdf")
    with pytest.raises(DocumentError):
        pipeline.pdf_of_many([(out, True), (files / "note.txt", False)], pdf)
    assert not pdf.exists()


def test_a_page_is_pictured(files):
    for own in (False, True):
        image = Image.open(io.BytesIO(pipeline.png_of(files / "fax.tif", 1, 300, own=own)))
        assert image.width == 300
        assert 0 < np.asarray(image.convert("L")).mean() < 255


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("page", [0, 2])
def test_a_page_that_is_not_there_is_not_pictured(files, own, page):
    refused(ErrorCode.DOCUMENT_UNREADABLE, pipeline.png_of, files / "fax.tif", page, 300, own=own)


def test_a_received_fax_is_verified(files):
    (page,) = pipeline.verify(files / "fax.tif")
    facts = page.facts
    assert (facts.number, facts.width, facts.rows, facts.compression) == (1, 1728, 2279, Coding.T6)
    assert page.whole
    assert page.clean


def test_a_received_fax_that_breaks_off_is_told_from_one_without_a_mark(files):
    data = (files / "fax.tif").read_bytes()
    start = read_fax_tiff(files / "fax.tif")[0].bytes // 2
    (files / "damaged.tif").write_bytes(data[:start] + bytes(len(data) - start - 400) + data[-400:])
    (files / "short.tif").write_bytes(data[:2000])

    assert [page.whole for page in pipeline.verify(files / "damaged.tif")] == [False]
    refused(ErrorCode.DOCUMENT_UNREADABLE, pipeline.verify, files / "short.tif")


def test_pages_for_an_old_machine(files, out):
    pipeline.lower_resolution(files / "fax.tif", out, Quality.STANDARD)

    (page,) = read_fax_tiff(out)
    assert (page.rows, page.y_dpi) == (1140, 98)


def test_faxes_are_made_in_many_threads_at_once(files, tmp_path):
    def make(number):
        made = render([files / "letter.pdf", files / "note.txt"], tmp_path / f"{number}.tif")
        return made.path.read_bytes()

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(make, range(8)))

    assert len(set(results)) == 1
