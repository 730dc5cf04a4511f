"""Ways to damage a document: bytes anywhere, and what knows the structure of each type."""

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]

_NUMBERS = (0, 1, 2, 3, 7, 8, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 0x7FFFFFFF, 1 << 31)
_LARGE = (0xFFFFFFFF, 0xFFFFFFFE, 1 << 32, 1 << 63, (1 << 64) - 1, 10**30)
_WRITTEN = (*_NUMBERS, *_LARGE, -1, -(1 << 31), -(1 << 63), "1e308", "-1e-308", "nan", "inf", "")
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_WORDS = {
    "pdf": b"/Type /Pages /Kids /Parent /Filter /FlateDecode /ASCII85Decode /LZWDecode /JPXDecode "
    b"/JBIG2Decode /CCITTFaxDecode /DCTDecode /Length /W /H /MediaBox /Rotate 90 /SMask /Group "
    b"/XObject /Form Do q Q cm re f S BT ET Tj /Contents /Resources null true obj endobj stream",
    "ps": b"exch dup pop { } loop for repeat forall def begin end dict array string show showpage "
    b"stroke fill clip gsave grestore image setpagedevice run file exec stopped cvx cvi cvs put "
    b"findfont scalefont makefont definefont setcachedevice restore save token index roll copy",
    "html": b"<table> <td colspan=999> <div> <b> <svg> <use> <math> <iframe> <object> <style> <p> "
    b"display:grid display:table columns:9 float:right position:absolute break-before:page "
    b"width:calc(1/0) transform:rotate(9deg) content:counter(x) position:running(a) <select>",
    "rtf": rb"{ } \par \bin9 \pict \object \field \trowd \cell \row \nestrow \sect \page \footnote "
    rb"\shp \u1? \pntext \upr \stylesheet \listtable \pngblip \emfblip \wmetafile8",
    "xml": b"<a> </a> &#0; &x; <!DOCTYPE> <![CDATA[ ]]> xmlns= <w:tbl> <w:p> <c r='A1'> "
    b"<text:p> <table:table-cell> <draw:frame> <f>A1</f>",
}


def mutated(kind: str, data: bytes, chance: random.Random) -> bytes:
    """Return a damaged copy."""
    ways = _WAYS.get(kind, ()) if chance.random() < 0.7 else ()
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        data = chance.choice((*ways, *ways, anywhere))(data, chance)
    return data


def anywhere(data: bytes, chance: random.Random) -> bytes:  # noqa: PLR0911 - a way a case
    """Change some bytes, without knowing what they are."""
    if not data:
        return chance.randbytes(9)
    at = chance.randrange(len(data))
    end = min(len(data), at + chance.choice((1, 2, 4, 8, 64, 500)))
    number = chance.choice((*_NUMBERS, *_LARGE)) & 0xFFFFFFFF
    match chance.randrange(8):
        case 0:
            return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        case 1:
            return data[:at] + chance.randbytes(end - at) + data[end:]
        case 2:
            packed = struct.pack(chance.choice("<>") + "I", number)[: chance.choice((2, 4))]
            return data[:at] + packed + data[at + len(packed) :]
        case 3:
            return data[:at] + data[end:]
        case 4:
            return data[:at] + data[at:end] * chance.choice((2, 3, 100)) + data[end:]
        case 5:
            return data[:at]
        case 6:
            other = chance.randrange(len(data))
            return data[:at] + data[other : other + end - at] + data[end:]
        case _:
            return data[:at] + bytes([chance.randrange(256)]) * (end - at) + data[end:]


def numbers(data: bytes, chance: random.Random) -> bytes:
    """Change a number that is written out."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    one = chance.choice(found)
    return data[: one.start()] + str(chance.choice(_WRITTEN)).encode() + data[one.end() :]


def words(language: str) -> Mutation:
    """Insert words of a language, swap or repeat what is there, nest it deep."""
    known = _WORDS[language].split()

    def mutate(data: bytes, chance: random.Random) -> bytes:
        places = [space.start() for space in re.finditer(rb"[\s<>{}\\/]", data)] or [0]
        start, end = sorted(chance.choices(places, k=2))
        word = chance.choice(known)
        match chance.randrange(5):
            case 0:
                return data[:start] + b" " + word + b" " + data[start:]
            case 1:
                return data[:start] + word * chance.choice((10, 300, 3000)) + data[start:]
            case 2:
                return data[:start] + data[end:]
            case 3:
                return data[:end] + data[start:end][:2000] * chance.choice((1, 5, 50)) + data[end:]
            case _:
                return data[:start] + word + data[start + len(word) :]

    return mutate


def in_zip(data: bytes, chance: random.Random) -> bytes:
    """Damage a member of an archive and pack it anew."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:  # noqa: BLE001 - damaged before
        return anywhere(data, chance)
    likely = [at for at, (name, _) in enumerate(members) if name.endswith((".xml", ".rels"))]
    one = chance.choice(likely or range(len(members)))
    way = chance.choice((numbers, numbers, words("xml"), anywhere))
    members[one] = (members[one][0], way(members[one][1], chance))
    if chance.random() < 0.05:
        members.append(chance.choice(members))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            if name not in archive.NameToInfo:
                archive.writestr(name, content, stored)
    return out.getvalue()


