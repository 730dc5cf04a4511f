"""What a file is, judged by its bytes alone: names and headers of uploads are not believed."""

from enum import StrEnum
from pathlib import Path

from faxes.documents import encodings
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

_HEAD_BYTES = 1024  # Acrobat, and so everybody, looks for %PDF in the first kilobyte


class DocumentType(StrEnum):
    """The kinds of document that can be read."""

    PDF = "pdf"
    TIFF = "tiff"
    PNG = "png"
    JPEG = "jpeg"
    TEXT = "text"


_MAGIC: tuple[tuple[bytes, DocumentType], ...] = (
    (b"II*\0", DocumentType.TIFF),
    (b"MM\0*", DocumentType.TIFF),
    (b"\x89PNG\r\n\x1a\n", DocumentType.PNG),
    (b"\xff\xd8\xff", DocumentType.JPEG),
)

# Files that could pass for text, or for PDF with something printable before its "%PDF".
_REFUSED: tuple[bytes, ...] = (
    b"MZ",
    b"PK",
    b"%!PS",
    b"{\\rtf",
    b"#!",
    b"GIF8",
    b"BM",
    b"Rar!",
    b"7z\xbc\xaf",
    b"RIFF",
)


def detect(path: Path, *, name: str) -> DocumentType:
    """Say what the file at ``path`` is; ``name`` is only used to speak of it.

    Raises DocumentError: DOCUMENT_EMPTY for a file without bytes, DOCUMENT_TYPE_UNSUPPORTED for
    anything that is not one of ``DocumentType``.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise DocumentError(ErrorCode.DOCUMENT_EMPTY, field="documents", name=name)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if not head.startswith(_REFUSED):
        before, mark, _ = head.partition(b"%PDF-")
        if mark and not encodings.has_garbage(before.decode("latin-1")):
            return DocumentType.PDF
        if encodings.is_text(path):
            return DocumentType.TEXT
    raise DocumentError(ErrorCode.DOCUMENT_TYPE_UNSUPPORTED, field="documents", name=name)
