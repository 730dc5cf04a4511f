"""What of a message is chosen to be faxed: all kinds of messages, good and bad."""

import io
import json
from contextlib import suppress
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from faxes.documents.limits import Limits
from faxes.documents.zygote import Job
from faxes.errors import DocumentError
from faxes.mail.head import read_head
from faxes.mail.message import read, take_apart
from tests import papers
from tests.mail.conftest import letter


@pytest.fixture
def chosen(tmp_path_factory):
    """The names of what is faxed of a message, with its first bytes."""

    def take(mail: EmailMessage | bytes) -> list[str]:
        folder = tmp_path_factory.mktemp("mail")
        (folder / "message").write_bytes(bytes(mail))
        (folder / "parts").mkdir()
        taken = take_apart(folder / "message", folder / "parts")
        assert all(part.path.exists() for part in taken.parts)
        return [part.name for part in taken.parts]

    return take


def picture(width: int, height: int, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).save(out, kind)
    return out.getvalue()


def html_mail(body: str = "<p>Dear <img src='cid:logo'></p>") -> EmailMessage:
    mail = letter("Dear\n")
    mail.add_alternative(body, subtype="html")
    return mail


def test_pictures_of_signatures_stay_and_photos_go(chosen):
    mail = html_mail()
    *_, page = mail.iter_parts()
    page.add_related(picture(600, 150, "PNG"), "image", "png", cid="<logo>")
    assert chosen(mail) == ["message.txt"]
    mail.add_attachment(papers.pdf(), "application", "pdf", filename="a.pdf")
    fine = html_mail("<p>Dear <img width=186 height=66 src='cid:logo'></p>")  # for fine screens
    *_, page = fine.iter_parts()
    page.add_related(picture(900, 320, "PNG"), "image", "png", cid="<logo>", filename="i1.png")
    assert chosen(fine) == ["message.txt"]
    assert chosen(mail) == ["a.pdf"]
    photo: dict[str, Any] = {"filename": "photo.jpg", "disposition": "inline"}
    mail.add_attachment(picture(900, 1200), "image", "jpeg", **photo)
    assert chosen(mail) == ["a.pdf", "photo.jpg"]
    phone = letter("\n\n")
    phone.add_attachment(picture(900, 1200), "image", "jpeg", **photo)
    assert chosen(phone) == ["photo.jpg"]
    tiny = letter("\n")
    tiny.add_attachment(picture(90, 90), "image", "jpeg", **photo)
    assert chosen(tiny) == ["photo.jpg"], "there is nothing else that can be meant"
    own = letter("See the card.\n")
    own.add_attachment(picture(90, 90, "PNG"), "image", "png", filename="card.png")
    assert chosen(own) == ["card.png"], "attached on purpose"


def test_texts_are_read_as_people_read_them(chosen, tmp_path_factory):
    assert chosen(html_mail()) == ["message.txt"]
    apple = letter("See this:\n")
    apple.add_attachment(papers.pdf(), "application", "pdf", filename="a.pdf")
    apple.add_attachment("<br>Sent from afar", subtype="html", filename="ATT00001.htm")
    assert chosen(apple) == ["a.pdf"]
    only = EmailMessage()
    only.set_content("<p>Dear Dr Jones</p>", subtype="html")
    assert chosen(only) == ["message.html"]
    assert chosen(b"Content-Type: text/html\r\n\r\n<style>p{}</style><p>&nbsp;</p>") == []
    assert chosen(b"Content-Type: text/plain; charset=x-bogus\r\n\r\n\xff\xfe\x80 words") == [
        "message.txt"
    ]


def test_names_and_kinds_are_seen_through(chosen):
    mail = letter()
    mail.add_attachment(papers.pdf(), "application", "octet-stream", filename="übung.bin")
    mail.add_attachment(papers.png(), "application", "pdf", filename="../../etc/x.pdf")
    mail.add_attachment(b"BEGIN:VCARD", "text", "vcard", filename="me.vcf")
    mail.add_attachment(b"0", "application", "pkcs7-signature", filename="smime.p7s")
    inner = letter()
    inner.replace_header("Subject", "Yesterday")
    mail.add_attachment(inner)
    assert chosen(mail) == ["übung.bin", ".. .. etc x.pdf", "Yesterday.eml"]
    split = b"filename*0*=UTF-8''%e2%82%ac; filename*1=\"uro.pdf\""
    head = b"Content-Type: application/pdf\r\nContent-Disposition: attachment; " + split
    assert chosen(head + b"\r\n\r\n%PDF-1.4") == ["€uro.pdf"]


def test_bad_messages_are_refused_or_read_and_harm_nobody(chosen):
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nline\r\n"
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 1000 + b"--b--\r\n"
    assert chosen(many) == ["message.txt"]
    assert chosen(b"Subject: " + b"x" * 2_000_000 + b"\r\n\r\nwords") == ["message.txt"]
    levels = (
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300)
    )
    for bad in (
        b"".join(levels) + b"\r\nx",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 3000,
        b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx",
        b"Content-Type: application/pkcs7-mime\r\n\r\nx",
    ):
        with pytest.raises(DocumentError):
            chosen(bad)


_LINES = st.one_of(
    st.sampled_from(
        [
            b"",
            b"--b",
            b"--b--",
            b"=FF=",
            b"begin 644 x",
            b"PK\x03\x04",
            b" folded",
            b"no colon",
            b"Content-Type: multipart/mixed; boundary=b",
            b"Content-Type: multipart/alternative; boundary*=utf-16''b",
            b'Content-Type: text/html; charset="\xff"',
            b"Content-Type: text/plain; format=flowed; delsp=yes; charset=utf-7",
            b"Content-Type: message/rfc822",
            b"Content-Type: message/external-body",
            b"Content-Type: ;;=",
            b"Content-Type: image/png",
            b"Content-Transfer-Encoding: base64",
            b"Content-Transfer-Encoding: x-uuencode",
            b"Content-Disposition: inline; filename*0*=bogus'x'%FF; filename*0=a",
            b"Content-ID: <logo",
            b"From: =?x?q?=FF?= <a@b, c",
            b"Subject: =?utf-8?b?////?=",
            b"Auto-Submitted:",
            b"Message-ID: \x00",
            b"Authentication-Results: a;;= =;dkim=pass",
        ]
    ),
    st.binary(max_size=40),
)


@settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=st.lists(_LINES, max_size=30), end=st.sampled_from([b"\r\n", b"\n", b"\r"]))
def test_no_message_whatever_breaks_the_readers(tmp_path, lines, end):
    """Here without the sandbox, which would take a fault of ours for one of the message."""
    (tmp_path / "message").write_bytes(end.join(lines))
    read_head(end.join(lines), site="fax.localhost", authserv="a")
    with suppress(DocumentError):
        told = read(
            Job(tmp_path, Limits(), print), path=str(tmp_path / "message"), folder=str(tmp_path)
        )
        assert json.loads(json.dumps(told)) == told
