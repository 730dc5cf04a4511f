"""Documents on their way in: spooled, looked at, and stored only when all of them are good."""

import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from faxes import vault
from faxes.documents import pipeline
from faxes.documents.detect import DocumentType
from faxes.documents.limits import Budget, Limits
from faxes.enums import ErrorCode, Paper
from faxes.errors import DocumentError
from faxes.models import Document

_NAME_LENGTH = 255
_UNPRINTABLE: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
FAX_TIFF = "image/tiff"
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
MEDIA_TYPES: Final = {
    DocumentType.PDF: "application/pdf",
    DocumentType.TIFF: FAX_TIFF,
    DocumentType.PNG: "image/png",
    DocumentType.JPEG: "image/jpeg",
    DocumentType.GIF: "image/gif",
    DocumentType.WEBP: "image/webp",
    DocumentType.BMP: "image/bmp",
    DocumentType.PNM: "image/x-portable-anymap",
    DocumentType.HEIC: "image/heic",
    DocumentType.TEXT: "text/plain",
    DocumentType.DOC: "application/msword",
    DocumentType.DOCX: f"{_OPEN_XML}.wordprocessingml.document",
    DocumentType.XLS: "application/vnd.ms-excel",
    DocumentType.XLSX: f"{_OPEN_XML}.spreadsheetml.sheet",
    DocumentType.PPT: "application/vnd.ms-powerpoint",
    DocumentType.PPTX: f"{_OPEN_XML}.presentationml.presentation",
    DocumentType.ODT: f"{_OPEN_DOCUMENT}.text",
    DocumentType.ODS: f"{_OPEN_DOCUMENT}.spreadsheet",
    DocumentType.ODP: f"{_OPEN_DOCUMENT}.presentation",
    DocumentType.RTF: "application/rtf",
    DocumentType.POSTSCRIPT: "application/postscript",
    DocumentType.HTML: "text/html",
    DocumentType.MAIL: "message/rfc822",
}
_KINDS: Final = {media_type: kind.value for kind, media_type in MEDIA_TYPES.items()}


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A document as somebody brings it: its name, its size in bytes, and its bytes.

    ``kinds`` is what it may turn out to be, as who brings it says; anything if that is empty.
    """

    name: str
    size: int
    file: BinaryIO
    kinds: frozenset[DocumentType] = frozenset()


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A document in storage, as rows tell of it."""

    name: str
    media_type: str
    key: str
    size: int
    sha256: str
    pages: int
    sound: bool = False

    @classmethod
    def of(cls, document: Document) -> "KeptFile":
        """The file that a row tells of."""
        return cls(
            name=document.name,
            media_type=document.media_type,
            key=document.key,
            size=document.size,
            sha256=document.sha256,
            pages=document.pages,
            sound=document.sound,
        )

    def as_json(self) -> dict[str, Any]:
        """For a column."""
        return asdict(self)


def incoming(uploaded: "UploadedFile[bytes]") -> IncomingFile:
    """A browser's upload as an incoming file."""
    return IncomingFile(
        name=document_name(uploaded.name or ""),
        size=uploaded.size or 0,
        file=uploaded,  # type: ignore[arg-type]  # a file in all that matters
    )


def document_name(told: str) -> str:
    """The name of a document as somebody tells it, without folders."""
    last = told.replace("\\", "/").rsplit("/", 1)[-1]
    return printable(last).strip()[-_NAME_LENGTH:] or "document"


def printable(text: str, *, lines: bool = False) -> str:
    """Text without control characters and such as turn the direction of what follows.

    ``lines`` keeps line ends.
    """
    kept = "\n" if lines else ""
    return "".join(
        char
        for char in text.replace("\r\n", "\n")
        if char in kept or unicodedata.category(char) not in _UNPRINTABLE
    )


def kind_of(documents: Sequence[KeptFile]) -> str:
    """Which kind of document all of them are, or "several"."""
    found = {_KINDS.get(each.media_type, "other") for each in documents}
    return found.pop() if len(found) == 1 else "several"


def limits() -> Limits:
    """The limits of conversion, as the site sets them."""
    return Limits(
        input_bytes=settings.MAX_UPLOAD_BYTES,
        pages=settings.MAX_PAGES,
        pixels_per_page=settings.MAX_PIXELS,
        memory_bytes=settings.CONVERT_MEMORY_BYTES,
        cpu_seconds=settings.CONVERT_SECONDS,
    )


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A document that was looked at and is good, in a temporary file."""

    name: str
    path: Path
    media_type: str
    pages: int


@contextmanager
def spooled(documents: Sequence[IncomingFile], *, paper: Paper) -> Iterator[list[SpooledFile]]:
    """Copies of the documents in a folder that is gone afterwards, each inspected.

    Pages are counted on the paper that they will be drawn for: by them it is paid and limited.

    Raises:
        DocumentError: the first of them that cannot be faxed, or too many of them.

    """
    if len(documents) > settings.MAX_DOCUMENTS:
        raise DocumentError(
            ErrorCode.TOO_MANY_DOCUMENTS, field="documents", limit=settings.MAX_DOCUMENTS
        )
    with tempfile.TemporaryDirectory(prefix="intake-") as folder:
        budget = Budget(limits())
        files = [
            _spool(document, Path(folder) / str(position), paper, budget.left)
            for position, document in enumerate(documents)
        ]
        if sum(file.pages for file in files) > settings.MAX_PAGES:
            raise DocumentError(
                ErrorCode.DOCUMENT_TOO_MANY_PAGES,
                field="documents",
                name=files[-1].name,
                limit=settings.MAX_PAGES,
            )
        yield files


def _spool(document: IncomingFile, path: Path, paper: Paper, left: Limits) -> SpooledFile:
    if document.size > settings.MAX_UPLOAD_BYTES:
        raise DocumentError(
            ErrorCode.DOCUMENT_TOO_LARGE,
            field="documents",
            name=document.name,
            limit=settings.MAX_UPLOAD_BYTES // (1024 * 1024),
        )
    document.file.seek(0)
    with path.open("wb") as target:
        shutil.copyfileobj(document.file, target, 1024 * 1024)
    try:
        seen = pipeline.inspect(path, name=document.name, paper=paper, limits=left)
    except DocumentError as error:
        error.field = "documents"
        raise
    if document.kinds and seen.type not in document.kinds:
        raise DocumentError(
            ErrorCode.DOCUMENT_TYPE_UNSUPPORTED, field="documents", name=document.name
        )
    return SpooledFile(document.name, path, MEDIA_TYPES[seen.type], seen.pages)


def keep(owner: UUID, files: Sequence[SpooledFile]) -> list[KeptFile]:
    """Store spooled files; if one cannot be stored, none is."""
    kept: list[KeptFile] = []
    try:
        for file in files:
            one = keep_one(owner, file.path, file.name, file.media_type, file.pages)
            kept.append(one)  # at once, so that it can be taken back
    except BaseException:
        drop(kept)
        raise
    return kept


def keep_one(owner: UUID, path: Path, name: str, media_type: str, pages: int) -> KeptFile:
    """Store one file."""
    stored = vault.put(owner, path)
    return KeptFile(name, media_type, stored.key, stored.size, stored.sha256, pages)


def drop(kept: Sequence[KeptFile]) -> None:
    """Take back what was stored for rows that did not come to be."""
    for file in kept:
        vault.destroy(file.key)