def in_pdf(data: bytes, chance: random.Random) -> bytes:
    """Damage what is inside a packed stream, or point a reference elsewhere."""
    streams = list(re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL))
    if streams and chance.random() < 0.6:
        one = chance.choice(streams)
        try:
            content = zlib.decompress(one[1])
        except zlib.error:
            changed = chance.choice((anywhere, words("pdf"), numbers))(one[1], chance)
        else:
            way = chance.choice((anywhere, words("pdf"), numbers))
            changed = zlib.compress(way(content, chance))
        return data[: one.start(1)] + changed + data[one.end(1) :]
    references = list(re.finditer(rb"(\d+) 0 R", data))
    if not references:
        return numbers(data, chance)
    one = chance.choice(references)
    return data[: one.start(1)] + chance.choice(references)[1] + data[one.end(1) :]


def in_png(data: bytes, chance: random.Random) -> bytes:
    """Damage a chunk and mend its check sum; or leave one out, or say it twice."""
    at, chunks = 8, []
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    if not chunks:
        return anywhere(data, chance)
    one = chance.randrange(len(chunks))
    kind, content = chunks[one]
    if kind == b"IDAT" and chance.random() < 0.5:
        try:
            content = zlib.compress(anywhere(zlib.decompress(content), chance))
        except zlib.error:
            content = anywhere(content, chance)
    else:
        content = anywhere(content, chance)
    copies = chance.choice((0, 1, 1, 1, 1, 2))
    chunks[one : one + 1] = [(kind, content)] * copies
    return data[:8] + b"".join(map(_png_chunk, chunks))


def _png_chunk(chunk: tuple[bytes, bytes]) -> bytes:
    body = b"".join(chunk)
    return len(chunk[1]).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)


def in_tiff(data: bytes, chance: random.Random) -> bytes:
    """Change an entry of the first directory: its tag, type, number or value."""
    order = "<" if data[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, start)
        at = start + 2 + 12 * chance.randrange(count)
        entry = list(struct.unpack_from(order + "HHII", data, at))
    except (struct.error, ValueError):
        return anywhere(data, chance)
    number = chance.choice((*_NUMBERS, len(data), start, *range(9)))
    which = chance.randrange(4)
    entry[which] = number & (0xFFFF if which < 2 else 0xFFFFFFFF)
    return data[:at] + struct.pack(order + "HHII", *entry) + data[at + 12 :]


def in_head(data: bytes, chance: random.Random) -> bytes:
    """Change only the first bytes, where sizes stand."""
    return anywhere(data[:64], chance) + data[64:]


def in_sectors(data: bytes, chance: random.Random) -> bytes:
    """Change a 32-bit number at its place: tables of sectors, lengths of records."""
    at = chance.randrange(max(1, len(data) // 4)) * 4
    number = chance.choice((*_NUMBERS, 0xFFFFFFFE, 0xFFFFFFFD, chance.randrange(200)))
    return data[:at] + struct.pack("<I", number & 0xFFFFFFFF) + data[at + 4 :]


_ZIPPED: tuple[Mutation, ...] = (in_zip, in_zip, in_zip)
_WAYS: dict[str, tuple[Mutation, ...]] = {
    "pdf": (in_pdf, in_pdf, numbers, words("pdf")),
    "png": (in_png, in_head),
    "tiff": (in_tiff, in_tiff),
    "bmp": (in_head,),
    "gif": (in_head,),
    "webp": (in_head,),
    "jpeg": (in_head,),
    "pnm": (in_head, numbers),
    "heic": (in_sectors, in_head),
    "html": (numbers, words("html")),
    "eml": (numbers, words("html")),
    "rtf": (numbers, words("rtf")),
    "ps": (numbers, words("ps"), words("ps")),
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "odp"), _ZIPPED),
    **dict.fromkeys(("doc", "xls", "ppt"), (in_sectors, in_head)),
}
KINDS = {*_WAYS, "text"}  # of plain text, only bytes are damaged
