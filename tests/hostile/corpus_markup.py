"""Hostile HTML, mail, RTF, PostScript and plain text."""

# ruff: noqa: E501 - hostile files have long lines

import base64
import zlib
from collections.abc import Iterable

from tests.hostile.corpus_pictures import png
from tests.hostile.hostile import Hostile, Lures, made
from tests.unit.documents import document_makers as makers

MEGA = 1_000_000
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
LAUGHS = f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]>'
HELD = "&l11;"


def html(body: str, style: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><style>{style}</style></head><body>{body}".encode()


def data_address(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def svg(content: str, before: str = "") -> str:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'{before}<svg {names} width="99" height="99">{content}</svg>'


def laughing_uses() -> str:
    """Ten to the tenth rectangles, each use of which is ten others."""
    groups = "".join(
        f'<g id="g{n}">{f"""<use xlink:href="#g{n - 1}"/>""" * 10}</g>' for n in range(1, 11)
    )
    return (
        f'<defs><g id="g0"><rect width="9" height="9"/></g>{groups}</defs><use xlink:href="#g10"/>'
    )


def pages_that_reach_out(lures: Lures) -> bytes:
    """All the ways in which a page names something elsewhere."""
    body, style = "", ""
    for address in lures.addresses:
        body += (
            f'<img src="{address}i.png"><img srcset="{address}s.png 2x"><iframe src="{address}f">'
            f'</iframe><object data="{address}o"></object><embed src="{address}e"><link rel=stylesheet'
            f' href="{address}c.css"><link rel=attachment href="{address}a"><script src="{address}j">'
            f'</script><video poster="{address}v" src="{address}v"></video><audio src="{address}u">'
            f'<input type=image src="{address}n"><body background="{address}b"><base href="{address}">'
            f'<meta http-equiv=refresh content="0;url={address}"><a href="{address}" rel=attachment>a'
            + svg(
                f'<image xlink:href="{address}p" width="9" height="9"/><use xlink:href="{address}q#a"/>'
                f'<style>@import "{address}r.css";</style><rect fill="url({address}t#x)" width="9"'
                f' height="9" filter="url({address}w#f)"/>'
            )
        )
        style += (
            f'@import "{address}1.css"; @import url({address}2.css);'
            f'@font-face {{ font-family: F; src: url("{address}3.ttf"), url("{address}4.woff2") }}'
            f'body {{ background: url("{address}5.png"); font-family: F }} p::before {{ content: '
            f'url("{address}6.png") }} li {{ list-style: url("{address}7.png") }}'
            f'@color-profile p {{ src: url("{address}8.icc") }} hr {{ border-image: url("{address}9") }}'
        )
    return html(f"<p>Words<li>Words<hr>{body}", style)


def bodies() -> Iterable[Hostile]:
    huge = data_address("image/png", png(60_000, 60_000))
    bomb = data_address("image/png", png(6000, 6000, data=zlib.compress(bytes(37 * MEGA), 9)))
    laughing = data_address("image/svg+xml", svg(f"<text>{HELD}</text>", LAUGHS).encode())
    inside = data_address("image/svg+xml", svg(f'<image xlink:href="{huge}"/>').encode())
    xxe = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    secret = data_address("image/svg+xml", svg("<text y='50'>&x;</text>", xxe).encode())
    found = {
        "huge picture": (f'<img src="{huge}">', "3,600 megapixels"),
        "picture bomb, 200 times": (f'<img src="{bomb}">' * 200, "36 megapixels each"),
        "laughing picture": (f'<img src="{laughing}">', "entities of entities"),
        "picture in a picture": (f'<img src="{inside}">', "3,600 megapixels, one level down"),
        "entities of files": (f'<img src="{secret}">', "a file shown"),
        "uses of uses": (svg(laughing_uses()), "ten thousand million rectangles"),
        "use of itself": (svg('<g id="a"><use xlink:href="#a"/></g>'), "drawn by drawing itself"),
        "huge drawing": (
            svg('<rect width="1e300" height="nan" transform="scale(1e300)"/>'),
            "no numbers",
        ),
        "pattern of itself": (
            svg('<pattern id="p" width="1e-9" height="1e-9"><rect fill="url(#p)" width="9"'
                ' height="9"/></pattern><rect fill="url(#p)" width="99" height="99"/>'),
            "a thousand million tiles",
        ),
        "deep": ("<div>" * 100_000, "a stack overflows"),
        "deep bold": ("<b><p>" * 20_000, "parsers take the square of the time"),
        "deep tables": ("<table><tr><td>" * 2_000 + "x", "laid out twice each level"),
        "deep lists": ("<ul><li>" * 3_000 + "x", "narrower than nothing"),
        "wide table": ("<table><tr><td colspan=999999 rowspan=999999>x", "a grid of 10 to the 12th"),
        "long table": ("<table>" + "<tr><td>x" * 60_000, "60,000 rows"),
        "a million words": ("word " * MEGA, "thousands of pages"),
        "one word": ("w" * (2 * MEGA), "a line without a place to break"),
        "a million breaks": ("<br>" * MEGA, "more than a fax may have"),
        "script": ("<script>while(1);</script><p>x", "a program"),
        "forms": ("<select>" + "<option>x" * 90_000, "90,000 choices"),
        "entities": ("&lt;" * MEGA + "&#1114112;&#xD800;&#0;", "characters that are none"),
        "attributes": ("<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x", "200,000 of them"),
        "open tag": ("<p class='" + "x" * (5 * MEGA), "read to the end"),
    }  # fmt: skip
    for name, (body, reason) in found.items():
        yield made(f"html {name}", reason, html(body))


def styles() -> Iterable[Hostile]:
    variables = "".join(f"--v{n}: var(--v{n - 1}) var(--v{n - 1});" for n in range(1, 40))
    found = {
        "huge page": "@page { size: 1e9mm 1e9mm }",
        "no page": "@page { size: 0 0; margin: 1e9mm }",
        "a page a letter": "p { break-before: page; orphans: 1 } @page { size: 1mm 1mm; margin: 0 }",
        "variables": f":root {{ --v0: 1px; {variables} }} p {{ margin: var(--v39) }}",
        "variable of itself": ":root { --a: var(--b); --b: var(--a) } p { color: var(--a) }",
        "grid": "body { display: grid; grid-template-columns: repeat(99999999, 1px) }",
        "columns": "body { columns: 99999999 1px }",
        "numbers": "p { margin: 1e308px; padding: calc(1px/0); width: nan; font-size: 1e30px }",
        "counters": "p::before { counter-increment: a 2147483647; content: counter(a, lower-roman) }",
        "selectors": "p" + " > *" * 50_000 + " { color: red }",
        "deep style": "a{" * 100_000,
        "floats": "p { float: left; width: 33%; position: relative; left: 1e9px }",
        "shadows": "p { transform: rotate(1e9deg) scale(1e9); opacity: 0.1; filter: blur(1e9px) }",
        "tiny letters": "p { font-size: 1e-9px; line-height: 0 }",
        "negative": "p { margin: -1e9px; text-indent: -1e9px; line-height: -9 }",
    }
    for name, style in found.items():
        yield made(f"css {name}", "numbers and loops in style", html("<p>Words " * 200, style))
    yield Hostile("html everywhere", "all ways to fetch", pages_that_reach_out, reaches_out=True)


def mail_of_pictures() -> bytes:
    """400 pictures, each called by a name of 500 characters."""
    names = [f"{number}{'n' * 500}" for number in range(400)]
    picture = base64.b64encode(png(1, 1))
    body = "".join(f'<img src="cid:{name}">' for name in names)
    parts = b"".join(
        b"--b\r\nContent-Type: image/png\r\nContent-ID: <%s>\r\nContent-Transfer-Encoding: base64"
        b"\r\n\r\n%s\r\n" % (name.encode(), picture)
        for name in names
    )
    head = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    head += b"Content-Type: multipart/related; boundary=b\r\n\r\n"
    return head + b"--b\r\nContent-Type: text/html\r\n\r\n" + body.encode() + b"\r\n" + parts


def mails() -> Iterable[Hostile]:
    head = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    part = b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n"
    mixed = head + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    deep = head + b"".join(part % (n, n) for n in range(1000)) + b"\r\nx"
    forwarded = b"Content-Type: message/rfc822\r\n\r\n" * 1000
    yield made("eml deep", "1,000 parts in parts", deep)
    yield made("eml forwarded", "a mail in a mail, 1,000 times", head + forwarded + b"x")
    yield made("eml parts", "10,000 parts", mixed + b"--b\r\n\r\nx\r\n" * 10_000 + b"--b--")
    yield made("eml boundary", "a boundary that is everywhere", mixed + b"--b\r\n" * 200_000)
    yield made("eml header", "a header of 9 MB", head + b"X-A: " + b"a\r\n " * (3 * MEGA) + b"\r\n")
    words = b"Subject: " + b"=?utf-8?b?4oCu4oCu?= " * 100_000 + b"\r\n\r\nx"
    yield made("eml words", "100,000 coded words", head + words)
    codings = b"base64", b"x-uuencode", b"quoted-printable", b"8bit", b"nonsense"
    for coding in codings:
        fields = b"Content-Transfer-Encoding: %s\r\nContent-Type: text/html; charset=\xff%s\r\n\r\n"
        body = fields % (coding, b"z" * 999) + b"=" * (MEGA // 5)
        yield made(f"eml {coding.decode()}", "a coding that breaks off", head + body)
    pdfs = b'--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="%s"'
    files = b"".join(
        pdfs % name + b"\r\n\r\n" + makers.pdf_bytes("") + b"\r\n"
        for name in (
            b"../../../tmp/a.pdf",
            b"/etc/cron.d/a",
            b"a\0b",
            b"=?utf-8?q?=0a?=",
            b"." * 300,
        )
    )
    yield made("eml file names", "names that lead elsewhere", mixed + files + b"--b--")

    yield made("eml pictures", "more names than a job can be told", mail_of_pictures())
    spool = b"From: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    calendar = b"--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n"
    yield made("eml calendars", "attachments that are none", spool + calendar * 400)

    def reaching(lures: Lures) -> bytes:
        body = pages_that_reach_out(lures).replace(b'src="', b'src="cid:x" src="')
        outside = "".join(
            f'--b\r\nContent-Type: message/external-body; access-type=URL; URL="{address}"\r\n\r\n'
            f"Content-Type: text/html\r\nContent-Location: {address}\r\n\r\n"
            for address in lures.addresses
        )
        related = mixed.replace(b"mixed", b"related")
        return related + b"--b\r\nContent-Type: text/html\r\n\r\n" + body + outside.encode()

    yield Hostile("eml everywhere", "all ways to fetch", reaching, reaches_out=True)


def texts() -> Iterable[Hostile]:
    yield made("text of one line", "30 MB without a newline", lambda: b"x" * (29 * MEGA))
    yield made("text of form feeds", "30 million pages", lambda: b"\f" * (29 * MEGA))
    yield made("text of newlines", "30 million lines", lambda: b"\n" * (29 * MEGA) + b"x")
    yield made("text of tabs", "tabs without end", b"\t" * (5 * MEGA) + b"x")
    yield made("text of accents", "a letter under a million accents",
               ("a" + "\u0301" * MEGA).encode())  # fmt: skip
    yield made("text of directions", "turned around a million times",
               ("\u202e\u202da\u2066\u2069\u200f" * 200_000).encode())  # fmt: skip
    yield made("text of joined signs", "one sign of a million",
               ("\U0001f468\u200d" * 300_000).encode())  # fmt: skip
    yield made("text of unassigned signs", "signs of no font", "".join(
        map(chr, range(0xE000, 0xF8FF))).encode() * 20)  # fmt: skip
    arabic = "\u0644\u0627\u0651\u0650 \u0939\u094d\u0926\u0940 \u0e01\u0e33\u0e49" * 60_000
    yield made("text to be shaped", "letters that change with their neighbours", arabic.encode())
    yield made(
        "text in half a code", "UTF-16 that breaks off", "\ufeffwords".encode("utf-16-le") + b"\xd8"
    )
    yield made("text of escapes", "a terminal's", b"\x1b[31m\x1b]0;x\x07" * 9999)
    yield made("text in no code", "every byte", bytes(range(9, 256)) * 4000)
    yield made("text shifted", "codes that shift", b"\x1b$B" + b"\x1b(B\x1b$B!" * 200_000)


def files() -> list[Hostile]:
    """Return them all."""
    return [*bodies(), *styles(), *mails(), *texts()]
