"""Files as answers: the form that is accepted, what is known already, and parts (RFC 9110, 12-14).

All dialects hand out files by this. What only one of them says, such as its problems, is its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final, Protocol

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags, quote_etag
from rest_framework.request import Request

from faxes.parts import Chunks, part_of

PNG: Final = "image/png"


class NotAcceptable(Exception):
    """None of the forms that there are is accepted."""


class PreconditionFailed(Exception):
    """The file is another one than the request is about."""


class Content(Protocol):
    """A file to be told: the same ``tag`` means the same bytes.

    ``open`` is called at most once, and not at all if the bytes are known there already. ``name``
    is what a browser would save it as.
    """

    @property
    def media_type(self) -> str:
        """What it is."""

    @property
    def tag(self) -> str:
        """A name for just these bytes."""

    @property
    def name(self) -> str:
        """A file name, or nothing."""

    @property
    def open(self) -> Callable[[], BinaryIO]:
        """Gives it as a stream that can be read from anywhere, and is closed here."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is made here."""

    media_type: str
    tag: str
    name: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of a page, which is drawn only if it is wanted."""

    tag: str
    name: str
    draw: Callable[[], bytes]
    media_type: str = PNG

    @property
    def open(self) -> Callable[[], BinaryIO]:
        """Draws it."""
        return lambda: BytesIO(self.draw())


def preferred(request: Request, media_types: Sequence[str]) -> str:
    """The form that is accepted most; the first if all are alike.

    Raises:
        NotAcceptable: none is.

    """
    if not request.META.get("HTTP_ACCEPT", "").strip():
        return media_types[0]
    found = request.get_preferred_type(list(media_types))
    if not found:
        raise NotAcceptable
    return str(found)


def content_answer(request: Request, content: Content) -> HttpResponseBase:
    """The file, or the part of it that is asked for, or word that it has not changed.

    Raises:
        PreconditionFailed: ``If-Match`` names another.
        NoSuchRange: the part lies beyond its end.

    """
    etag = quote_etag(content.tag)
    known, wanted = _tags(request, "If-None-Match"), _tags(request, "If-Match")
    if wanted and wanted != ["*"] and etag not in wanted:
        raise PreconditionFailed
    if known and (known == ["*"] or etag in {each.removeprefix("W/") for each in known}):
        answer: HttpResponseBase = HttpResponse(status=304)
    else:
        answer = _sent(request, content, etag)
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-store"
    return answer


def _tags(request: Request, header: str) -> list[str]:
    return parse_etags(request.headers.get(header, ""))


def _sent(request: Request, content: Content, etag: str) -> HttpResponseBase:
    file = content.open()
    try:
        size = file.seek(0, 2)
        part = part_of(request, etag, size)
        first, last = part or (0, size - 1)
        file.seek(first)
    except BaseException:
        file.close()
        raise
    status = 200 if part is None else 206
    if request.method == "HEAD":
        file.close()
        answer: HttpResponseBase = HttpResponse(status=status)
    else:
        answer = StreamingHttpResponse(Chunks(file, last + 1 - first), status=status)
    answer["Content-Length"] = str(last + 1 - first)
    answer["Content-Type"] = content.media_type
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=content.name) or "attachment"
    )
    answer["Accept-Ranges"] = "bytes"
    # What somebody else made is neither run nor guessed at, should a browser be led here.
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    if part is not None:
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    return answer
