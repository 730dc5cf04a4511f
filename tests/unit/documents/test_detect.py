"""A file is what its bytes are, whatever it is called."""

import codecs
import io
import zipfile

import pytest
from PIL import Image

from faxes.documents.detect import DocumentType, detect
from faxes.enums import ErrorCode
from faxes.errors import DocumentError
from tests.unit.documents.document_makers import pdf_bytes, text_content


def picture(form, mode="L", **options):
    out = io.BytesIO()
    Image.new(mode, (10, 10), 255).save(out, form, **options)
    return out.getvalue()


def archive(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(name, "<w:document/>")
    return out.getvalue()


PDF = pdf_bytes(text_content())


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, DocumentType.PDF),
        (b"\n" * 500 + PDF, DocumentType.PDF),
        (b"\xef\xbb\xbf" + PDF, DocumentType.PDF),
        (picture("PNG"), DocumentType.PNG),
        (picture("JPEG"), DocumentType.JPEG),
        (picture("TIFF"), DocumentType.TIFF),
        (picture("TIFF", "1", compression="group4"), DocumentType.TIFF),
        (picture("TIFF", big_tiff=True), DocumentType.TIFF),
        (picture("GIF"), DocumentType.GIF),
        (picture("WEBP"), DocumentType.WEBP),
        (picture("BMP"), DocumentType.BMP),
        (picture("PPM"), DocumentType.PNM),
        (b"Dear Sir,\r\n\tplease\x0c", DocumentType.TEXT),
        ("Grüße, 5 €".encode(), DocumentType.TEXT),
        ("Grüße, 5 €".encode("cp1252"), DocumentType.TEXT),
        ("no mark of order".encode("utf-16-le"), DocumentType.TEXT),
        (codecs.BOM_UTF8 + "Ελλάδα".encode(), DocumentType.TEXT),
        ("日本".encode("utf-16"), DocumentType.TEXT),
        (codecs.BOM_UTF16_BE + "Письмо".encode("utf-16-be"), DocumentType.TEXT),
        (b"\x1b[1mbold\x1b[0m", DocumentType.TEXT),
        (b"%!PS-Adobe-3.0\nshowpage\n", DocumentType.POSTSCRIPT),
        (b"{\\rtf1 text}", DocumentType.RTF),
        (archive("word/document.xml"), DocumentType.DOCX),
    ],
)
def test_knows_a_document_by_its_bytes(tmp_path, content, kind):
    path = tmp_path / "upload"
    path.write_bytes(content)

    assert detect(path, name="anything.exe") is kind


@pytest.mark.parametrize(
    "content",
    [
        b"\x7fELF\x02\x01\x01" + bytes(200),
        b"\x7fELF" + PDF,
        b"MZ\x90\x00" + PDF,
        archive("holiday.jpg"),
        archive("holiday.jpg") + PDF,
        b"x" * 1100 + PDF + b"\x00\x01",
        b"\x00" * 10 + PDF,
        picture("BMP")[:15],
        picture("AVIF"),
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"text with a \x00 in it",
        bytes(range(256)),
        b"#!/bin/sh\nreboot\n",
    ],
)
def test_refuses_everything_else_whatever_its_name(tmp_path, content):
    path = tmp_path / "invoice.pdf"
    path.write_bytes(content)

    with pytest.raises(DocumentError) as caught:
        detect(path, name="invoice.pdf")

    assert caught.value.code is ErrorCode.DOCUMENT_TYPE_UNSUPPORTED
    assert caught.value.params == {"name": "invoice.pdf"}


def test_says_of_an_empty_file_that_it_is_empty(tmp_path):
    path = tmp_path / "empty.pdf"
    path.touch()

    with pytest.raises(DocumentError) as caught:
        detect(path, name="empty.pdf")

    assert caught.value.code is ErrorCode.DOCUMENT_EMPTY


def test_text_may_be_cut_within_a_character_by_the_sample(tmp_path):
    path = tmp_path / "long.txt"
    path.write_bytes(b"x" + "é".encode() * (600_000))

    assert detect(path, name="long.txt") is DocumentType.TEXT
