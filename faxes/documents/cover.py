"""Cover pages: a small template language without logic, and its pages as they will be faxed.

A template is HTML with names in it. ``{{name}}`` is the value, always as text; what stands from
``{{#name}}`` to ``{{/name}}`` is shown if there is a value, from ``{{^name}}`` to ``{{/name}}`` if
there is none. Whose cover it is fills in the names of ``Look`` first, which leaves a page that
needs nothing but the ``Facts`` of a fax.
"""

import base64
import html
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from faxes.documents import pipeline
from faxes.documents.limits import Limits
from faxes.documents.sandbox import HTML_SANDBOX, SANDBOX
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError, RequestError

LAYOUTS: Final = ("plain", "business", "confidential")
MOST_PAGES: Final = 5
_FOLDER = Path(__file__).parent / "covers"
_LOOK: Final = frozenset({"heading", "letterhead", "footnote", "logo", "service"})
_FACTS: Final = frozenset({"to", "from", "subject", "message", "pages", "date"})
NAMES: Final = _LOOK | _FACTS

_TAG = re.compile(r"(?<!\{)\{\{\s*([#^/]?)\s*([^{}]*?)\s*\}\}")
# Words of a layout that ships, and what is filled into them.
_WORDS = re.compile(r"\{\{ _\(\"([^\"]+)\"\) \}\}")
_FILLED = re.compile(r"\{(pages|service)\}")
# A value must not become a tag when what it is filled into is read as a template once more.
_BRACES = str.maketrans({"{": "&#123;", "}": "&#125;"})
_TRIALS = 3
_MOST_NESTED = 20
_MOST_CHARACTERS = 3_000_000  # of a filled page, its logo included
# Enough for any page somebody would want to read, and little enough for a preview at each pause.
_LIMITS = Limits(
    input_bytes=5_000_000,
    pages=MOST_PAGES,
    memory_bytes=400_000_000,
    cpu_seconds=10,
    wall_seconds=15.0,
    output_bytes=20_000_000,
)


@dataclass(frozen=True, slots=True)
class Look:
    """Whose cover it is; ``logo`` is a PNG as ``normal_logo`` makes it. What is empty is left out.

    An empty heading or footnote leaves the layout's own. ``service`` is what the fax is sent with.
    """

    heading: str = ""
    letterhead: str = ""
    footnote: str = ""
    logo: bytes = b""
    service: str = ""

    def values(self) -> dict[str, str]:
        """Return the values of the template's names."""
        logo = base64.b64encode(self.logo).decode()
        return {
            "heading": self.heading,
            "letterhead": self.letterhead,
            "footnote": self.footnote,
            "service": self.service,
            "logo": f"data:image/png;base64,{logo}" if logo else "",
        }


@dataclass(frozen=True, slots=True)
class Facts:
    """What a cover tells of one fax, as people read it; several lines where there are several."""

    to: str
    sender: str
    date: str
    subject: str = ""
    message: str = ""

    def values(self, pages: int) -> dict[str, str]:
        """Return the values of the template's names, for a fax of so many pages in all."""
        return {
            "to": self.to,
            "from": self.sender,
            "date": self.date,
            "subject": self.subject,
            "message": self.message,
            "pages": str(pages),
        }


def layout(name: str, *, say: Callable[[str], str] = str) -> str:
    """Return the template of a layout that ships, its words as ``say`` says them.

    Raises RequestError COVER_NOT_FOUND.
    """
    if name not in LAYOUTS:
        raise RequestError(ErrorCode.COVER_NOT_FOUND, field="cover")

    def said(found: re.Match[str]) -> str:
        words = html.escape(say(found[1]), quote=False)
        return _FILLED.sub(r"{{\1}}", words)

    return _WORDS.sub(said, _shipped(name))


@cache
def _shipped(name: str) -> str:
    return (_FOLDER / f"{name}.html").read_text(encoding="utf-8")


def check(template: str) -> None:
    """Read a template without filling it.

    Raises RequestError, each with the ``line`` (from 1): COVER_TAG_UNREADABLE, COVER_NAME_UNKNOWN
    and COVER_SECTION_UNBALANCED with the ``name``.
    """
    _parse(template)


def complete(template: str, look: Look) -> str:
    """Fill in whose cover it is; what is left needs the facts of a fax alone.

    Raises RequestError as ``check``, DocumentError COVER_UNUSABLE.
    """
    return _filled(_parse(template), look.values())


def render(
    completed: str, facts: Facts, out: Path, *, body_pages: int, quality: Quality, paper: Paper
) -> pipeline.Pages:
    """Make a fax TIFF at ``out`` of a completed template; the fax has ``body_pages`` besides.

    The number of pages that it tells is of all pages, its own included: so it is set anew if it
    comes out longer than was thought.
    Raises DocumentError: COVER_TOO_LONG with the ``limit``, COVER_UNUSABLE.
    """
    parts = _parse(completed)
    own = 1
    for _ in range(_TRIALS):
        values = facts.values(own + body_pages)
        made = _set(_filled(parts, values), out, quality, paper)
        if len(made.pages) == own:
            break
        own = len(made.pages)
    return made


