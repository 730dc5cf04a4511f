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

from faxes.documents import thumbs, translate, wrap
from faxes.documents import tiff as fax_tiff
from faxes.documents.detect import DocumentType
from faxes.documents.limits import Budget, Limits
from faxes.documents.sandbox import SANDBOX
from faxes.documents.tiff import Coding, FaxPage
from faxes.documents.translate import NamedPath, Part
from faxes.documents.wrap import WrappedPage
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError

__all__ = [
    "Inspection",
    "NamedPath",
    "PageFacts",
    "Pages",
    "VerifiedPage",
    "from_page",
    "gather",
    "inspect",
    "join",
    "lower_resolution",
    "pdf_of",
    "pdf_of_many",
    "png_of",
    "render",
    "verify",
    "warm",
]

_OPERATIONS = "faxes.documents.operations:"
_LIMITS = Limits()
_MOST_NAME = 100  # characters; the sandbox itself knows them whole


@dataclass(frozen=True, slots=True)
class Inspection:
    """What can be told of a document without drawing it; ``size`` in bytes."""

    type: DocumentType
    pages: int
    size: int


@dataclass(frozen=True, slots=True)
class PageFacts:
    """A fax page: number from 1, index of the document it came from, rows, coded bytes.

    ``seconds`` is how long drawing it took. ``decided`` says how it was made black and white:
    ``text``, ``photo``, ``mixed``, or ``fax`` for a page that was a fax page already and went
    through untouched.
    """

    number: int
    source: int
    rows: int
    bytes: int
    decided: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Pages:
    """A fax TIFF, ready for the line, and the facts of its pages."""

    path: Path
    pages: tuple[PageFacts, ...]


@dataclass(frozen=True, slots=True)
class VerifiedPage:
    """A received page that was decoded once: ``whole`` and ``clean`` as ``tiff.Decoded`` has it."""

    facts: FaxPage
    whole: bool
    clean: bool


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
    source = NamedPath(path, name)
    kind = translate.type_of(source, limits)
    with tempfile.TemporaryDirectory(prefix="parts-") as folder:
        budget = Budget(limits)
        parts = translate.parts_of([source], Path(folder), paper=paper, budget=budget)
        arguments = {**_told(parts), "paper": paper.value}
        pages = _run_without_output("count", arguments, parts, budget.left)
    return Inspection(kind, sum(pages), path.stat().st_size)


def render(
    paths: Sequence[NamedPath],
    out: Path,
    *,
    quality: Quality,
    paper: Paper,
    limits: Limits = _LIMITS,
    only: Sequence[tuple[int, int]] | None = None,
) -> Pages:
    """Make one canonical fax TIFF at ``out`` of all documents in their order.

    ``only`` draws some of their pages alone: each by its number from 1, counted through all
    documents, and its quarter turns clockwise; in rising order. PAGES_INVALID if one is not there.

    Raises DocumentError as ``inspect``, with the name of the document at fault, and
    DOCUMENT_OUTPUT_TOO_LARGE.
    """
    with _folder_for(out) as made, tempfile.TemporaryDirectory(prefix="parts-") as folder:
        budget = Budget(limits)
        parts = translate.parts_of(paths, Path(folder), paper=paper, budget=budget)
        told: dict[str, Any] = {**_told(parts), "out": str(made)}
        told |= {"quality": quality.value, "paper": paper.value}
        if only is not None:
            told["only"] = [list(each) for each in only]
        facts = SANDBOX.run(
            _OPERATIONS + "render",
            told,
            folder=made.parent,
            reads=[part.path for part in parts],
            names=[part.name for part in parts],
            limits=budget.left,
        )
    return Pages(
        out,
        tuple(PageFacts(**page | {"source": parts[page["source"]].source}) for page in facts),
    )


def join(parts: Sequence[Path], out: Path) -> None:
    """Make one fax TIFF at ``out`` of fax TIFFs that ``render`` made: the very same coded pages."""
    with _folder_for(out) as made:
        fax_tiff.join(parts, made)


