"""The pages of a fax as a carrier hands them out: made a fax TIFF, looked at, and counted.

Whatever a carrier hands out is a stranger's: it is told by its first bytes and read in the sandbox
alone. What arrives as PDF becomes fax pages; a PDF that merely wraps such pages gives back the very
same pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faxes.documents import pipeline
from faxes.documents.limits import Limits
from faxes.documents.pipeline import NamedPath
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError

_MOST_BYTES: Final = 100 * 1024 * 1024
_HEAD_BYTES: Final = 1024  # a PDF says so within these
_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_NO_FAX: Final = frozenset({ErrorCode.DOCUMENT_UNREADABLE, ErrorCode.DOCUMENT_NO_PAGES})


@dataclass(frozen=True, slots=True)
class Looked:
    """Pages that came: where they are, how many, whether all is there, and all of it well."""

    tiff: Path
    pages: int
    whole: bool
    sound: bool


@dataclass(frozen=True, slots=True)
class AsTold:
    """What its carrier says of a fax: how many pages, how fine; and the paper of its account."""

    pages: int
    quality: Quality
    paper: Paper


def brought(fetch: Callable[[Path], None], folder: Path, *, told: AsTold) -> Looked:
    """Have the pages written into a folder, as TIFF or PDF; make fax pages of them if need be.

    Raises:
        DocumentError: what was written is no fax, or too large.
        CarrierError: as ``fetch`` does.

    """
    document = folder / "fetched"
    fetch(document)
    size = document.stat().st_size
    if size > _MOST_BYTES:
        raise DocumentError(ErrorCode.DOCUMENT_TOO_LARGE, limit=_MOST_BYTES // (1024 * 1024))
    with document.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_TIFF):
        return looked_at(document, told)
    if b"%PDF-" not in head:
        code = ErrorCode.DOCUMENT_TYPE_UNSUPPORTED if head else ErrorCode.DOCUMENT_EMPTY
        raise DocumentError(code)
    tiff = folder / "fax.tiff"
    drawn = pipeline.render(
        [NamedPath(document, "fax.pdf")],
        tiff,
        quality=told.quality,
        paper=told.paper,
        limits=Limits(input_bytes=_MOST_BYTES),
    )
    return Looked(tiff, len(drawn.pages), whole=True, sound=True)  # the portal's own coding


def looked_at(tiff: Path, told: AsTold) -> Looked:
    """Decode every page once. A damaged fax is kept: half a page may say what matters.

    Raises:
        DocumentError: it is not a fax.

    """
    try:
        found = pipeline.verify(tiff)
    except DocumentError as error:
        if error.code in _NO_FAX:
            raise
        # The check was killed or ran out of time or memory, which says nothing of the pages.
        return Looked(tiff, told.pages, whole=True, sound=False)
    return Looked(
        tiff,
        len(found),
        whole=all(page.whole for page in found),
        sound=all(page.clean for page in found),
    )