def normal_logo(path: Path) -> bytes:
    """Return a PNG or JPEG as a small grey PNG, decoded and coded anew in the sandbox.

    Raises DocumentError: LOGO_UNUSABLE, LOGO_TOO_LARGE with the ``limit`` in megapixels.
    """
    with tempfile.TemporaryDirectory(prefix="logo-") as name:
        out = Path(name).resolve() / "logo.png"
        try:
            SANDBOX.run(
                "faxes.documents.logo:normalize",
                {"path": str(path.resolve()), "out": str(out)},
                folder=out.parent,
                reads=[path],
                limits=_LIMITS,
            )
        except DocumentError as error:
            if error.code is ErrorCode.LOGO_TOO_LARGE:
                error.field = "logo"
                raise
            raise DocumentError(ErrorCode.LOGO_UNUSABLE, field="logo") from None
        return out.read_bytes()


def _set(page: str, out: Path, quality: Quality, paper: Paper) -> pipeline.Pages:
    with tempfile.TemporaryDirectory(prefix="cover-") as name:
        folder = Path(name).resolve()
        source, pdf = folder / "cover.html", folder / "cover.pdf"
        source.write_text(page, encoding="utf-8")
        try:
            HTML_SANDBOX.run(
                "faxes.documents.html:to_pdf",
                {"path": str(source), "out": str(pdf), "files": {}, "paper": paper.value},
                folder=folder,
                limits=_LIMITS,
            )
            named = [pipeline.NamedPath(pdf, "cover")]
            return pipeline.render(named, out, quality=quality, paper=paper, limits=_LIMITS)
        except DocumentError as error:
            if error.code is ErrorCode.DOCUMENT_TOO_MANY_PAGES:
                too_long = ErrorCode.COVER_TOO_LONG
                raise DocumentError(too_long, field="cover", limit=MOST_PAGES) from None
            raise DocumentError(ErrorCode.COVER_UNUSABLE, field="cover") from None


# --- The language -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Section:
    """What is shown if a name has a value, or if it has none (``unless``)."""

    name: str
    unless: bool
    parts: tuple["_Part", ...]


@dataclass(frozen=True, slots=True)
class _Value:
    """A name whose value is shown."""

    name: str


_Part = str | _Value | _Section


@dataclass(slots=True)
class _Open:
    """A section whose end has not come yet."""

    name: str
    kind: str
    line: int
    parts: list[_Part]


def _parse(template: str) -> tuple[_Part, ...]:
    stack = [_Open("", "", 0, [])]
    end = 0
    for tag in _TAG.finditer(template):
        stack[-1].parts.append(_text(template, end, tag.start()))
        end = tag.end()
        kind, name = tag.groups()
        line = _line(template, tag.start())
        if name not in NAMES:
            raise _wrong(ErrorCode.COVER_NAME_UNKNOWN, line, name=name[:40])
        if kind == "":
            stack[-1].parts.append(_Value(name))
        elif kind == "/":
            section = stack.pop()
            if section.name != name:
                raise _wrong(ErrorCode.COVER_SECTION_UNBALANCED, line, name=name)
            part = _Section(name, section.kind == "^", tuple(section.parts))
            stack[-1].parts.append(part)
        elif len(stack) > _MOST_NESTED:
            raise _wrong(ErrorCode.COVER_SECTION_UNBALANCED, line, name=name)
        else:
            stack.append(_Open(name, kind, line, []))
    stack[-1].parts.append(_text(template, end, len(template)))
    if len(stack) > 1:
        section = stack[-1]
        raise _wrong(ErrorCode.COVER_SECTION_UNBALANCED, section.line, name=section.name)
    return tuple(stack[0].parts)


def _text(template: str, start: int, end: int) -> str:
    text = template[start:end]
    if "{{" in text:
        raise _wrong(ErrorCode.COVER_TAG_UNREADABLE, _line(template, start + text.index("{{")))
    return text


def _line(template: str, place: int) -> int:
    return template.count("\n", 0, place) + 1


def _wrong(code: ErrorCode, line: int, **facts: str) -> RequestError:
    return RequestError(code, field="html", line=line, **facts)


def _filled(parts: tuple[_Part, ...], values: Mapping[str, str]) -> str:
    """Fill in the values that are known; the tags of all others stay as they are."""
    pieces, length = [], 0
    for piece in _written(parts, values):
        length += len(piece)
        if length > _MOST_CHARACTERS:  # a value that is shown a thousand times
            raise DocumentError(ErrorCode.COVER_UNUSABLE, field="cover")
        pieces.append(piece)
    return "".join(pieces)


def _written(parts: tuple[_Part, ...], values: Mapping[str, str]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, _Value):
            known = part.name in values
            yield _escaped(values[part.name]) if known else f"{{{{{part.name}}}}}"
        elif part.name not in values:
            yield f"{{{{{'^' if part.unless else '#'}{part.name}}}}}"
            yield from _written(part.parts, values)
            yield f"{{{{/{part.name}}}}}"
        elif bool(values[part.name]) != part.unless:
            yield from _written(part.parts, values)


def _escaped(value: str) -> str:
    lines = html.escape(value).translate(_BRACES).split("\n")
    return "\n".join(_embedded(line) for line in lines)


def _embedded(line: str) -> str:
    """Mark a line that begins from the right, so that its signs stand on the right side of it."""
    ways = (unicodedata.bidirectional(char) for char in line)
    first = next((way for way in ways if way in {"L", "R", "AL"}), "L")
    return (
        line if first == "L" else f"\N{RIGHT-TO-LEFT EMBEDDING}{line}\N{POP DIRECTIONAL FORMATTING}"
    )