def gather(pages: Sequence[tuple[Path, int]], out: Path) -> None:
    """Make one fax TIFF at ``out`` of single pages, each of a file that ``render`` made.

    Pages are numbered from 1; the very same coded pages.
    """
    with _folder_for(out) as made:
        fax_tiff.gather(pages, made)


def from_page(tiff: Path, out: Path, first: int) -> None:
    """Make a fax TIFF at ``out`` of the pages from ``first`` on of one that ``render`` made."""
    with _folder_for(out) as made:
        fax_tiff.join([tiff], made, first=first)


def pdf_of(
    tiff: Path, out: Path, *, own: bool = False, sound: bool = False, limits: Limits = _LIMITS
) -> tuple[WrappedPage, ...]:
    """Make a PDF of a fax TIFF, carrying its coded pages over as they are.

    What was found clean before (``sound``) is not decoded again, which is twenty times as fast.

    Tells of each page how it came into the PDF: ``wrapped``; ``recoded`` if it was damaged or coded
    otherwise; or, if it was no fax page, how it was made black and white (``PageFacts.decided``).
    Raises DocumentError: DOCUMENT_UNREADABLE, DOCUMENT_NO_PAGES.
    """
    with _folder_for(out) as made:
        if own:
            with suppress(wrap.NotWrappable):
                return tuple(wrap.tiff_to_pdf(tiff, made))
        told = {"tiff": _absolute(tiff), "sound": sound}
        pages = _run_for_output("pdf_of", told, tiff, made, limits)
        return tuple(WrappedPage(**page) for page in pages)


def pdf_of_many(tiffs: Sequence[tuple[Path, bool]], out: Path, *, limits: Limits = _LIMITS) -> None:
    """Make one PDF of several fax TIFFs, in order, each with whether it was found sound before.

    Raises DocumentError: DOCUMENT_UNREADABLE, DOCUMENT_NO_PAGES, or a limit is reached.
    """
    paths = [tiff for tiff, _sound in tiffs]
    told = {"tiffs": [_absolute(path) for path in paths], "sound": [sound for _, sound in tiffs]}
    with _folder_for(out) as made:
        SANDBOX.run(
            _OPERATIONS + "pdf_of_many",
            {**told, "out": str(made)},
            folder=made.parent,
            reads=paths,
            limits=limits,
        )


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


def verify(tiff: Path, *, limits: Limits = _LIMITS) -> tuple[VerifiedPage, ...]:
    """Decode every page of a fax TIFF once and tell what was found.

    Raises DocumentError: DOCUMENT_UNREADABLE if there is not a mark to be seen on any page,
    DOCUMENT_NO_PAGES.
    """
    arguments = {"tiff": _absolute(tiff)}
    pages = _run_without_output("verify", arguments, [Part(tiff, "", 0)], limits)
    return tuple(
        VerifiedPage(
            FaxPage(**page["facts"] | {"compression": Coding(page["facts"]["compression"])}),
            whole=page["whole"],
            clean=page["clean"],
        )
        for page in pages
    )


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


def _told(parts: Sequence[Part]) -> dict[str, list[str]]:
    return {
        "paths": [_absolute(part.path) for part in parts],
        "names": [part.name[:_MOST_NAME] for part in parts],
    }


def _run_for_output(
    operation: str, arguments: Mapping[str, Any], read: Path, made: Path, limits: Limits
) -> Any:
    return SANDBOX.run(
        _OPERATIONS + operation,
        {**arguments, "out": str(made)},
        folder=made.parent,
        reads=[read],
        limits=limits,
    )


def _run_without_output(
    operation: str,
    arguments: Mapping[str, Any],
    parts: Sequence[Part],
    limits: Limits,
) -> Any:
    with tempfile.TemporaryDirectory(prefix="document-") as folder:
        return SANDBOX.run(
            _OPERATIONS + operation,
            arguments,
            folder=Path(folder),
            reads=[part.path for part in parts],
            names=[part.name for part in parts],
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
