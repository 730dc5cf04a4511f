"""Mail is taken apart whatever it says of itself: page, pictures, attachments, clear refusals."""

import io
from email.message import EmailMessage
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from faxes.documents import mail
from faxes.documents.detect import DocumentType, detect
from faxes.documents.limits import Limits
from faxes.documents.sandbox import HTML_SANDBOX
from faxes.documents.zygote import Job
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

HEAD = b"From: a@b.example\nDate: Sat, 21 Nov 2026 12:00:00 +0000\nMIME-Version: 1.0\n"


@pytest.fixture
def open_mail(tmp_path):
    """Take a message apart in the sandbox."""

    def open_mail(data):
        path = tmp_path / "message"
        path.write_bytes(bytes(data))
        return HTML_SANDBOX.run(
            "faxes.documents.mail:open_mail",
            {"path": str(path), "folder": str(tmp_path)},
            folder=tmp_path,
            limits=Limits(cpu_seconds=10),
        )

    return open_mail


def page_of(opened):
    return Path(opened["html"]).read_text(encoding="utf-8")


def names_of(opened):
    return [attachment["name"] for attachment in opened["attachments"]]


def letter(text="Dear Sir"):
    message = EmailMessage()
    message["From"] = "Dr. Jörg Müller <jm@x.example>"
    message["To"] = "a@y.example, b@y.example"
    message["Subject"] = "Größe <b> 日本"
    message["Date"] = "Sat, 21 Nov 2026 12:00:00 +0000"
    message.set_content(text)
    return message


def png():
    out = io.BytesIO()
    Image.new("L", (60, 60), 0).save(out, "PNG")
    return out.getvalue()


def test_head_and_text_are_shown_as_text(open_mail):
    page = page_of(open_mail(letter("1 < 2 & <script>\n\n  two\n")))

    assert "Jörg Müller" in page
    assert "Größe &lt;b&gt; 日本" in page
    assert "1 &lt; 2 &amp; &lt;script&gt;\n\n  two" in page


def test_html_goes_before_text_with_its_pictures(open_mail, tmp_path):
    message = letter("plain")
    message.add_alternative("<h1>Hello</h1><img src='cid:one@x'>", subtype="html")
    message.get_payload(1).add_related(png(), "image", "png", cid="<one@x>")
    message.get_payload(1).add_related(png(), "image", "png", cid="<unused@x>")
    opened = open_mail(message)

    assert "<h1>Hello" in page_of(opened)
    assert "plain" not in page_of(opened)
    assert list(opened["files"]) == ["cid:one@x"]
    assert len(opened["attachments"]) == 1  # what the page does not show is not lost

    out = tmp_path / "out.pdf"
    HTML_SANDBOX.run(
        "faxes.documents.html:to_pdf",
        {"path": opened["html"], "out": str(out), "files": opened["files"]},
        folder=tmp_path,
        limits=Limits(),
    )
    with pypdfium2.PdfDocument(out) as pdf:
        kinds = [thing.type for thing in pdf[0].get_objects()]
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE in kinds


def test_attachments_keep_name_order_and_bytes(open_mail):
    message = letter()
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="Größe.pdf")
    message.add_attachment("note", filename="../../etc/passwd")
    message.add_attachment(letter("inner"))
    message.add_attachment(
        b"tnef", maintype="application", subtype="ms-tnef", filename="winmail.dat"
    )
    opened = open_mail(message)

    assert names_of(opened) == [
        "Größe.pdf",
        ".. .. etc passwd",
        "Größe <b> 日本.eml",
        "winmail.dat",
    ]
    paths = [Path(attachment["path"]) for attachment in opened["attachments"]]
    assert paths[0].read_bytes() == b"%PDF-"
    assert detect(paths[2], name="inner") is DocumentType.MAIL
    assert "Größe.pdf, .. .. etc passwd, " in page_of(opened)


