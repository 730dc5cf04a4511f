"""Bodies of several parts, read as they come: each part is in a temporary file, none in memory.

Read by hand, since neither ``multipart/mixed`` nor parts without a name are forms to anybody else.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from typing import BinaryIO, Final, Protocol

_CHUNK: Final = 64 * 1024
_IN_MEMORY: Final = 256 * 1024
_MOST_PARTS: Final = 20
_MOST_HEADERS: Final = 8 * 1024  # bytes of one part's
_LONGEST_BOUNDARY: Final = 200  # RFC 2046 has 70; some clients write more
_FIRST_LINE: Final = re.compile(rb"\s*--([^\r\n]{1,200}?)[ \t]*\r?\n")
_HEADER: Final = re.compile(rb"[ \t]|[!#-'*+.0-9A-Z^-z|~-]+[ \t]*:")  # or more of the one before


class Malformed(Exception):
    """The body is none of several parts."""


class TooManyParts(Malformed):
    """It has more parts than are taken."""


class Readable(Protocol):
    """Where a body comes from."""

    def read(self, size: int, /) -> bytes:
        """So many bytes at most; nothing at its end."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what its headers say, and its bytes in a file that the caller closes."""

    headers: Message
    file: BinaryIO

    @property
    def media_type(self) -> str:
        """What it says it is; empty if it does not say."""
        return self.headers.get_content_type() if "content-type" in self.headers else ""

    @property
    def filename(self) -> str:
        """What it says its file is called, or nothing."""
        try:
            return self.headers.get_filename("") or ""
        except (LookupError, UnicodeError, ValueError):
            return ""  # it says to be written in what no text is written in

    @property
    def name(self) -> str:
        """The name of the field of a form, or nothing."""
        told = self.headers.get_param("name", "", header="content-disposition")
        return told if isinstance(told, str) else ""

    @property
    def encoding(self) -> str:
        """How its bytes are written: ``base64``, or nothing to be minded."""
        return str(self.headers.get("content-transfer-encoding", "")).strip().lower()


def parts_of(source: Readable, *, boundary: str, most: int = _MOST_PARTS) -> list[Part]:
    """The parts of a body; without a ``boundary`` its first line says it.

    Some write the same dashes before all lines that they declare the boundary with, and more behind
    the first: what such a body begins with counts then.

    Raises:
        Malformed: it does not begin with the boundary, or has too many parts or headers.

    """
    reader = _Reader(source)
    declared = boundary.encode("latin-1", "replace")[:_LONGEST_BOUNDARY]
    written = reader.boundary(declared) if declared else reader.first_boundary()
    found: list[Part] = []
    try:
        reader.skip_to(b"\n--" + written)
        if written != declared:
            reader.skip_dashes()
        while reader.begins_part():
            headers = reader.headers(welcome=len(found) < most)
            file: BinaryIO = tempfile.SpooledTemporaryFile(  # type: ignore[assignment]  # noqa: SIM115
                max_size=_IN_MEMORY
            )
            found.append(Part(headers, file))
            file.writelines(reader.until(b"\n--" + written))
            file.seek(0)
    except BaseException:
        for part in found:
            part.file.close()
        raise
    if not found:
        raise Malformed("no parts")
    return found


class _Reader:
    """A body with as much of it in memory as is needed to find where a part ends."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._held = b""
        self._over = False

    def first_boundary(self) -> bytes:
        """What the first line, of those that are not empty, says."""
        while len(self._held) < 2 * _LONGEST_BOUNDARY and not self._over:
            self._more()
        found = _FIRST_LINE.match(self._held)
        if found is None:
            raise Malformed("no boundary")
        return found[1]

    def boundary(self, declared: bytes) -> bytes:
        """The one declared, unless the first line is that without the dashes before boundaries."""
        while len(self._held) < 2 * _LONGEST_BOUNDARY and not self._over:
            self._more()
        found, core = _FIRST_LINE.match(self._held), declared.strip(b"-")
        if found is None or found[1].rstrip(b"-") == declared.rstrip(b"-"):
            return declared
        return found[1].rstrip(b"-") if core and found[1].strip(b"-") == core else declared

    def skip_dashes(self) -> None:
        """Pass over what stands behind a delimiter without being the end of all."""
        self._held = self._held.lstrip(b"-")

    def skip_to(self, delimiter: bytes) -> None:
        """Pass over what stands before the first part."""
        for _ in self.until(delimiter):
            pass
        if self._over and not self._held:
            raise Malformed("the boundary never comes")

    def begins_part(self) -> bool:
        """Whether, behind a delimiter, another part begins; else it was the last."""
        while len(self._held) < len(b"--") and not self._over:
            self._more()
        if self._held.startswith(b"--") or not self._held:
            return False
        self._line()
        return True

    def headers(self, *, welcome: bool) -> Message:
        """The headers of a part, up to the empty line behind them."""
        if not welcome:
            raise TooManyParts("too many parts")
        lines = b""
        while (line := self._line()).strip():
            if not _HEADER.match(line):  # the empty line before the content is not there
                self._held = line + self._held
                break
            lines += line
            if len(lines) > _MOST_HEADERS:
                raise Malformed("too many headers")
        return HeaderParser().parsestr(lines.decode("utf-8", "replace"))

    def until(self, delimiter: bytes) -> Iterator[bytes]:
        """What stands before a delimiter, which is passed over; all if it does not come again."""
        # A line end is lent: the one before the first delimiter may have been of the headers.
        self._held, lent = b"\n" + self._held, 1
        while True:
            at = self._find(delimiter)
            if at >= 0:
                yield self._held[lent:at].removesuffix(b"\r")
                self._held = self._held[at + len(delimiter) :]
                return
            if self._over:
                yield self._held[lent:]
                self._held = b""
                return
            # What is kept may be the beginning of a delimiter, with the return before its line end.
            keep = len(delimiter) + 3
            if len(self._held) > keep:
                yield self._held[lent:-keep]
                self._held, lent = self._held[-keep:], 0
            self._more()

    def _find(self, delimiter: bytes) -> int:
        """Where a delimiter begins that ends there: longer ones are of the content."""
        at = self._held.find(delimiter)
        while at >= 0:
            end = at + len(delimiter)
            behind = self._held[end : end + 2]
            if behind[:1] in {b"\r", b"\n", b" ", b"\t"} or behind == b"--":
                return at
            if behind in {b"", b"-"}:
                return at if self._over else -1  # not known yet
            at = self._held.find(delimiter, at + 1)
        return -1

    def _line(self) -> bytes:
        while b"\n" not in self._held and not self._over:
            if len(self._held) > _MOST_HEADERS:
                raise Malformed("a line without end")
            self._more()
        line, end, self._held = self._held.partition(b"\n")
        return line + end

    def _more(self) -> None:
        chunk = self._source.read(_CHUNK)
        self._held += chunk
        self._over = not chunk
