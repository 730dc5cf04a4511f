"""Plain text in its common encodings: recognised and decoded."""

import codecs
import re
from pathlib import Path

_SAMPLE_BYTES = 1 << 20
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# All control characters but tab, newlines, form feed, end of file (of DOS) and escape.
_GARBAGE = re.compile("[\0-\x07\x0e-\x19\x1c-\x1f\x7f]")
# Bytes that cp1252 leaves undefined are not text in it.
_FALLBACK = "cp1252"


def is_text(path: Path) -> bool:
    """Tell whether the file's first megabyte decodes without control characters."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    try:
        text = decode(sample, final=len(sample) < _SAMPLE_BYTES)
    except UnicodeDecodeError:
        return False
    return not has_garbage(text)


def has_garbage(text: str) -> bool:
    """Tell whether there are control characters that no text has."""
    return _GARBAGE.search(text) is not None


def decode(data: bytes, *, final: bool = True) -> str:
    """Decode UTF-8, UTF-16 with a byte order mark, or else Windows' Western code page.

    ``final`` is false for the beginning of a longer file, which may end within a character.
    Raises UnicodeDecodeError where none of them fits.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return codecs.getincrementaldecoder(name)().decode(data, final)
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final)
    except UnicodeDecodeError:
        return data.decode(_FALLBACK)
