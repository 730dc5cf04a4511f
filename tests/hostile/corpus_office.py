"""Hostile office documents: archives that lie, entities, macros, links to everywhere."""

# ruff: noqa: E501 - hostile files have long lines

import io
import random
import struct
import zipfile
from collections.abc import Iterable

from tests.hostile.corpus_markup import HELD, LAUGHS, svg
from tests.hostile.hostile import Hostile, made
from tests.hostile.seeds import picture_of

MEGA = 1_000_000
DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PKG = "http://schemas.openxmlformats.org/package/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_ODF_NAMES = " ".join(
    f'xmlns:{short}="{_ODF}:{name}:1.0"'
    for short, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"),
        ("style", "style"), ("script", "script"), ("form", "form"), ("meta", "meta"),
        ("svg", "svg-compatible"), ("number", "datastyle"), ("presentation", "presentation"),
    )
) + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:ooo="http://openoffice.org/2004/office"'  # fmt: skip
Parts = dict[str, str | bytes]


def archive(parts: Parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made_of:
        for name, content in parts.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            made_of.writestr(name, content, stored)
    return out.getvalue()


def odf(
    kind: str, body: str, *, before: str = "", more: Parts | None = None, head: str = ""
) -> bytes:
    """An OpenDocument file; ``head`` goes before its body."""
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in ("content.xml", *(more or {}))
    )
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0"><manifest:file-entry'
        f' manifest:full-path="/" manifest:media-type="{mimetype}"/>{entries}</manifest:manifest>'
    )
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {_ODF_NAMES} office:version="1.2">'
        f"{head}<office:body><office:{kind}>{body}</office:{kind}></office:body>"
        "</office:document-content>"
    )
    parts: Parts = {"mimetype": mimetype, "content.xml": content}
    return archive({**parts, **(more or {}), "META-INF/manifest.xml": manifest})


def odt(body: str, **options: str) -> bytes:
    return odf("text", body, before=options.get("before", ""), head=options.get("head", ""))


def opc(
    main: str, kind: str, content: str | bytes, *, links: dict[str, tuple[str, str]] | None = None,
    more: Parts | None = None,
) -> bytes:  # fmt: skip
    """An Office Open XML file; ``links`` are relations of its main part to something elsewhere."""
    folder, _, file = main.rpartition("/")
    relation = '<Relationship Id="%s" Type="%s" Target="%s" TargetMode="%s"/>'
    listed = "".join(
        relation % (name, f"{DOC}/{what}", target, "Internal" if name[0] == "i" else "External")
        for name, (what, target) in (links or {}).items()
    )
    around = f'<Relationships xmlns="{PKG}/relationships">%s</Relationships>'
    first = relation % ("r1", f"{DOC}/officeDocument", main, "Internal")
    types = (
        f'<Types xmlns="{PKG}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
        f' ContentType="application/xml"/><Override PartName="/{main}" ContentType='
        f'"application/vnd.openxmlformats-officedocument.{kind}.main+xml"/></Types>'
    )
    return archive(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": around % first,
            main: content,
            f"{folder}/_rels/{file}.rels": around % listed,
            **(more or {}),
        }
    )


def docx(body: str, before: str = "", **options: dict[str, tuple[str, str]]) -> bytes:
    content = (
        f'<?xml version="1.0"?>{before}<w:document xmlns:w="{WORD}" xmlns:r="{DOC}">'
        f"<w:body>{body}</w:body></w:document>"
    )
    kind = "wordprocessingml.document"
    return opc("word/document.xml", kind, content, links=options.get("links"))


def xlsx(rows: str, before: str = "", more: Parts | None = None, extra: str = "") -> bytes:
    book = (
        f'<?xml version="1.0"?><workbook xmlns="{SHEET}" xmlns:r="{DOC}"><sheets><sheet name="a"'
        f' sheetId="1" r:id="i1"/></sheets>{extra}</workbook>'
    )
    sheet = f'<?xml version="1.0"?>{before}<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>'
    links = {"i1": ("worksheet", "sheet1.xml"), "i2": ("externalLink", "out.xml")}
    links |= {"i3": ("sharedStrings", "strings.xml"), "i4": ("connections", "connections.xml")}
    parts: Parts = {"xl/sheet1.xml": sheet, **(more or {})}
    return opc("xl/workbook.xml", "spreadsheetml.sheet", book, links=links, more=parts)


