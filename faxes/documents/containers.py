"""Which office document is in a ZIP archive or an OLE compound file, and whether it is locked.

``office_type`` only looks for the names of the parts that make it one, in the bytes as they lie:
nothing of a stranger's archive is unpacked or parsed outside the sandbox.
"""

import mmap
import struct
import zipfile
import zlib
from pathlib import Path

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# Names of parts, as they stand in an archive's directory.
_IN_ZIP: tuple[tuple[bytes, str], ...] = (
    (b"word/document", "docx"),
    (b"xl/workbook", "xlsx"),
    (b"ppt/presentation", "pptx"),
)
_MIMETYPE = b"mimetypeapplication/vnd.oasis.opendocument."
_OPEN_DOCUMENT = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp"}
_HEAD_BYTES = 128

# Names of streams; OLE writes them in UTF-16.
_IN_OLE: tuple[tuple[str, str], ...] = (
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)
OFFICE_TYPES = frozenset(
    [*(kind for _, kind in _IN_ZIP), *(kind for _, kind in _IN_OLE), *_OPEN_DOCUMENT.values()]
)
_ENCRYPTED_PACKAGE = "EncryptedPackage"


# Marks of a password: in the manifest of an OpenDocument; in Word's file information block
# ([MS-DOC] 2.5.2, fEncrypted); Excel's FilePass behind the workbook's first record ([MS-XLS]
# 2.4.117); in PowerPoint's current user ([MS-PPT] 2.3.2).
_MANIFEST = "META-INF/manifest.xml"
_MOST_MANIFEST_BYTES = 1 << 20
_OPEN_DOCUMENT_LOCKED = b"encryption-data"
_WORD_BLOCK, _WORD_FLAGS, _WORD_ENCRYPTED = b"\xec\xa5", 10, 0x0100
_EXCEL_BEGIN, _EXCEL_LOCKED = b"\x09\x08\x10\x00\x00\x06\x05\x00", b"\x2f\x00"
_EXCEL_BEGIN_BYTES = 20
_POWERPOINT_LOCKED = b"\xdf\xc4\xd1\xf3"
_HEADER, _SMALL_SECTOR = 512, 64


class Encrypted(Exception):
    """The document inside is locked with a password."""


def office_type(path: Path) -> str | None:
    """Return the usual suffix of the office document in a container, None if there is none.

    Raises Encrypted for one whose container says so.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _in_ole(data) if data[: len(OLE)] == OLE else _in_zip(data)


def _in_zip(data: mmap.mmap) -> str | None:
    _, mark, rest = data[:_HEAD_BYTES].partition(_MIMETYPE)
    if mark:
        kinds = (kind for word, kind in _OPEN_DOCUMENT.items() if rest.startswith(word))
        return next(kinds, None)
    return next((kind for name, kind in _IN_ZIP if data.find(name) >= 0), None)


def _in_ole(data: mmap.mmap) -> str | None:
    if data.find(_ENCRYPTED_PACKAGE.encode("utf-16-le")) >= 0:
        raise Encrypted
    names = ((f"{name}\0".encode("utf-16-le"), kind) for name, kind in _IN_OLE)
    return next((kind for name, kind in names if data.find(name) >= 0), None)


def is_locked(path: Path) -> bool:
    """Tell whether an office document shows the marks of a password. For the sandbox only."""
    data = path.read_bytes()
    if data.startswith(OLE):
        return _word_locked(data) or _excel_locked(data) or _POWERPOINT_LOCKED in data
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_MANIFEST) as manifest:
            return _OPEN_DOCUMENT_LOCKED in manifest.read(_MOST_MANIFEST_BYTES)
    except (KeyError, OSError, RuntimeError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        return False


def _word_locked(data: bytes) -> bool:
    for start in range(_HEADER, len(data) - _SMALL_SECTOR + 1, _SMALL_SECTOR):
        if data.startswith(_WORD_BLOCK, start):
            flags: int = struct.unpack_from("<H", data, start + _WORD_FLAGS)[0]
            return bool(flags & _WORD_ENCRYPTED)
    return False


def _excel_locked(data: bytes) -> bool:
    begin = data.find(_EXCEL_BEGIN)
    return begin >= 0 and data.startswith(_EXCEL_LOCKED, begin + _EXCEL_BEGIN_BYTES)
