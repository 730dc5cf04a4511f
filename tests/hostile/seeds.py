"""Small good documents of every type, for the fuzzer to damage."""

import io
import tempfile
from email.message import EmailMessage
from pathlib import Path

from PIL import Image

from faxes.documents import wrap
from tests import papers
from tests.unit.documents import document_makers as makers
from tests.unit.documents import office_makers, picture_makers

HTML = """<!DOCTYPE html><html><head><meta charset="utf-8"><style>
@page { size: 210mm 297mm; margin: 15mm } p { width: 50%; margin: 3px 1em; float: left }
table { border-collapse: collapse; columns: 2 } div { display: flex; flex: 1 1 30% }
h1:before { content: counter(a) "\\2014"; counter-increment: a 3 } span { display: grid;
grid-template-columns: repeat(3, 1fr) } td { position: relative; top: 3px; z-index: 2 }
</style></head><body><h1>Fax</h1><p>Words <b>bold <i>both</i></b> &amp; more</p>
<table border="1" width="300"><tr><td colspan="2" rowspan="1">one<td>two</table>
<div><span>a</span><span>b</span></div><ol start="3"><li value="7">x</ol>
<img width="20" height="20" src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptV
AAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==">
<svg width="90" height="90" viewBox="0 0 9 9"><path d="M0 0L9 9Q1 2 3 4A1 2 3 0 1 5 6z"/>
<text x="1" y="3" font-size="3">t</text><use href="#u"/></svg></body></html>"""

POSTSCRIPT = """%!PS-Adobe-3.0
%%BoundingBox: 0 0 300 300
%%Pages: 2
/Helvetica findfont 14 scalefont setfont
1 1 2 { pop 72 720 moveto (Fax (words)) show 10 10 lineto 3 setlinewidth stroke showpage } for
gsave 100 100 translate 45 rotate 2 3 scale 0.5 setgray 0 0 20 20 rectfill grestore
/a 5 dict def a begin /x 3 def x x mul 2 idiv pop end
8 8 8 [8 0 0 8 0 0] {<0011223344556677>} image
<</PageSize [300 300]>> setpagedevice 0 0 moveto (abc) show showpage
"""

RTF = (
    r"{\rtf1\ansi\deff0{\fonttbl{\f0\froman Times;}{\f1 Arial;}}{\colortbl;\red255\green0\blue0;}"
    r"\paperw11906\paperh16838\f0\fs24 Words {\b bold} {\i\cf1 red}\par\trowd\cellx2000\cellx4000 "
    r"one\intbl\cell two\cell\row\pard {\field{\*\fldinst HYPERLINK 1}{\fldrslt link}}\u8364?\tab x"
    r"{\pict\wmetafile8\picw100\pich100 010009000003}\page{\footnote foot}\sect end}"
)


def seeds() -> dict[str, list[bytes]]:
    """Return good files by what they are."""
    return {
        **_pictures(),
        "pdf": _pdfs(),
        "text": [("Fax words, a line. " * 9 + "\r\n").encode() * 30, "Grüße\tüber\fΩ".encode()],
        "html": [HTML.encode()],
        "eml": [_mail()],
        "rtf": [RTF.encode()],
        "ps": [POSTSCRIPT.encode(), _binary_eps()],
        **_office(),
    }


def _pictures() -> dict[str, list[bytes]]:
    image = picture_makers.corner_marked(60, 40)
    saved = picture_makers.saved
    forms = picture_makers.FORMS
    return {
        "tiff": [*_tiffs(image)],
        "png": [saved(image, "PNG"), saved(image.convert("P"), "PNG")],
        "jpeg": [saved(image, "JPEG"), saved(image.convert("CMYK"), "JPEG", progressive=True)],
        "gif": [
            saved(image, "GIF"),
            saved(image, "GIF", save_all=True, append_images=[image.rotate(90), image.rotate(9)]),
        ],
        "webp": [
            saved(image, "WEBP"),
            saved(image, "WEBP", lossless=True),
            saved(image, "WEBP", save_all=True, append_images=[image.rotate(90)]),
        ],
        "bmp": [forms["bmp of runs of 8 bits"], forms["bmp of OS/2"], forms["bmp with masks"]],
        "pnm": [forms["P1"][:900], forms["P4"], forms["P5"][:9000], saved(image, "PPM")],
        "heic": [forms["heic"], forms["heic of a camera held upright"]],
    }


def _tiffs(image: Image.Image) -> list[bytes]:
    saved = picture_makers.saved
    black = image.convert("1")
    with tempfile.TemporaryDirectory() as name:
        fax = makers.fax_tiff(Path(name) / "fax.tif", makers.page_of_text(400)).read_bytes()
    return [
        fax,
        saved(image, "TIFF", compression="tiff_lzw", save_all=True, append_images=[black]),
        saved(image, "TIFF", compression="tiff_adobe_deflate"),
        saved(image.convert("YCbCr"), "TIFF", compression="jpeg"),
        saved(black, "TIFF", compression="group3"),
        saved(image.convert("CMYK"), "TIFF", compression="packbits"),
    ]


def _pdfs() -> list[bytes]:
    image = picture_makers.corner_marked(60, 40)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fax = makers.fax_tiff(folder / "fax.tif", makers.page_of_text(300))
        wrap.tiff_to_pdf(fax, folder / "fax.pdf")
        wrapped = (folder / "fax.pdf").read_bytes()
    shading = (
        "q 1 0 0 1 9 9 cm 0.5 g 0 0 m 10 20 30 40 50 60 c 5 w S Q [3 2] 0 d 9 9 99 99 re W n "
        "BT /F1 9 Tf 3 Tr 1 0 0 1 5 5 Tm [(a) -200 (b)] TJ ET BI /W 2/H 2/BPC 8/CS/G ID abcd EI"
    )
    return [
        makers.pdf_bytes(makers.text_content(5), shading),
        papers.pdf(2),
        wrapped,
        picture_makers.saved(image, "PDF"),
    ]


def _mail() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Grüße"
    mail["Date"] = "Mon, 01 Jan 2024 10:00:00 +0100"
    mail.set_content("Plain words\n" * 5)
    mail.add_alternative("<p>Web <img src='cid:one'> words</p>", subtype="html")
    picture = picture_makers.saved(picture_makers.corner_marked(20, 20), "PNG")
    mail.add_attachment(picture, maintype="image", subtype="png", filename="a.png", cid="<one>")
    mail.add_attachment(makers.pdf_bytes(""), maintype="application", subtype="pdf", filename="b")
    return mail.as_bytes()


def _binary_eps() -> bytes:
    program = POSTSCRIPT.replace("3.0\n", "3.0 EPSF-3.0\n", 1).encode()
    sizes = (30, len(program), 0, 0, 30 + len(program), 40)
    head = b"\xc5\xd0\xd3\xc6" + b"".join(size.to_bytes(4, "little") for size in sizes)
    return head + b"\xff\xff" + program + bytes(40)


def _office() -> dict[str, list[bytes]]:
    with tempfile.TemporaryDirectory() as name:
        made = office_makers.make_office_documents(Path(name))
        return {kind: [path.read_bytes()] for kind, path in made.items() if kind != "rtf"}


def picture_of(width: int, height: int) -> bytes:
    """Return a small PNG, to be put into other documents."""
    out = io.BytesIO()
    Image.new("L", (width, height), 200).save(out, "PNG")
    return out.getvalue()
