"""Documents for tests, made on the spot."""

import io
from functools import cache

from PIL import Image, ImageDraw
from weasyprint import HTML

from faxes.services.intake import IncomingFile


@cache
def pdf(pages: int = 1, text: str = "A fax page") -> bytes:
    """A PDF of so many Letter pages, each with its own words."""
    sheets = "".join(
        f"<section style='break-after: page'><h1>{text}</h1><p>Page {n + 1} of {pages}</p></section>"
        for n in range(pages)
    )
    html = f"<style>@page {{ size: letter }}</style>{sheets}"
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
