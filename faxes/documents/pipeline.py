"""The faces of conversion: files in, fax pages, PDF and PNG out; strangers' bytes only sandboxed.

Everything here may be called from any thread of any process. A call either returns its result with
its output in place, or raises DocumentError and leaves nothing behind.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faxes.documents.detect import DocumentType
from faxes.documents.limits import Limits
from faxes.documents.sandbox import SANDBOX
from faxes.documents.tiff import Coding, FaxPage
from faxes.enums import Paper, Quality

_OPERATIONS = "faxes.documents.operations:"
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class NamedPath:
    """A file and what its user calls it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """What can be told of a document without drawing it; ``size`` in bytes."""

    type: DocumentType
    pages: int
    size: int


@dataclass(frozen=True, slots=True)
class PageFacts:
    """A fax page: number from 1, index of the document it came from, rows, coded bytes.

    ``decided`` says how it was made black and white: ``text``, ``photo``, ``mixed``, or ``fax`` for
    a page that was a fax page already and went through untouched.
    """

    number: int
    source: int
    rows: int
    bytes: int
    decided: str


@dataclass(frozen=True, slots=True)
class Pages:
    """A fax TIFF, ready for the line, and the facts of its pages."""

    path: Path
    pages: tuple[PageFacts, ...]


def inspect(
    path: Path, *, name: str, paper: Paper = Paper.A4, limits: Limits = _LIMITS
) -> Inspection:
    """Tell type and number of pages of a document, or refuse it as early as can be.

    Raises DocumentError: DOCUMENT_EMPTY, _TYPE_UNSUPPORTED, _TOO_LARGE, _ENCRYPTED, _UNREADABLE,
    _NO_PAGES, _TOO_MANY_PAGES, _TOO_MANY_PIXELS, _TOO_SLOW, _TOO_MUCH_MEMORY.
    """
    with tempfile.TemporaryDirectory(prefix="inspect-") as folder:
        facts = SANDBOX.run(
            _OPERATIONS + "inspect",
            {"path": str(path.resolve()), "name": name, "paper": paper.value},
            folder=Path(folder),
            reads=[path],
            names=[name],
            limits=limits,
        )
    return Inspection(DocumentType(facts["type"]), facts["pages"], facts["size"])


def render(
    paths: Sequence[NamedPath],
    out: Path,
    *,
    quality: Quality,
    paper: Paper,
    limits: Limits = _LIMITS,
) -> Pages:
    """Make one canonical fax TIFF at ``out`` of all documents in their order.

    Raises DocumentError as ``inspect``, with the name of the document at fault.
    """
    names = [source.name for source in paths]
    with _folder_for(out) as made:
        facts = SANDBOX.run(
            _OPERATIONS + "render",
            {
                "paths": [str(source.path.resolve()) for source in paths],
                "names": names,
                "out": str(made),
                "quality": quality.value,
                "paper": paper.value,
            },
            folder=made.parent,
            reads=[source.path for source in paths],
            names=names,
            limits=limits,
        )
    return Pages(out, tuple(PageFacts(**page) for page in facts["pages"]))


def pdf_of(tiff: Path, out: Path, *, limits: Limits = _LIMITS) -> None:
    """Make a PDF of a fax TIFF, carrying its coded pages over as they are."""
    with _folder_for(out) as made:
        _run("pdf_of", {"tiff": str(tiff.resolve()), "out": str(made)}, tiff, made, limits)


def png_of(tiff: Path, page: int, width: int, *, limits: Limits = _LIMITS) -> bytes:
    """Return a picture of a page, numbered from 1, for browsers: see ``thumbs.page_png``."""
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        made = Path(folder).resolve() / "page.png"
        arguments = {"tiff": str(tiff.resolve()), "page": page, "width": width, "out": str(made)}
        _run("png_of", arguments, tiff, made, limits)
        return made.read_bytes()


def verify(tiff: Path, *, limits: Limits = _LIMITS) -> tuple[FaxPage, ...]:
    """Decode every page of a fax TIFF once and return the facts of each.

    Raises DocumentError: DOCUMENT_UNREADABLE, DOCUMENT_NO_PAGES.
    """
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        made = Path(folder).resolve() / "none"
        pages = _run("verify", {"tiff": str(tiff.resolve())}, tiff, made, limits)
    return tuple(FaxPage(**page | {"compression": Coding(page["compression"])}) for page in pages)


def _run(operation: str, arguments: dict[str, Any], read: Path, made: Path, limits: Limits) -> Any:
    return SANDBOX.run(
        _OPERATIONS + operation, arguments, folder=made.parent, reads=[read], limits=limits
    )


@contextmanager
def _folder_for(out: Path) -> Iterator[Path]:
    """Give a path in a folder of the job's own beside ``out``; move it there in the end."""
    folder = Path(tempfile.mkdtemp(prefix=".convert-", dir=out.parent)).resolve()
    try:
        made = folder / out.name
        yield made
        made.replace(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
