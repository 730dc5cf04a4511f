"""``faxify`` and ``unfax``: the portal's conversion in a shell, without a database."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from django.core.management import call_command
from PIL import Image

from faxes.documents.tiff import read_fax_tiff
from faxes.enums import ErrorCode
from faxes.errors import DocumentError
from faxes.wording import sentence
from tests import papers
from tests.unit.documents.document_makers import fax_tiff, page_of_text
from tests.unit.documents.picture_makers import FORMS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "letter.pdf").write_bytes(papers.pdf(2))
    (tmp_path / "film.gif").write_bytes(FORMS["gif"])
    (tmp_path / "broken.pdf").write_bytes(papers.pdf(1)[:200])
    fax_tiff(tmp_path / "fax.tif", page_of_text(2000))
    return tmp_path


def run(name, *arguments):
    """Run a command; what it printed."""
    said = io.StringIO()
    call_command(name, *(str(each) for each in arguments), stdout=said)
    return said.getvalue()


def refused(name, *arguments):
    """Run a command that fails with exit code 1; its complaint."""
    told = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(name, *(str(each) for each in arguments), stdout=told, stderr=told)
    assert ended.value.code == 1
    return told.getvalue()


def test_documents_become_one_fax_and_every_page_is_told(folder):
    out = folder / "out.tiff"
    inputs = [folder / name for name in ("letter.pdf", "film.gif", "fax.tif")]
    said = json.loads(run("faxify", *inputs, "-o", out, "--json"))

    pages = read_fax_tiff(out)
    assert [page["source"] for page in said["pages"]] == [
        "letter.pdf", "letter.pdf", "film.gif", "fax.tif",
    ]  # fmt: skip
    assert said["pages"][0]["decided"] == "text"
    assert said["pages"][3]["decided"] == "fax"
    assert [page["number"] for page in said["pages"]] == [1, 2, 3, 4]
    for told, page in zip(said["pages"], pages, strict=True):
        assert (told["rows"], told["bytes"]) == (page.rows, page.bytes)
    assert said["bytes"] == out.stat().st_size
    assert 0 < sum(page["seconds"] for page in said["pages"]) < said["seconds"]


@pytest.mark.parametrize(
    ("options", "rows", "dpi"),
    [
        ((), 2279, 196),
        (("--quality", "standard", "--paper", "letter"), 1078, 98),
        (("--quality", "superfine", "--paper", "legal"), 5488, 391),
    ],
)
def test_quality_and_paper_are_as_asked(folder, options, rows, dpi):
    out = folder / "out.tiff"
    told = run("faxify", folder / "film.gif", "-o", out, *options)

    (page,) = read_fax_tiff(out)
    assert (page.rows, page.y_dpi) == (rows, dpi)
    assert "1 page," in told


def test_a_cover_comes_first_and_tells_what_it_is_given(folder):
    bare, full, own = (folder / name for name in ("bare.tiff", "full.tiff", "own.tiff"))
    template = folder / "mine.html"
    template.write_text("<h1>For {{to}}</h1><p>{{message}}</p>")
    given = ("--to", "Dr Jones", "--from", "Me", "--subject", "Results", "--message", "Dear Dr")
    run("faxify", folder / "letter.pdf", "-o", bare, "--cover", "plain")
    run("faxify", folder / "letter.pdf", "-o", full, "--cover", "plain", *given)
    said = json.loads(
        run("faxify", folder / "letter.pdf", "-o", own, "--cover", template, *given, "--json")
    )

    assert [page["source"] for page in said["pages"]] == ["cover", "letter.pdf", "letter.pdf"]
    sizes = [[page.bytes for page in read_fax_tiff(path)] for path in (bare, full, own)]
    assert sizes[0][0] < sizes[1][0] != sizes[2][0]
    assert sizes[0][1:] == sizes[1][1:] == sizes[2][1:]


def test_a_fax_becomes_a_pdf_and_the_pdf_the_same_fax(folder):
    pdf, again = folder / "out.pdf", folder / "again.tiff"
    said = json.loads(run("unfax", folder / "fax.tif", "-o", pdf, "--json"))
    run("faxify", pdf, "-o", again)

    assert [page["decided"] for page in said["pages"]] == ["wrapped"]
    assert 0 < said["pages"][0]["seconds"] < said["seconds"]
    assert said["bytes"] == pdf.stat().st_size
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    document.close()
    with Image.open(again) as image:
        assert (~np.asarray(image)[:2000] == page_of_text(2000)).all()


@pytest.mark.parametrize(
    ("command", "inputs", "complaint"),
    [
        ("faxify", ["letter.pdf", "broken.pdf"], ErrorCode.DOCUMENT_UNREADABLE),
        ("unfax", ["broken.pdf"], ErrorCode.DOCUMENT_UNREADABLE),
        ("unfax", ["film.gif"], ErrorCode.DOCUMENT_UNREADABLE),
        ("faxify", ["missing.pdf"], "missing.pdf: No such file or directory\n"),
    ],
)
def test_trouble_is_one_line_and_leaves_nothing_behind(folder, command, inputs, complaint):
    before = sorted(folder.iterdir())
    told = refused(command, *(folder / name for name in inputs), "-o", folder / "out")

    if isinstance(complaint, ErrorCode):
        complaint = sentence(DocumentError(complaint, name=inputs[-1])) + "\n"
    assert told.endswith(complaint)
    assert told.count("\n") == 1
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("cover", ["no-such-layout", "film.gif"])
def test_a_cover_that_is_none_is_refused(folder, cover):
    out = folder / "out.tiff"
    refused("faxify", folder / "letter.pdf", "-o", out, "--cover", folder / cover)

    assert not out.exists()


def test_an_earlier_result_outlives_a_failure(folder):
    out = folder / "out.tiff"
    out.write_bytes(b"earlier")
    refused("faxify", folder / "broken.pdf", "-o", out)

    assert out.read_bytes() == b"earlier"


@pytest.mark.real
def test_a_shell_gets_a_line_and_a_number_and_no_database_is_made(folder):
    data = folder / "data"
    command = [sys.executable, "manage.py", "faxify", str(folder / "broken.pdf"), "-o"]
    ended = subprocess.run(
        [*command, str(folder / "out.tiff")],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "FAXPORTAL_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("“broken.pdf” is damaged")
    assert ended.stderr.count("\n") == 1
    assert sorted(path.name for path in data.iterdir()) == ["secret_key", "site_key"]