@pytest.mark.parametrize(
    ("headers", "body", "shown"),
    [
        (b"Content-Type: text/plain; charset=nonsense\n", "Grüße".encode(), "Grüße"),
        (b"Content-Type: text/plain; charset=us-ascii\n", "Grüße".encode("cp1252"), "Grüße"),
        (b"Content-Type: text/plain; charset=utf-8\n", "Grüße".encode("cp1252"), "Grüße"),
        (b"Content-Type: text/plain; charset=gb2312\n", "漢字你好".encode("gb18030"), "漢字你好"),
        (b"Content-Type: text/html\n", "<meta charset=koi8-r>Привет".encode("koi8-r"), "Привет"),
        (b"Content-Type: multipart/mixed\n", b"no boundary", "no boundary"),
        (
            b"Content-Type: text/plain; format=flowed\n",
            b"to \nbe\n> or \n> not\n",
            "to be\n&gt; or not",
        ),
        (b"Content-Transfer-Encoding: base64\n", b"R3L!!8O8w5\xff9l=", ""),
        (b"Subject: =?nosuch?b?4pyT?= \xe9 =?utf-8?q?=C3=A9?=\n", b"x", "é"),
        (b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n", b"x", "aaa"),
        (b"To: " + b"a <a@b>, " * 100_000 + b"\n", b"x", "a@b"),
        (b"Content-Type: " + b"/;" * 50_000 + b"\n", b"", ""),
    ],
)
def test_what_is_wrong_is_read_as_well_as_can_be(open_mail, headers, body, shown):
    assert shown in page_of(open_mail(HEAD + headers + b"\n" + body))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"Content-Type: multipart/encrypted; boundary=q\n\n--q\n\nx\n--q--", "ENCRYPTED"),
        (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx", "ENCRYPTED"),
        (
            b"Content-Type: application/pkcs7-mime\n\n"
            + bytes.fromhex("308006092a864886f70d010702"),
            "UNREADABLE",
        ),
        (b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5000, "UNREADABLE"),
        (
            b"".join(
                b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
                for n in range(2000)
            ),
            "UNREADABLE",
        ),
        (b"Content-Type: message/rfc822\n\n" * 2000, "UNREADABLE"),
    ],
    ids=["PGP", "S/MIME", "signed opaquely", "parts", "nested", "forwarded"],
)
def test_what_cannot_be_read_is_refused(open_mail, message, code):
    with pytest.raises(DocumentError) as caught:
        open_mail(HEAD + message)

    assert caught.value.code is ErrorCode[f"DOCUMENT_{code}"]


PIECES = st.sampled_from(
    [
        *(
            b"Content-Type: ",
            b"multipart/mixed; ",
            b"boundary=",
            b"b",
            b"\n",
            b"\n\n",
            b"--b",
            b"--",
        ),
        *(
            b"text/html; charset=",
            b"utf-7",
            b"=?utf-8?q?",
            b"?=",
            b"message/rfc822",
            b"name*0*=",
            b"%",
        ),
        *(b"Content-Disposition: attachment; ", b"filename*=utf-8''x", b'"', b";", b"\xff", b"("),
        *(b"Content-Transfer-Encoding: base64", b"Content-ID: <>", b"multipart/alternative; "),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.lists(PIECES, max_size=40))
def test_no_message_is_too_odd(tmp_path, pieces):
    path = tmp_path / "message"
    path.write_bytes(HEAD + b"".join(pieces))
    job = Job(tmp_path, Limits(), lambda _facts: None)

    try:
        opened = mail.open_mail(job, path=str(path), folder=str(tmp_path))
    except DocumentError:
        return
    for attachment in opened["attachments"]:
        assert Path(attachment["path"]).stat().st_size == attachment["size"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Received: by x\n\tfor y\nReturn-Path: <a@b>\n\nx", DocumentType.MAIL),
        ("From a@b Sat Nov 21\nSubject: a\nMessage-ID: <1@x>\n\nx", DocumentType.MAIL),
        (HEAD.decode() + "\n<html>", DocumentType.MAIL),
        ("From: Ann\nTo: Bob\nSubject: Lunch\n\nDear Bob", DocumentType.TEXT),
        ("From: Ann\nTo: Bob\nDate: 5 May 2026\nRe: Lunch\n\nDear Bob", DocumentType.TEXT),
        ("Message-ID: alone", DocumentType.TEXT),
        ("<!-- x -->\n<!DOCTYPE html><p>x", DocumentType.HTML),
        ("<?xml version='1.0'?>\n<html xmlns='x'>", DocumentType.HTML),
        ("\ufeff  <table><tr>", DocumentType.HTML),
        ("<?xml version='1.0'?><note/>", DocumentType.TEXT),
        ("if a <b and c> d", DocumentType.TEXT),
        ("<!-- -->" * 10_000, DocumentType.TEXT),
    ],
)
def test_mail_and_html_are_known_by_their_first_lines(tmp_path, text, kind):
    path = tmp_path / "x.txt"
    path.write_text(text, encoding="utf-8")

    assert detect(path, name="x.txt") is kind
