"""What jobs do, inside the sandbox: plain values in, plain values out. Run by ``zygote`` alone."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from faxes.documents import ink, thumbs, wrap
from faxes.documents import tiff as fax_tiff
from faxes.documents.detect import DocumentType, detect
from faxes.documents.raster import Sheet
from faxes.documents.readers.base import FaxBits, Opener, Reader, Source
from faxes.documents.readers.pdf import PdfReader
from faxes.documents.tiff import FaxTiffWriter
from faxes.documents.zygote import Job
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError

_READERS: dict[DocumentType, Opener] = {
    DocumentType.PDF: PdfReader,
}


def inspect(job: Job, *, path: str, name: str, paper: str) -> dict[str, Any]:
    """Tell type, pages and size of a document, or refuse it."""
    sheet = Sheet(Quality.FINE, Paper(paper))
    source = Source(Path(path), name, job.limits, sheet)
    kind, reader = _open(source, job.limits.pages)
    with reader:
        return {"type": kind.value, "pages": reader.pages, "size": source.path.stat().st_size}


def render(
    job: Job, *, paths: list[str], names: list[str], out: str, quality: str, paper: str
) -> dict[str, Any]:
    """Draw all documents, in order, into one fax TIFF; tell the facts of each page."""
    sheet = Sheet(Quality(quality), Paper(paper))
    facts: list[dict[str, Any]] = []
    with FaxTiffWriter(Path(out), sheet.quality) as writer:
        for index, (path, name) in enumerate(zip(paths, names, strict=True)):
            job.say({"source": index})
            source = Source(Path(path), name, job.limits, sheet)
            _, reader = _open(source, job.limits.pages - len(facts))
            with reader:
                for number in range(1, reader.pages + 1):
                    drawn = reader.draw(number)
                    if isinstance(drawn, FaxBits):
                        bits, decided = drawn.bits, "fax"
                    else:
                        inked = ink.ink(drawn, sheet.rows, sheet.dot_rows)
                        bits, decided = inked.bits, inked.decided
                    writer.add(bits)
                    facts.append({"source": index, "decided": decided})
    pages = fax_tiff.read_fax_tiff(Path(out))
    for page, fact in zip(pages, facts, strict=True):
        fact |= {"number": page.number, "rows": page.rows, "bytes": page.bytes}
    return {"pages": facts}


def pdf_of(_job: Job, *, tiff: str, out: str) -> None:
    """Wrap a fax TIFF as a PDF."""
    wrap.tiff_to_pdf(Path(tiff), Path(out))


def png_of(_job: Job, *, tiff: str, page: int, width: int, out: str) -> None:
    """Write a picture of a page."""
    Path(out).write_bytes(thumbs.page_png(Path(tiff), page, width=width))


def _open(source: Source, most_pages: int) -> tuple[DocumentType, Reader]:
    size = source.path.stat().st_size
    if size > source.limits.input_bytes:
        raise DocumentError(
            ErrorCode.DOCUMENT_TOO_LARGE,
            field="documents",
            name=source.name,
            megabytes=source.limits.input_bytes // 1_000_000,
        )
    kind = detect(source.path, name=source.name)
    reader = _READERS[kind](source)
    if reader.pages > most_pages:
        with reader:
            raise DocumentError(
                ErrorCode.DOCUMENT_TOO_MANY_PAGES,
                field="documents",
                name=source.name,
                pages=reader.pages,
                limit=source.limits.pages,
            )
    return kind, reader


def verify(_job: Job, *, tiff: str) -> list[dict[str, Any]]:
    """Decode every page of a fax TIFF and tell the facts of each."""
    path = Path(tiff)
    pages = fax_tiff.read_fax_tiff(path)
    for page in pages:
        fax_tiff.page_bits(path, page.number)
    return [asdict(page) for page in pages]
