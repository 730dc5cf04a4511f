"""Which part of a file is asked for (RFC 9110, 14), and the bytes of it."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from django.http import HttpRequest

_CHUNK: Final = 64 * 1024
# One part; who asks for several is given the whole. Numbers so long that no file has them are none.
_ONE_RANGE: Final = re.compile(
    r"\s*bytes\s*=\s*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))\s*", re.IGNORECASE
)


class NoSuchRange(Exception):
    """The file, of ``size`` bytes, has no such part."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes")
        self.size = size


def is_later_part(request: HttpRequest) -> bool:
    """Whether a part is asked for that is not the first, as by who fetches a file in parts."""
    asked = _ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    return asked is not None and asked[1] is not None and int(asked[1]) > 0


def part_of(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """First and last byte of the part asked for; None for the whole.

    What cannot be read as one part asks for the whole (RFC 9110, 14.2). An ``If-Range`` of another
    file does so too; one with a date cannot be ours.

    Raises:
        NoSuchRange: it lies beyond the end.

    """
    asked = _ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or request.method != "GET":
        return None
    if request.headers.get("If-Range", etag).strip() != etag:
        return None
    first, last, suffix = (None if each is None else int(each) for each in asked.groups())
    if suffix is not None:
        first, last = max(size - suffix, 0), size - 1
    elif last is not None and first is not None and last < first:
        return None
    if first is None or first >= size:
        raise NoSuchRange(size)
    return first, min(size - 1 if last is None else last, size - 1)


class Chunks:
    """So many bytes of a file, which is closed with the answer, also one that nobody reads."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (chunk := self._file.read(min(_CHUNK, self._left))):
            self._left -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Close the file."""
        self._file.close()
