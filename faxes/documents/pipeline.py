"""The faces of conversion: files in, fax pages, PDF and PNG out; strangers' bytes only sandboxed.

Everything here may be called from any thread of any process. A call either returns its result with
its output in place, or raises DocumentError and leaves nothing behind. Files that the portal itself
wrote (rendered pages) may be read in the caller's own process, which saves a few milliseconds: say
so with ``own=True``; whatever came from outside, received faxes included, is read in the sandbox.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faxes.documents import thumbs, wrap
from faxes.documents.detect import DocumentType
from faxes.documents.limits import Limits
from faxes.documents.sandbox import SANDBOX
from faxes.documents.tiff import Coding, FaxPage
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError

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


def warm() -> None:
    """Start the sandbox's helper process now; else the first call does, and takes 0.2 s longer."""
    SANDBOX.warm()


def inspect(
    path: Path, *, name: str, paper: Paper = Paper.A4, limits: Limits = _LIMITS
) -> Inspection:
    """Tell type and number of pages of a document, or refuse it as early as can be.

    Plain text is counted in pages of ``paper``.
    Raises DocumentError: DOCUMENT_EMPTY, _TYPE_UNSUPPORTED, _TOO_LARGE, _ENCRYPTED, _UNREADABLE,
    _NO_PAGES, _TOO_MANY_PAGES, _TOO_MANY_PIXELS, _TOO_SLOW, _TOO_MUCH_MEMORY, each with the name.
    """
    arguments = {"path": _absolute(path), "name": name, "paper": paper.value}
    facts = _run_without_output("inspect", arguments, [path], [name], limits)
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

    Raises DocumentError as ``inspect``, with the name of the document at fault, and
    DOCUMENT_TOO_LARGE also for what becomes too large.
    """
    names = [source.name for source in paths]
    with _folder_for(out) as made:
        facts = SANDBOX.run(
            _OPERATIONS + "render",
            {
                "paths": [_absolute(source.path) for source in paths],
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
    return Pages(out, tuple(PageFacts(**page) for page in facts))


def pdf_of(tiff: Path, out: Path, *, own: bool = False, limits: Limits = _LIMITS) -> None:
    """Make a PDF of a fax TIFF, carrying its coded pages over as they are.

    Raises DocumentError: DOCUMENT_UNREADABLE, DOCUMENT_NO_PAGES.
    """
    with _folder_for(out) as made:
        if own:
            with suppress(wrap.NotWrappable):
                wrap.tiff_to_pdf(tiff, made)
                return
        _run_for_output("pdf_of", {"tiff": _absolute(tiff)}, tiff, made, limits)


def png_of(
    tiff: Path, page: int, width: int, *, own: bool = False, limits: Limits = _LIMITS
) -> bytes:
    """Return a picture of a page, numbered from 1, for browsers: see ``thumbs.page_png``.

    Raises DocumentError DOCUMENT_UNREADABLE; also for a page that is not there.
    """
    if own:
        try:
            return thumbs.page_png(tiff, page, width=width)
        except IndexError:
            unreadable = ErrorCode.DOCUMENT_UNREADABLE
            raise DocumentError(unreadable, field="documents", page=page) from None
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        made = Path(folder).resolve() / "page.png"
        arguments = {"tiff": _absolute(tiff), "page": page, "width": width}
        _run_for_output("png_of", arguments, tiff, made, limits)
        return made.read_bytes()


def verify(tiff: Path, *, limits: Limits = _LIMITS) -> tuple[FaxPage, ...]:
    """Decode every page of a fax TIFF once and return the facts of each.

    Raises DocumentError: DOCUMENT_UNREADABLE (with the page, if it is one), DOCUMENT_NO_PAGES.
    """
    pages = _run_without_output("verify", {"tiff": _absolute(tiff)}, [tiff], [], limits)
    return tuple(FaxPage(**page | {"compression": Coding(page["compression"])}) for page in pages)


def lower_resolution(
    source: Path, out: Path, quality: Quality, *, limits: Limits = _LIMITS
) -> None:
    """Write a fax TIFF again with no more lines an inch than ``quality`` has, still legible.

    Raises DocumentError: DOCUMENT_UNREADABLE, DOCUMENT_NO_PAGES.
    """
    with _folder_for(out) as made:
        arguments = {"tiff": _absolute(source), "quality": quality.value}
        _run_for_output("lower_resolution", arguments, source, made, limits)


def _absolute(path: Path) -> str:
    return str(path.resolve())


def _run_for_output(
    operation: str, arguments: Mapping[str, Any], read: Path, made: Path, limits: Limits
) -> None:
    SANDBOX.run(
        _OPERATIONS + operation,
        {**arguments, "out": str(made)},
        folder=made.parent,
        reads=[read],
        limits=limits,
    )


def _run_without_output(
    operation: str,
    arguments: Mapping[str, Any],
    reads: Sequence[Path],
    names: Sequence[str],
    limits: Limits,
) -> Any:
    with tempfile.TemporaryDirectory(prefix="document-") as folder:
        return SANDBOX.run(
            _OPERATIONS + operation,
            arguments,
            folder=Path(folder),
            reads=reads,
            names=names,
            limits=limits,
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
