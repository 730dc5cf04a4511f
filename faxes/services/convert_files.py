"""Files on this machine to a fax TIFF, and a fax TIFF to PDF, just as the portal does it.

For the commands ``faxify`` and ``unfax``: no account, no database.
"""

import errno
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts import moments
from faxes.documents import cover, pipeline
from faxes.documents.cover import Facts, Look
from faxes.documents.pipeline import NamedPath, PageFacts
from faxes.documents.tiff import read_fax_tiff
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError, FaxError
from faxes.services import intake

COVER = "cover"  # what a cover's pages are said to come from


@dataclass(frozen=True, slots=True)
class CoverSheet:
    """A cover to put first: the name of a layout or the path of a template, and what it tells."""

    template: str
    to: str = ""
    sender: str = ""
    subject: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the result: from which file, rows, coded bytes, what was decided, seconds."""

    number: int
    source: str
    rows: int
    bytes: int
    decided: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Converted:
    """A file that was made: its size in bytes, the seconds it took, its pages."""

    out: str
    bytes: int
    seconds: float
    pages: tuple[Page, ...]

    def as_json(self) -> dict[str, Any]:
        """For printing."""
        return asdict(self)


def faxify(
    inputs: Sequence[Path],
    out: Path,
    *,
    quality: Quality,
    paper: Paper,
    cover_sheet: CoverSheet | None = None,
) -> Converted:
    """Make one fax TIFF of documents in their order.

    Raises:
        FaxError: a document cannot be faxed, or the cover cannot be used.
        OSError: a file cannot be read or written.

    """
    begun = time.perf_counter()
    if len(inputs) > settings.MAX_DOCUMENTS:
        raise DocumentError(ErrorCode.TOO_MANY_DOCUMENTS, limit=settings.MAX_DOCUMENTS)
    _assert_files(inputs, out)
    template = _template(cover_sheet.template) if cover_sheet else ""
    named = [NamedPath(path, _shown(path)) for path in inputs]
    with tempfile.TemporaryDirectory(prefix=".faxify-", dir=out.parent) as folder:
        body = Path(folder) / "body.tiff"
        made = pipeline.render(named, body, quality=quality, paper=paper, limits=intake.limits())
        pages = [_page(page, named[page.source].name) for page in made.pages]
        if cover_sheet is None:
            body.replace(out)
        else:
            first = Path(folder) / "cover.tiff"
            own = cover.render(
                template,
                _facts(cover_sheet),
                first,
                body_pages=len(pages),
                quality=quality,
                paper=paper,
            )
            pipeline.join([first, body], out)
            pages = [*(_page(page, COVER) for page in own.pages), *pages]
    numbered = [
        Page(number, page.source, page.rows, page.bytes, page.decided, page.seconds)
        for number, page in enumerate(pages, 1)
    ]
    return _converted(out, begun, numbered)


def unfax(tiff: Path, out: Path) -> Converted:
    """Make a PDF of a fax TIFF.

    Raises:
        FaxError: it is no TIFF, or too damaged.
        OSError: a file cannot be read or written.

    """
    begun = time.perf_counter()
    _assert_files([tiff], out)
    name = _shown(tiff)
    try:
        ways = pipeline.pdf_of(tiff, out, limits=intake.limits())
        facts = read_fax_tiff(tiff)
    except FaxError as error:
        error.params.setdefault("name", name)
        raise
    pages = [
        Page(page.number, name, page.rows, page.bytes, way.decided, way.seconds)
        for page, way in zip(facts, ways, strict=True)
    ]
    return _converted(out, begun, pages)


def _assert_files(inputs: Sequence[Path], out: Path) -> None:
    """See early that all files are there, since the sandbox only tells that it cannot read one."""
    for path in inputs:
        with path.open("rb"):
            pass
    if not out.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(out.parent))
    if out.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(out))


def _shown(path: Path) -> str:
    return intake.printable(path.name)


def _template(written: str) -> str:
    if written in cover.LAYOUTS:
        return cover.complete(cover.layout(written), Look())
    with suppress(UnicodeDecodeError):
        return cover.complete(Path(written).read_text(encoding="utf-8"), Look())
    raise DocumentError(ErrorCode.COVER_UNUSABLE)


def _facts(sheet: CoverSheet) -> Facts:
    today = moments.tell(timezone.localtime(), "weekday-long+minutes+zone")
    return Facts(sheet.to, sheet.sender, today, subject=sheet.subject, message=sheet.message)


def _page(page: PageFacts, source: str) -> Page:
    return Page(page.number, source, page.rows, page.bytes, page.decided, page.seconds)


def _converted(out: Path, begun: float, pages: Sequence[Page]) -> Converted:
    seconds = round(time.perf_counter() - begun, 3)
    return Converted(str(out), out.stat().st_size, seconds, tuple(pages))
