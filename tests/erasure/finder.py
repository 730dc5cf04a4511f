"""Finds a marker wherever it may stand in files: plainly, otherwise encoded, packed."""

import base64
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_STARTS: Final = {  # what begins a packed stream, and how it is unpacked
    b"\x1f\x8b\x08": 31,
    b"\x78\x01": 15,
    b"\x78\x5e": 15,
    b"\x78\x9c": 15,
    b"\x78\xda": 15,
}
_MOST: Final = 32 * 1024 * 1024
_DEEPEST: Final = 3


def forms_of(marker: str) -> list[bytes]:
    """The marker as bytes: as is, small, in UTF-16, hexadecimal, and in Base64 wherever it begins.

    Case is only looked at as it was planted and in small letters, as indexes keep words.
    """
    forms = []
    for word in {marker, marker.lower(), marker.upper()}:
        forms += [word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")]
        forms.append(word.encode().hex().encode())
        for shift in range(3):
            # without the letters that what stands around it has a part in
            packed = base64.b64encode(b"\0" * shift + word.encode())
            forms.append(packed[4 if shift else 0 : len(packed) // 4 * 4 - 4])
    return forms


def found_in(content: bytes, forms: Iterable[bytes], depth: int = 0) -> bool:
    """Whether one of the forms stands there, or in anything packed that does."""
    if any(form in content for form in forms):
        return True
    if depth == _DEEPEST:
        return False
    return any(found_in(inner, forms, depth + 1) for inner in _unpacked(content))


def _unpacked(content: bytes) -> Iterator[bytes]:
    for start, kind in _STARTS.items():
        at = content.find(start)
        while at >= 0:
            yield from _inflated(content[at:], kind)
            at = content.find(start, at + 1)
    at = content.find(b"PK\x03\x04")
    while at >= 0:
        names = int.from_bytes(content[at + 26 : at + 28], "little")
        extra = int.from_bytes(content[at + 28 : at + 30], "little")
        yield from _inflated(content[at + 30 + names + extra :], -15)
        at = content.find(b"PK\x03\x04", at + 1)


def _inflated(content: bytes, kind: int) -> Iterator[bytes]:
    """What a stream holds, as far as it goes."""
    unpacker = zlib.decompressobj(kind)
    out = b""
    try:
        for at in range(0, len(content), 65536):
            out += unpacker.decompress(content[at : at + 65536], _MOST)
            if unpacker.eof or len(out) > _MOST:
                break
    except zlib.error:
        pass
    if len(out) > 16:  # else it was none
        yield out


def places(marker: str, roots: Iterable[Path]) -> list[str]:
    """The files in which it stands, or that are called so."""
    forms = forms_of(marker)
    files: set[Path] = set()
    for root in roots:
        files.update(path for path in (root, *root.rglob("*")) if path.is_file())
    return sorted(
        str(path) for path in files if marker in str(path) or found_in(path.read_bytes(), forms)
    )
