"""Documents for tests, made on the spot."""

import io
import struct
import zlib
from functools import cache

from PIL import Image, ImageDraw

from faxes.services.intake import IncomingFile


@cache
def pdf(pages: int = 1, text: str = "A fax page") -> bytes:
    """A PDF of so many Letter pages, each with its own words."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    sheets = []
    for number in range(pages):
        words = f"BT /F 24 Tf 54 700 Td ({text}) Tj /F 12 Tf 0 -40 Td"
        drawn = f"{words} (Page {number + 1} of {pages}) Tj ET".encode("cp1252")
        sheets += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R >> >> >>" % (2 * number + 5),
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
        ]
    kids = b" ".join(b"%d 0 R" % (2 * number + 4) for number in range(pages))
    catalog = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, pages),
    ]
    return _pdf_of([*catalog, font, *sheets], b"")


def png(width: int = 600, height: int = 800, kind: str = "PNG") -> bytes:
    """A picture with a cross, PNG unless it is to be of another kind."""
    picture = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(picture)
    draw.line((0, 0, width, height), fill=0, width=5)
    draw.line((0, height, width, 0), fill=0, width=5)
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def incoming(content: bytes, name: str = "letter.pdf") -> IncomingFile:
    """A document as somebody brings it."""
    return IncomingFile(name=name, size=len(content), file=io.BytesIO(content))


def huge_png(side: int = 20_000) -> bytes:
    """A picture whose header says that it is huge, and little else: a decompression bomb."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side + 1) * 64), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def pdf_without_pages() -> bytes:
    """A well-formed PDF whose page tree is empty."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [] /Count 0 >>",
    ]
    return _pdf_of(objects, b"")


def encrypted_pdf() -> bytes:
    """A PDF that wants a password to be opened (standard handler, revision 2)."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
        b"<< /Filter /Standard /V 1 /R 2 /P -64 /O <"
        + b"41" * 32
        + b"> /U <"
        + b"42" * 32
        + b"> >>",
    ]
    extra = b"/Encrypt 4 0 R /ID [<" + b"43" * 16 + b"> <" + b"43" * 16 + b">]"
    return _pdf_of(objects, extra)


def _pdf_of(objects: list[bytes], trailer: bytes) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
