"""Documents for tests, made on the spot."""

import io
import struct
import zlib
from functools import cache

from PIL import Image, ImageDraw
from weasyprint import HTML

from faxes.services.intake import IncomingFile


@cache
def pdf(pages: int = 1, text: str = "A fax page") -> bytes:
    """A PDF of so many Letter pages, each with its own words."""
    sheets = "".join(
        f"<section><h1>{text}</h1><p>Page {n + 1} of {pages}</p></section>" for n in range(pages)
    )
    style = "@page { size: letter } section { break-after: page }"
    html = f"<style>{style}</style>{sheets}"
    return bytes(HTML(string=html).write_pdf())


def png(width: int = 600, height: int = 800) -> bytes:
    """A picture with a cross."""
    picture = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(picture)
    draw.line((0, 0, width, height), fill=0, width=5)
    draw.line((0, height, width, 0), fill=0, width=5)
    out = io.BytesIO()
    picture.save(out, "PNG")
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