def paragraph(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def bombs() -> Iterable[Hostile]:
    def spaces() -> str:
        return " " * (80 * MEGA)

    yield made("docx bomb", "80 MB of blanks", lambda: docx(spaces()))
    yield made("xlsx bomb", "80 MB of blanks", lambda: xlsx(spaces()))
    yield made("odt bomb", "a paragraph of 80 MB",
               lambda: odt("<text:p>" + "a" * (80 * MEGA) + "</text:p>"))  # fmt: skip
    laughing = svg(f"<text>{HELD}</text>", LAUGHS)
    yield made("docx laughs", "entities of entities", docx(paragraph(HELD), LAUGHS))
    yield made(
        "xlsx laughs", "entities of entities", xlsx(f"<row><c><v>{HELD}</v></c></row>", LAUGHS)
    )
    yield made("odt laughs", "entities of entities", odt(f"<text:p>{HELD}</text:p>", before=LAUGHS))
    frame = '<text:p><draw:frame svg:width="9cm" svg:height="9cm"><draw:image xlink:href="a.%s"/></draw:frame></text:p>'
    yield made(
        "odt laughing picture",
        "entities of entities",
        odf("text", frame % "svg", more={"a.svg": laughing}),
    )
    pictures: Parts = {"a.png": picture_of(9, 9)[:16] + struct.pack(">II", 60_000, 60_000)}
    yield made("odt huge picture", "3,600 megapixels", odf("text", frame % "png", more=pictures))
    deep = "<text:list><text:list-item>" * 5000
    yield made(
        "odt deep lists", "a stack overflows", odt(deep + "</text:list-item></text:list>" * 5000)
    )
    nested = "<w:tbl><w:tr><w:tc>" * 1000 + paragraph("x") + "</w:tc></w:tr></w:tbl>" * 1000
    yield made("docx deep tables", "a stack overflows", docx(nested))
    yield made(
        "docx of 200,000 paragraphs",
        "more than a fax may have",
        lambda: docx(paragraph("x") * 200_000),
    )
    row = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/></table:table-row>'
    yield made(
        "ods full",
        "sixteen thousand million cells",
        odf("spreadsheet", f'<table:table table:name="a">{row}</table:table>'),
    )
    yield made(
        "xlsx far corner",
        "a sheet of a million pages",
        xlsx(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        ),
    )
    yield made(
        "xlsx formulas",
        "a sum of everything, often",
        xlsx("<row><c><f>SUMPRODUCT(A2:XFD1048576*A2:XFD1048576)</f></c></row>" * 50),
    )
    size = '<office:automatic-styles><style:page-layout style:name="p"><style:page-layout-properties xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" fo:page-width="1e9cm" fo:page-height="0cm"/></style:page-layout></office:automatic-styles>'
    yield made("odt of no page", "a sheet of nothing", odt("<text:p>x</text:p>" * 99, head=size))


def zips() -> Iterable[Hostile]:
    good = docx(paragraph("Words"))
    yield made("zip overlapping", "2,000 names for one bomb of 10 MB", overlapping(good))
    names = (
        "../../../../tmp/canary-flew",
        "/tmp/canary-flew",  # noqa: S108
        "word/../../canary",
        "a\0b",
        "C:\\a",
    )
    traversal = {**dict.fromkeys(names, "x"), "word/document.xml": "<a/>"}
    yield made("zip broken manifest", "damage where a password is looked for", broken_manifest())
    yield made("zip paths", "names that lead elsewhere", archive({**traversal}))
    yield made("zip symbolic link", "a link to a file", linked())
    yield made("zip in zips", "an archive in an archive", nested(good))
    yield made(
        "zip of 100,000",
        "100,000 names",
        lambda: archive({"word/document.xml": "", **{str(n): "" for n in range(100_000)}}),
    )
    for at, what in ((8, "unknown coding"), (6, "locked"), (18, "size lie"), (26, "name lie")):
        data = bytearray(good)
        for start in range(len(data) - 30):
            if data[start : start + 4] == b"PK\3\4":
                data[start + at : start + at + 2] = b"\xff\xff"
            if data[start : start + 4] == b"PK\1\2":
                data[start + at + 2 : start + at + 4] = b"\xff\xff"
        yield made(f"zip {what}", "a head that lies", bytes(data))
    yield made("zip only names", "no archive at all", b"PK\3\4" + b"word/document.xml xl/workbook")
    yield made(
        "zip mimetype lie",
        "a database that says it is a text",
        archive(
            {
                "mimetype": "application/vnd.oasis.opendocument.text",
                "content.xml": "x",
                "database/script": "CREATE",
            }
        ),
    )
    yield made(
        "zip of another sort",
        "a formula inside",
        odf("formula", "x").replace(b"opendocument.formula", b"opendocument.text"),
    )


def overlapping(good: bytes) -> bytes:
    head = zipfile.ZipFile(io.BytesIO(good)).infolist()
    end = good.rindex(b"PK\5\6")
    size, start = struct.unpack_from("<II", good, end + 12)
    entries = good[start : start + size]
    many = entries + entries[: 46 + len(head[0].filename)] * 2000
    tail = struct.pack("<HHII", 2000 + len(head), 2000 + len(head), len(many), start)
    return good[:start] + many + good[end : end + 8] + tail + b"\0\0"


def broken_manifest() -> bytes:
    whole = odt("<text:p>")  # and its contents cannot be read
    name = b"META-INF/manifest.xml"
    data = whole.index(name) + len(name)
    return whole[:data] + b"\xff" * 20 + whole[data + 20 :]


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made_of:
        link = zipfile.ZipInfo("word/document.xml")
        link.external_attr = 0o120777 << 16
        made_of.writestr(link, "/etc/passwd")
    return out.getvalue()


def nested(good: bytes) -> bytes:
    data = good
    for _ in range(50):
        data = archive({"word/document.xml": data})
    return data


def ole(names: Iterable[str], sectors: bytes, fat: bytes | None = None) -> bytes:
    """A compound file whose table of sectors is ``fat`` (a circle, if it does not say)."""
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
    )
    head += bytes(6) + struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 2, 1, 0, 0, 0)[:40]
    head = head.ljust(76, b"\0") + struct.pack("<I", 0) + b"\xff\xff\xff\xff" * 108
    table = fat or struct.pack("<128I", *([0xFFFFFFFD, 1, 2] + [3] * 125))
    entries = b""
    for name in ("Root Entry", *names):
        coded = (name + "\0").encode("utf-16-le")
        entries += coded.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(coded), 5 if not entries else 2, 1, 1, 1, 1
        )
        entries += bytes(36) + struct.pack("<IQ", 3, 0xFFFFFF)
    return head + table + entries.ljust(512, b"\0") + sectors


def oles() -> Iterable[Hostile]:
    noise = random.Random(4).randbytes(60_000)
    for name in ("WordDocument", "Workbook", "PowerPoint Document"):
        yield made(f"ole {name} in a circle", "sectors without end", ole([name], noise))
        chain = struct.pack("<128I", 0xFFFFFFFD, *range(2, 128), 1)
        yield made(f"ole {name} of noise", "records that lie", ole([name, "1Table"], noise, chain))
    yield made(
        "ole with macros",
        "VBA that opens itself",
        ole(
            ["WordDocument", "Macros", "VBA", "AutoOpen"],
            b'Attribut\0e VB_Name = "AutoOpen"\r\nSub AutoOpen()\r\nShell "sh"' + noise,
        ),
    )
    yield made("ole locked", "wants a password", ole(["EncryptedPackage"], noise))
    yield made(
        "ole cut off", "a head alone", ole([], b"")[:600] + "WordDocument\0".encode("utf-16-le")
    )


def files() -> list[Hostile]:
    """Return them all."""
    return [*bombs(), *zips(), *oles()]
