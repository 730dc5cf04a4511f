"""Documents that other programs understand become PDF before they are drawn, each in its own jail.

What can be drawn as it is (PDF, pictures, most plain text) goes through untouched. All else is told
by its type which program makes PDF of it, in which warm helper. Mail is taken apart first.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faxes.documents import containers, encodings, layout
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


_MOST_NESTED = 2  # a message that is attached to a message is read, one attached to that is not


def parts_of(
    sources: Sequence[NamedPath], folder: Path, *, paper: Paper, budget: Budget
) -> list[Part]:
    """Return what is to be drawn, in order; what had to be made for it lies in ``folder``.

    Raises DocumentError: as ``detect``, and as the programs do, with the name of the document.
    """
    translator = _Translator(paper, budget)
    return [
        Part(drawable.path, drawable.name, index)
        for index, source in enumerate(sources)
        for drawable in translator.drawables(source, folder / str(index))
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


class _Translator:
    """Makes of documents what can be drawn, within one budget."""

    def __init__(self, paper: Paper, budget: Budget) -> None:
        self._paper = paper
        self._budget = budget

    def drawables(self, source: NamedPath, folder: Path, depth: int = 0) -> Iterator[NamedPath]:
        """Yield what a document is drawn from; a message is followed by its attachments."""
        kind = type_of(source, self._budget.left)
        if kind == DocumentType.MAIL:
            yield from self._mail(source, folder, depth)
        elif kind == DocumentType.TEXT:
            yield NamedPath(self._text(source, folder), source.name)
        elif (way := _WAYS.get(kind)) is not None:
            known = {"paper": self._paper.value, "suffix": f".{kind.value}"}
            arguments = {name: known[name] for name in way.arguments}
            made = self._pdf(way.sandbox, way.operation, source, folder, arguments)
            yield NamedPath(made, source.name)
        else:
            yield source

    def _text(self, source: NamedPath, folder: Path) -> Path:
        """Set text whose letters join or run from the right; all other is drawn as it is."""
        if not layout.needs_shaping(encodings.sample_of(source.path) or ""):
            return source.path
        operation = "faxes.documents.html:text_to_pdf"
        return self._pdf(HTML_SANDBOX, operation, source, folder, {"paper": self._paper.value})

    def _mail(self, source: NamedPath, folder: Path, depth: int) -> Iterator[NamedPath]:
        """Yield a message and, in order, its attachments as far as they can be faxed.

        The message itself names all of them.
        """
        folder.mkdir()
        arguments = {"path": _absolute(source.path), "folder": str(folder.resolve())}
        mail = self._run(HTML_SANDBOX, "faxes.documents.mail:open_mail", source, folder, arguments)
        try:
            page = NamedPath(Path(mail["html"]), source.name)
            pictures = [Path(path) for path in mail["files"].values()]
            attached = [NamedPath(Path(each["path"]), each["name"]) for each in mail["attachments"]]
        except (KeyError, TypeError, AttributeError):
            raise _unreadable(source) from None
        for path in (page.path, *pictures, *(each.path for each in attached)):
            self._budget.spend(_size_within(folder, path, source))
        yield NamedPath(
            self._pdf(
                HTML_SANDBOX,
                "faxes.documents.html:to_pdf",
                page,
                folder / "message",
                {"paper": self._paper.value, "files": mail["files"]},
                reads=pictures,
            ),
            source.name,
        )
        for number, each in enumerate(attached):
            with suppress(_NotForFax):
                yield from self._attached(each, folder / str(number), depth + 1)

    def _attached(self, source: NamedPath, folder: Path, depth: int) -> Iterator[NamedPath]:
        """Yield as ``drawables``. Raises _NotForFax for what is no document, as a calendar's."""
        try:
            kind = type_of(source, self._budget.left)
        except DocumentError as error:
            if error.code in {ErrorCode.DOCUMENT_EMPTY, ErrorCode.DOCUMENT_TYPE_UNSUPPORTED}:
                raise _NotForFax from None
            raise
        if kind == DocumentType.MAIL and depth >= _MOST_NESTED:
            raise _NotForFax
        yield from self.drawables(source, folder, depth)

    def _pdf(
        self,
        sandbox: Sandbox,
        operation: str,
        source: NamedPath,
        folder: Path,
        arguments: Mapping[str, Any],
        reads: Sequence[Path] = (),
    ) -> Path:
        folder.mkdir()
        out = folder / "document.pdf"
        told = {"path": _absolute(source.path), "out": str(out.resolve()), **arguments}
        self._run(sandbox, operation, source, folder, told, reads)
        self._budget.spend(_size_within(folder, out, source))
        return out

    def _run(
        self,
        sandbox: Sandbox,
        operation: str,
        source: NamedPath,
        folder: Path,
        arguments: Mapping[str, Any],
        reads: Sequence[Path] = (),
    ) -> Any:
        return sandbox.run(
            operation,
            arguments,
            folder=folder,
            reads=[source.path, *reads],
            names=[source.name],
            limits=self._budget.left,
        )


class _NotForFax(Exception):
    """An attachment that is no document."""


def _size_within(folder: Path, path: Path, source: NamedPath) -> int:
    """Return the size of a file that a job says it has made in its folder.

    Raises DocumentError DOCUMENT_UNREADABLE if it is not there: a job is not believed.
    """
    if not (path.is_file() and path.resolve().is_relative_to(folder.resolve())):
        raise _unreadable(source)
    return path.stat().st_size


def _unreadable(source: NamedPath) -> DocumentError:
    unreadable = ErrorCode.DOCUMENT_UNREADABLE
    return DocumentError(unreadable, field="documents", name=source.name)


def _absolute(path: Path) -> str:
    return str(path.resolve())
