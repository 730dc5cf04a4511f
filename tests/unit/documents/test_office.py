"""Office documents and PostScript become PDF in a program of their own, and then fax pages."""

import io
import shutil
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from faxes.documents import pipeline, translate
from faxes.documents.detect import DocumentType, detect
from faxes.documents.limits import Budget, Limits
from faxes.documents.pipeline import NamedPath
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError
from tests.unit.documents.office_makers import WORDS, make_office_documents

KINDS = ("doc", "docx", "odt", "rtf", "xls", "xlsx", "ods", "ppt", "pptx", "odp")
LOCKED = Path(__file__).with_name("locked")
NAMES = "urn:oasis:names:tc:opendocument:xmlns"
POSTSCRIPT = f"""%!PS-Adobe-3.0
/Helvetica findfont 14 scalefont setfont
1 1 3 {{ pop 72 720 moveto ({WORDS}) show showpage }} for
"""
ENCAPSULATED = f"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 200 100
/Helvetica findfont 14 scalefont setfont 10 50 moveto ({WORDS}) show
"""


@pytest.fixture(scope="session")
def office(tmp_path_factory):
    return make_office_documents(tmp_path_factory.mktemp("office"))


@pytest.fixture
def translated(tmp_path):
    def translated(path, *, name="a document", limits=Limits()):  # noqa: B008
        folder = tmp_path / "parts"
        folder.mkdir(exist_ok=True)
        [part] = translate.parts_of(
            [NamedPath(path, name)], folder, paper=Paper.LETTER, budget=Budget(limits)
        )
        return part.path

    return translated


def words_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded() for page in document]


def refusal(call, *arguments, **options):
    with pytest.raises(DocumentError) as caught:
        call(*arguments, **options)
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_every_office_document_is_read_whatever_it_is_called(office, translated, tmp_path, kind):
    path = tmp_path / "report.pdf"
    shutil.copy(office[kind], path)

    assert detect(path, name="report.pdf") is DocumentType(kind)
    assert WORDS in words_of(translated(path))[0]


def test_an_office_document_becomes_fax_pages_among_others(office, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("See the table.")
    sources = [NamedPath(path, path.name) for path in (office["docx"], note, office["xlsx"])]
    pages = pipeline.render(
        sources, tmp_path / "fax.tiff", quality=Quality.FINE, paper=Paper.LETTER
    ).pages
    counted = [pipeline.inspect(source.path, name=source.name).pages for source in sources]

    assert counted[0] > 1
    assert [page.source for page in pages] == [0] * counted[0] + [1] + [2] * counted[2]
    assert all(page.decided == "text" for page in pages)


@pytest.mark.parametrize("name", ["word97.doc", "excel97.xls", "writer.odt"])
def test_a_document_with_a_password_is_told_from_a_damaged_one(name):
    refused = refusal(pipeline.inspect, LOCKED / name, name=name)

    assert refused.code is ErrorCode.DOCUMENT_ENCRYPTED
    assert refused.params["name"] == name


def test_a_modern_document_with_a_password_is_known_by_its_container(tmp_path):
    path = tmp_path / "locked.docx"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    path.write_bytes(ole + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512))

    assert refusal(pipeline.inspect, path, name="x").code is ErrorCode.DOCUMENT_ENCRYPTED


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_document_is_refused_or_read_but_never_breaks_anything(office, tmp_path, kind):
    path = tmp_path / "half"
    whole = office[kind].read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    try:
        assert pipeline.inspect(path, name="half").pages > 0
    except DocumentError as refused:
        assert refused.code in {  # noqa: PT017 - both ends are right
            ErrorCode.DOCUMENT_UNREADABLE,
            ErrorCode.DOCUMENT_TYPE_UNSUPPORTED,
            ErrorCode.DOCUMENT_NO_PAGES,
        }
    assert pipeline.inspect(office[kind], name="whole").pages > 0


def test_an_archive_that_is_no_document_is_refused(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("holiday.jpg", "nothing to fax")
    path = tmp_path / "holiday.zip"
    path.write_bytes(out.getvalue())

    refused = refusal(pipeline.inspect, path, name="holiday.zip")
    assert refused.code is ErrorCode.DOCUMENT_TYPE_UNSUPPORTED


def test_a_document_cannot_show_what_lies_on_the_machine(tmp_path, translated):
    secret = tmp_path / "secret.txt"
    secret.write_text("the canary sings")
    link = f'xlink:href="{secret.as_uri()}"'
    path = tmp_path / "link.odt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{NAMES}:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.text"/>'
            '<manifest:file-entry manifest:full-path="content.xml" '
            'manifest:media-type="text/xml"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{NAMES}:office:1.0"'
            f' xmlns:text="{NAMES}:text:1.0"'
            ' xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2"><office:body>'
            f'<office:text><text:section text:name="s"><text:section-source {link} '
            'xlink:type="simple" xlink:show="embed"/><text:p>before</text:p></text:section>'
            "<text:p>after</text:p></office:text></office:body></office:document-content>",
        )

    shown = " ".join(words_of(translated(path)))
    assert "after" in shown
    assert "canary" not in shown


def test_postscript_is_set_page_by_page_on_the_sheet_asked_for(tmp_path, translated):
    path = tmp_path / "program.pdf"
    path.write_text(POSTSCRIPT)
    pdf = translated(path)

    assert words_of(pdf) == [WORDS] * 3
    assert pypdfium2.PdfDocument(pdf)[0].get_size() == (612, 792)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda program: b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=POSTSCRIPT\r\n" + program,
        lambda program: b"\x04" + program + b"\x04",
    ],
    ids=["printer job", "end of transmission"],
)
def test_what_printer_drivers_put_around_postscript_is_put_up_with(tmp_path, translated, wrap):
    path = tmp_path / "spool"
    path.write_bytes(wrap(POSTSCRIPT.encode()))

    assert words_of(translated(path)) == [WORDS] * 3


def test_encapsulated_postscript_is_as_large_as_its_box(tmp_path, translated):
    path = tmp_path / "logo.eps"
    path.write_text(ENCAPSULATED)

    assert pypdfium2.PdfDocument(translated(path))[0].get_size() == (200, 100)


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("%!PS\n{ } loop", ErrorCode.DOCUMENT_TOO_SLOW),
        ("%!PS\n{ 9 9 9 9 rectfill showpage } loop", ErrorCode.DOCUMENT_TOO_SLOW),
        ("%!PS\n{ (words without end) print } loop", ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE),
        ("%!PS\n[ { 1000000 string } loop", ErrorCode.DOCUMENT_TOO_MUCH_MEMORY),
        ("%!PS\n(/etc/passwd) (r) file 100 string readstring pop show showpage", None),
        ("%!PS\n(%pipe%id) (r) file pop", None),
        ("%!PS\nthis is not PostScript", None),
    ],
)
def test_hostile_postscript_ends_in_a_named_error(tmp_path, program, code):
    path = tmp_path / "hostile.ps"
    path.write_text(program)
    limits = Limits(cpu_seconds=2, output_bytes=20_000_000, memory_bytes=300_000_000)
    refused = refusal(pipeline.inspect, path, name="hostile.ps", limits=limits)

    assert refused.code is (code or ErrorCode.DOCUMENT_UNREADABLE)
