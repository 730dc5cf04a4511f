"""Documents that other programs understand become PDF before they are drawn, each in its own jail.

What can be drawn as it is (PDF, pictures, plain text) goes through untouched. All else is told by
its type which program makes PDF of it, in which warm helper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faxes.documents import containers
from faxes.documents.detect import DocumentType, detect
from faxes.documents.limits import Budget, Limits
from faxes.documents.sandbox import HTML_SANDBOX, OFFICE_SANDBOX, SANDBOX, Sandbox
from faxes.enums import ErrorCode, Paper
from faxes.errors import DocumentError


@dataclass(frozen=True, slots=True)
class NamedPath:
    """A file and what its user calls it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """A file that can be drawn, and the index of the user's document that it is (part of)."""

    path: Path
    name: str
    source: int


@dataclass(frozen=True, slots=True)
class _Way:
    """Which operation, in which warm helper, makes PDF of a type; what it is told besides."""

    sandbox: Sandbox
    operation: str
    arguments: tuple[str, ...] = ()


_OFFICE = _Way(OFFICE_SANDBOX, "faxes.documents.office:to_pdf", ("suffix",))
_WAYS: dict[DocumentType, _Way] = {
    **dict.fromkeys((DocumentType(kind) for kind in containers.OFFICE_TYPES), _OFFICE),
    DocumentType.RTF: _OFFICE,
    DocumentType.HTML: _Way(HTML_SANDBOX, "faxes.documents.html:to_pdf", ("paper",)),
    DocumentType.POSTSCRIPT: _Way(SANDBOX, "faxes.documents.postscript:to_pdf", ("paper",)),
}


def parts_of(
    sources: Sequence[NamedPath], folder: Path, *, paper: Paper, budget: Budget
) -> list[Part]:
    """Return what is to be drawn, in order; what had to be made for it lies in ``folder``.

    Raises DocumentError: as ``detect``, and as the programs do, with the name of the document.
    """
    return [
        Part(_drawable(source, folder / str(index), paper, budget), source.name, index)
        for index, source in enumerate(sources)
    ]


def type_of(source: NamedPath, limits: Limits) -> DocumentType:
    """Return what a document is.

    Raises DocumentError: DOCUMENT_TOO_LARGE, and as ``detect``.
    """
    if source.path.stat().st_size > limits.input_bytes:
        limit = limits.input_bytes // 1_000_000
        too_large = ErrorCode.DOCUMENT_TOO_LARGE
        raise DocumentError(too_large, field="documents", name=source.name, limit=limit)
    return detect(source.path, name=source.name)


def _drawable(source: NamedPath, folder: Path, paper: Paper, budget: Budget) -> Path:
    kind = type_of(source, budget.left)
    way = _WAYS.get(kind)
    if way is None:
        return source.path
    folder.mkdir()
    out = folder / "document.pdf"
    known = {"paper": paper.value, "suffix": f".{kind.value}"}
    way.sandbox.run(
        way.operation,
        {"path": str(source.path.resolve()), "out": str(out)}
        | {name: known[name] for name in way.arguments},
        folder=folder,
        reads=[source.path],
        names=[source.name],
        limits=budget.left,
    )
    try:
        budget.spend(out.stat().st_size)
    except FileNotFoundError:
        unreadable = ErrorCode.DOCUMENT_UNREADABLE
        raise DocumentError(unreadable, field="documents", name=source.name) from None
    return out
