"""Text in whatever encoding: recognised and decoded."""

import codecs
import contextlib
import re
from pathlib import Path

import chardet

_SAMPLE_BYTES = 1 << 20
_RECOGNISED_BYTES = 1 << 16
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before the next, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What is recognised where nothing tells. More of them would be mistaken for one another.
_ENCODINGS = (
    *(f"cp{number}" for number in (866, 874, 932, 949, *range(1250, 1259))),
    *(f"iso8859-{part}" for part in (2, 3, 5, 6, 7, 9, 15)),
    *("koi8-r", "koi8-u", "gb18030", "hz", "big5hkscs", "euc_jis_2004", "shift_jis_2004"),
    *("iso2022_jp_2", "iso2022_kr", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"),
)
_OF_TWO_BYTES = ("cp932", "cp949", "gb", "big5", "euc", "shift", "utf")
_WESTERN = "cp1252"
_DOS = "cp437"
_SURE = 0.08  # from here on a guess is better than Western, where nearly all is ASCII
_VERY_SURE = 0.5
_MOSTLY = 3
_LEAST_BYTES = 8  # of two or four bytes a character without a mark
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
# Three equal characters of two bytes in a row are no words, but lines of boxes drawn under DOS.
_BOXES = re.compile(rb"([\xb3\xb0-\xb2\xba\xc4\xcd\xdb])\1{5}|\xda\xc4\xc4|\xc9\xcd\xcd")
_SHIFTS = (b"\x1b$", b"\x1b(")  # of ISO 2022, whose bytes are all ASCII

# What is said to be the left is often the right, which has all of its characters (as the WHATWG's
# Encoding Standard takes it); and names that Python does not know.
_SUPERSETS = {
    "ascii": _WESTERN,
    "iso8859-1": _WESTERN,
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-8": "utf-8-sig",
}
_ALIASES = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac-roman",
    "unicode-1-1-utf-8": "utf-8-sig",
}
# Python calls other things codecs, too: some do not decode text, or take their time.
_KINDS = ("utf", "iso", "cp", "koi8", "gb", "big5", "euc", "shift", "mac", "hz", "johab", "kz")

# All control characters but tab, newlines, form feed, end of file (of DOS) and escape.
_GARBAGE = re.compile("[\0-\x07\x0e-\x19\x1c-\x1f\x7f]")
_C1 = re.compile("[\x80-\x84\x86-\x9f]")

_HTML = re.compile(
    r"(?:\s|(?><!--(?s:.)*?-->)|<\?xml[^>]{0,200}>)*+"
    r"<(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|meta)"
    r"(?:[\s>]|$)",
    re.IGNORECASE,
)
_MOST_HEADERS = 64_000
_HEADER = re.compile(r"([!-9;-~]+)[ \t]*:(?:[ \t]|$)")
_DATE = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4} \d\d?:\d\d")
_OF_PROGRAMS = frozenset({"date", "received", "return-path", "message-id", "mime-version"})
_OF_PEOPLE = frozenset({"from", "to", "subject"})

_HTML_HEAD_BYTES = 4096
_DECLARED = re.compile(
    rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})"
    rb"|^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})",
    re.IGNORECASE,
)


