"""What a file is, judged by its bytes alone: names and headers of uploads are not believed."""

from enum import StrEnum
from pathlib import Path

from faxes.documents import containers, encodings, headers
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

_HEAD_BYTES = 1024  # Acrobat, and so everybody, looks for %PDF in the first kilobyte


class DocumentType(StrEnum):
    """The kinds of document that can be read."""

    PDF = "pdf"
    TIFF = "tiff"
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"
    BMP = "bmp"
    PNM = "pnm"
    HEIC = "heic"
    TEXT = "text"
    HTML = "html"
    MAIL = "eml"
    DOC = "doc"
    DOCX = "docx"
    XLS = "xls"
    XLSX = "xlsx"
    PPT = "ppt"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    RTF = "rtf"
    POSTSCRIPT = "ps"


_MAGIC: tuple[tuple[bytes, DocumentType], ...] = (
    (b"II*\0", DocumentType.TIFF),
    (b"MM\0*", DocumentType.TIFF),
    (b"II+\0", DocumentType.TIFF),  # with offsets of 64 bits
    (b"MM\0+", DocumentType.TIFF),
    (b"\x89PNG\r\n\x1a\n", DocumentType.PNG),
    (b"\xff\xd8\xff", DocumentType.JPEG),
    (b"GIF87a", DocumentType.GIF),
    (b"GIF89a", DocumentType.GIF),
    (b"{\\rt", DocumentType.RTF),
    (b"%!PS", DocumentType.POSTSCRIPT),
    (b"\x04%!PS", DocumentType.POSTSCRIPT),  # as printer drivers write it
    (b"\xc5\xd0\xd3\xc6", DocumentType.POSTSCRIPT),  # encapsulated, with a picture
)

_PRINTER_JOB = b"\x1b%-12345X@PJL"

# Files that could pass for text, or for PDF with something printable before its "%PDF".
_REFUSED: tuple[bytes, ...] = (
    b"MZ",
    b"PK",
    b"#!",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"RIFF",
)


def detect(path: Path, *, name: str) -> DocumentType:
    """Say what the file at ``path`` is; ``name`` is only used to speak of it.

    Raises DocumentError: DOCUMENT_EMPTY for a file without bytes, DOCUMENT_ENCRYPTED for an office
    document with a password, DOCUMENT_TYPE_UNSUPPORTED for what is none of ``DocumentType``.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise DocumentError(ErrorCode.DOCUMENT_EMPTY, field="documents", name=name)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if (picture := _picture(head)) is not None:
        return picture
    if head.startswith(_PRINTER_JOB) and b"%!PS" in head:
        return DocumentType.POSTSCRIPT
    if head.startswith((containers.ZIP, containers.OLE)):
        return _office_type(path, name)
    if not head.startswith(_REFUSED):
        before, mark, _ = head.partition(b"%PDF-")
        if mark and not encodings.has_garbage(before.decode("latin-1")):
            return DocumentType.PDF
        if (sample := encodings.sample_of(path)) is not None:
            return _text_type(sample)
    raise DocumentError(ErrorCode.DOCUMENT_TYPE_UNSUPPORTED, field="documents", name=name)


def _picture(head: bytes) -> DocumentType | None:
    """Tell the pictures that more than their first bytes are needed for."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return DocumentType.WEBP
    if headers.is_bmp(head):
        return DocumentType.BMP
    if headers.is_pnm(head):
        return DocumentType.PNM
    return DocumentType.HEIC if headers.is_heif(head) else None


def _text_type(sample: str) -> DocumentType:
    if encodings.looks_like_mail(sample):
        return DocumentType.MAIL
    return DocumentType.HTML if encodings.looks_like_html(sample) else DocumentType.TEXT


def _office_type(path: Path, name: str) -> DocumentType:
    try:
        kind = containers.office_type(path)
    except containers.Encrypted:
        raise DocumentError(ErrorCode.DOCUMENT_ENCRYPTED, field="documents", name=name) from None
    if kind is None:
        raise DocumentError(ErrorCode.DOCUMENT_TYPE_UNSUPPORTED, field="documents", name=name)
    return DocumentType(kind)
