"""What jobs do, inside the sandbox: plain values in, plain values out. Run by ``zygote`` alone."""

import queue
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from faxes.documents import ink, resolution, thumbs, wrap
from faxes.documents import tiff as fax_tiff
from faxes.documents.detect import DocumentType, detect
from faxes.documents.limits import Limits
from faxes.documents.raster import Sheet
from faxes.documents.readers.base import FaxBits, Opener, Reader, Source
from faxes.documents.readers.image import PICTURES
from faxes.documents.readers.pdf import PdfReader
from faxes.documents.readers.text import TextReader
from faxes.documents.readers.tiff import TiffReader
from faxes.documents.tiff import Bits, FaxTiffWriter
from faxes.documents.zygote import Job
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError

READERS: dict[DocumentType, Opener] = {
    DocumentType.PDF: PdfReader,
    DocumentType.TIFF: TiffReader,
    DocumentType.TEXT: TextReader,
    **PICTURES,
}

_PAGES_AHEAD = 3
_SAMPLE = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R
/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 40>>stream
BT /F 12 Tf 72 720 Td (Fax) Tj ET       \nendstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R/Size 6>>
"""


def warm() -> None:
    """Go the whole way once, so that jobs find libraries, fonts and tables as they need them."""
    with tempfile.TemporaryDirectory(prefix="warm-") as name:
        folder = Path(name)
        paths = [folder / "sample.pdf", folder / "sample.txt"]
        paths[0].write_bytes(_SAMPLE)
        paths[1].write_text("Fax")
        job = Job(folder, Limits(), lambda _facts: None)
        out = str(folder / "sample.tif")
        documents = [str(path) for path in paths]
        render(job, paths=documents, names=documents, out=out, quality="fine", paper="a4")
        png_of(job, tiff=out, page=1, width=80, out=str(folder / "sample.png"))


def count(job: Job, *, paths: list[str], names: list[str], paper: str) -> list[int]:
    """Tell how many pages each document makes, or refuse it."""
    sheet = Sheet(Quality.FINE, Paper(paper))
    pages: list[int] = []
    for index, (path, name) in enumerate(zip(paths, names, strict=True)):
        job.say({"source": index})
        source = Source(Path(path), name, job.limits, sheet)
        with _open(source, job.limits.pages - sum(pages)) as reader:
            pages.append(reader.pages)
    return pages


def render(
    job: Job,
    *,
    paths: list[str],
    names: list[str],
    out: str,
    quality: str,
    paper: str,
    only: list[tuple[int, int]] | None = None,
) -> list[dict[str, Any]]:
    """Draw all documents, in order, into one fax TIFF; tell the facts of each page.

    ``only`` names some of their pages, counted through all documents from 1, in rising order, each
    with its quarter turns.
    """
    sheet = Sheet(Quality(quality), Paper(paper))
    facts: list[dict[str, Any]] = []
    wanted = None if only is None else dict(only)
    before = 0
    with _Encoder(Path(out), sheet.quality) as encoder:
        for index, (path, name) in enumerate(zip(paths, names, strict=True)):
            job.say({"source": index})
            source = Source(Path(path), name, job.limits, sheet)
            with _open(source, job.limits.pages - before) as reader:
                for number in range(1, reader.pages + 1):
                    if wanted is not None and before + number not in wanted:
                        continue
                    begun = time.perf_counter()
                    turns = wanted[before + number] if wanted else 0
                    bits, decided = _page(reader, number, sheet, turns)
                    seconds = round(time.perf_counter() - begun, 4)
                    encoder.add(bits)
                    facts.append({"source": index, "decided": decided, "seconds": seconds})
                before += reader.pages
    if wanted is not None and len(facts) != len(wanted):
        raise DocumentError(ErrorCode.PAGES_INVALID)
    pages = fax_tiff.read_fax_tiff(Path(out))
    for page, fact in zip(pages, facts, strict=True):
        fact |= {"number": page.number, "rows": page.rows, "bytes": page.bytes}
    return facts


def pdf_of(job: Job, *, tiff: str, out: str, sound: bool = False) -> list[dict[str, Any]]:
    """Wrap a fax TIFF as a PDF, telling how each page came into it.

    One with pages that cannot be wrapped is made into fax pages first; one that is not known to be
    ``sound`` is decoded to see whether it is.
    """
    to_pdf = wrap.tiff_to_pdf if sound else wrap.any_tiff_to_pdf
    try:
        return [asdict(page) for page in to_pdf(Path(tiff), Path(out))]
    except wrap.NotWrappable:
        quality = fax_tiff.read_fax_tiff(Path(tiff))[0].quality
        canonical = Path(out).with_name("canonical.tif")
        pages = render(
            job, paths=[tiff], names=[""], out=str(canonical), quality=quality, paper=Paper.A4
        )
        wrap.tiff_to_pdf(canonical, Path(out))
        return [{"decided": page["decided"], "seconds": page["seconds"]} for page in pages]


def pdf_of_many(job: Job, *, tiffs: list[str], sound: list[bool], out: str) -> None:
    """Wrap several fax TIFFs as one PDF, as ``pdf_of`` does with one."""

    def redrawn(tiff: Path) -> Path:
        quality = fax_tiff.read_fax_tiff(tiff)[0].quality
        canonical = Path(out).with_name("canonical.tif")
        render(
            job, paths=[str(tiff)], names=[""], out=str(canonical), quality=quality, paper=Paper.A4
        )
        return canonical

    parts = [(Path(tiff), each) for tiff, each in zip(tiffs, sound, strict=True)]
    wrap.tiffs_to_pdf(parts, Path(out), redrawn=redrawn)


def png_of(_job: Job, *, tiff: str, page: int, width: int, out: str) -> None:
    """Write a picture of a page."""
    try:
        Path(out).write_bytes(thumbs.page_png(Path(tiff), page, width=width))
    except IndexError:
        unreadable = ErrorCode.DOCUMENT_UNREADABLE
        raise DocumentError(unreadable, field="documents", page=page) from None


def lower_resolution(_job: Job, *, tiff: str, out: str, quality: str) -> None:
    """Write a fax TIFF with fewer lines an inch."""
    resolution.lower_resolution(Path(tiff), Path(out), Quality(quality))


def verify(_job: Job, *, tiff: str) -> list[dict[str, Any]]:
    """Decode every page of a fax TIFF and tell the facts of each, and what was wrong with it."""
    path = Path(tiff)
    verified, marks = [], False
    for page in fax_tiff.read_fax_tiff(path):
        try:
            decoded = fax_tiff.decoded(path, page.number)
        except DocumentError:
            whole = clean = False
        else:
            whole, clean = decoded.whole, decoded.clean
            marks = marks or whole or bool(decoded.bits.any())
        verified.append({"facts": asdict(page), "whole": whole, "clean": clean})
    if not marks:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE)
    return verified


def _open(source: Source, most_pages: int) -> Reader:
    """Open a document with the reader of its type, unless it has too many pages."""
    reader = READERS[detect(source.path, name=source.name)](source)
    pages = reader.pages
    if pages > most_pages:
        with reader:
            limit = source.limits.pages
            raise source.error(ErrorCode.DOCUMENT_TOO_MANY_PAGES, pages=pages, limit=limit)
    return reader


def _page(reader: Reader, number: int, sheet: Sheet, turns: int) -> tuple[Bits, str]:
    drawn = reader.draw(number, turns)
    if isinstance(drawn, FaxBits):
        return drawn.bits, "fax"
    inked = ink.ink(drawn, sheet.rows, sheet.dot_rows)
    return inked.bits, inked.decided


class _Encoder:
    """Codes and writes pages in a thread of its own, while the next page is drawn.

    Both drawing and coding are done in C without Python's lock, so that two cores are used.
    """

    def __init__(self, path: Path, quality: Quality) -> None:
        self._path = path
        self._quality = quality
        self._pages: queue.Queue[Bits | None] = queue.Queue(_PAGES_AHEAD)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pages.put(None)
        self._thread.join()
        if error is None and self._failure is not None:
            raise self._failure

    def add(self, bits: Bits) -> None:
        """Hand over a page."""
        if self._failure is not None:
            raise self._failure
        self._pages.put(bits)

    def _work(self) -> None:
        try:
            with FaxTiffWriter(self._path) as writer:
                while (bits := self._pages.get()) is not None:
                    writer.add(bits, self._quality)
        except BaseException as error:  # noqa: BLE001 - raised again where the pages come from
            self._failure = error
            while self._pages.get() is not None:
                pass  # what is still handed over