def sample_of(path: Path) -> str | None:
    """Return the first megabyte of a text file; None if there are control characters in it."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    try:
        text = decode(sample, final=len(sample) < _SAMPLE_BYTES)
    except UnicodeDecodeError:
        return None
    return None if has_garbage(text) else text


def looks_like_html(sample: str) -> bool:
    """Tell whether a text begins as HTML does. WHATWG, MIME Sniffing, section 7.1."""
    return _HTML.match(sample) is not None


def looks_like_mail(sample: str) -> bool:
    """Tell whether a text begins with the headers of a mail. RFC 5322, section 2.2.

    A letter whose writer has typed From, To and Subject at its top is no mail: one of the headers
    must be of those that only programs write.
    """
    lines = sample[:_MOST_HEADERS].splitlines()
    if lines and lines[0].startswith("From "):  # as in mailbox files
        del lines[0]
    names: set[str] = set()
    for line in lines:
        header = _HEADER.match(line)
        if header is not None:
            name = header[1].lower()
            names.add("" if name == "date" and not _DATE.search(line) else name)
        elif not (names and line[:1] in {" ", "\t"}):
            break
    return bool(names & _OF_PROGRAMS) and len(names & (_OF_PROGRAMS | _OF_PEOPLE)) > 1


def has_garbage(text: str) -> bool:
    """Tell whether there are control characters that no text has."""
    return _GARBAGE.search(text) is not None


def decode(data: bytes, *, final: bool = True) -> str:
    """Decode text in UTF-8, in what its byte order mark says, or in what it looks like.

    It is looked at in its first 64 kilobytes; what does not fit further on is marked by U+FFFD.
    ``final`` is false for the beginning of a longer file, which may end within a character.
    Raises UnicodeDecodeError where nothing fits.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return codecs.getincrementaldecoder(name)().decode(data, final)
    sample = data[:_RECOGNISED_BYTES]
    shifted = any(shift in sample for shift in _SHIFTS)
    if not shifted and b"\0" not in sample:
        with contextlib.suppress(UnicodeDecodeError):
            return codecs.getincrementaldecoder("utf-8")().decode(data, final)
    try:
        name = _recognised(sample)
    except UnicodeDecodeError:
        if not shifted:
            raise
        name = "utf-8"
    return codecs.getincrementaldecoder(name)("replace").decode(data, final)


def decode_as(data: bytes, label: str) -> str:
    """Decode text that is said to be in an encoding; if that is not so, as ``decode``.

    What cannot be decoded at all is marked by U+FFFD.
    """
    name = _known(label)
    if name is not None and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        with contextlib.suppress(UnicodeError):
            return data.decode(name)
    try:
        return decode(data)
    except UnicodeDecodeError:
        return data.decode(name or _WESTERN, "replace")


def decode_html(data: bytes) -> str:
    """Decode HTML: by its byte order mark, by what it says of itself, or by its looks.

    What cannot be decoded is marked by U+FFFD.
    """
    declared = _DECLARED.search(data[:_HTML_HEAD_BYTES])
    label = (declared[1] or declared[2]).decode() if declared else ""
    # Where this could be read, it is not in two bytes a character.
    return decode_as(data, "utf-8" if label.lower().startswith("utf-16") else label)


def _known(label: str) -> str | None:
    """Return Python's name of the encoding with this label, or None if there is none."""
    label = label.strip().lower()
    if label in _ALIASES:
        return _ALIASES[label]
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(name, name) if name.startswith(_KINDS) else None


def _recognised(sample: bytes) -> str:
    """Return the encoding that a text which is not UTF-8 looks like.

    Raises UnicodeDecodeError if it looks like none.
    """
    found = chardet.detect(
        sample,
        include_encodings=_ENCODINGS,
        max_bytes=_RECOGNISED_BYTES,
        compat_names=False,
        prefer_superset=False,
    )
    name = found["encoding"]
    if name is None or (b"\0" in sample and len(sample) < _LEAST_BYTES):
        raise UnicodeDecodeError("unknown", sample, 0, 1, "looks like no encoding")
    if name.startswith("utf"):
        return name
    doubled = name.startswith(_OF_TWO_BYTES)
    if _BOXES.search(sample) and not (doubled and found["confidence"] > _VERY_SURE):
        return _DOS
    accents = len(_BEYOND_ASCII.findall(sample))
    guessed = found["confidence"] < _SURE and accents * _MOSTLY < len(sample)
    if (guessed and not doubled) or _C1.search(sample.decode(name, "replace")):
        name = _WESTERN
        sample.decode(name)
    return name
