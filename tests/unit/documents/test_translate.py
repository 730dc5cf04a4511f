"""What is drawn of documents that other programs read, and of mail with all that hangs on it."""

from email.message import EmailMessage
from pathlib import Path

import pypdfium2
import pytest

from faxes.documents import pipeline
from faxes.documents.detect import DocumentType
from faxes.documents.limits import Budget, Limits
from faxes.documents.pipeline import NamedPath
from faxes.documents.translate import parts_of
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError
from faxes.services.intake import MEDIA_TYPES
from tests.unit.documents.document_makers import pdf_bytes, text_content


def message(*attachments, subject="Referral"):
    mail = EmailMessage()
    mail["From"], mail["To"] = "Dr Hale <hale@northside.example>", "records@lakeside.example"
    mail["Date"], mail["Subject"] = "Mon, 02 Mar 2026 14:00:00 +0000", subject
    mail.set_content("The results are enclosed.")
    for name, content in attachments:
        if isinstance(content, EmailMessage):
            mail.add_attachment(content)
        else:
            mail.add_attachment(
                content, maintype="application", subtype="octet-stream", filename=name
            )
    return mail


@pytest.fixture
def mail_file(tmp_path):
    def mail_file(mail):
        path = tmp_path / "message.eml"
        path.write_bytes(mail.as_bytes())
        return path

    return mail_file


@pytest.fixture
def parts(tmp_path):
    def parts(path):
        folder = tmp_path / "parts"
        folder.mkdir()
        source = NamedPath(path, path.name)
        return parts_of([source], folder, paper=Paper.A4, budget=Budget(Limits()))

    return parts


def words_of(pdf: Path):
    return " ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def test_a_message_goes_first_and_its_attachments_follow_in_order(mail_file, parts):
    letter = pdf_bytes(text_content(), text_content())
    path = mail_file(
        message(("letter.pdf", letter), ("note.txt", b"See page 2."), ("run.exe", b"MZ\x90\x00"))
    )
    made = parts(path)

    assert [part.name for part in made] == ["message.eml", "letter.pdf", "note.txt"]
    assert {part.source for part in made} == {0}
    shown = words_of(made[0].path)
    assert "Dr Hale" in shown
    assert "The results are enclosed." in shown
    assert "letter.pdf, note.txt, run.exe" in shown


def test_pages_of_mail_are_counted_and_drawn_alike(mail_file, tmp_path):
    path = mail_file(message(("letter.pdf", pdf_bytes(text_content(), text_content()))))
    seen = pipeline.inspect(path, name="message.eml")
    pages = pipeline.render(
        [NamedPath(path, "message.eml")],
        tmp_path / "fax.tiff",
        quality=Quality.STANDARD,
        paper=Paper.LETTER,
    ).pages

    assert seen.type is DocumentType.MAIL
    assert seen.pages == len(pages) == 3


def test_a_message_attached_to_a_message_is_read_but_no_deeper(mail_file, parts):
    deepest = message(("deepest.txt", b"deepest"), subject="third")
    inner = message(("inner.txt", b"inner"), ("third.eml", deepest), subject="second")
    made = parts(mail_file(message(("second.eml", inner), subject="first")))

    assert [part.name for part in made] == ["message.eml", "second.eml", "inner.txt"]


def test_a_damaged_attachment_is_named_in_the_refusal(mail_file):
    path = mail_file(message(("scan.pdf", b"%PDF-1.7\nbroken")))
    with pytest.raises(DocumentError) as refused:
        pipeline.inspect(path, name="message.eml")

    assert refused.value.code is ErrorCode.DOCUMENT_UNREADABLE
    assert refused.value.params["name"] == "scan.pdf"


def test_text_is_set_by_another_program_only_where_its_letters_join(tmp_path, parts):
    plain, joined = tmp_path / "plain.txt", tmp_path / "joined.txt"
    plain.write_text("Grüße aus 東京, 5 €")
    joined.write_text("مرحبا بالعالم")

    assert parts(plain)[0].path == plain
    (tmp_path / "parts").rmdir()
    assert parts(joined)[0].path.suffix == ".pdf"


def test_every_type_has_a_media_type_and_a_line_in_the_papers():
    paper = (Path(__file__).parents[3] / "docs" / "documents.md").read_text(encoding="utf-8")
    told = paper.lower()

    assert set(MEDIA_TYPES) == set(DocumentType)
    assert [kind for kind in DocumentType if kind.value not in told and kind != "pnm"] == []
