"""Documents that lie at a web address: fetched as if they were brought.

Either when a fax is handed in, or later by ``fetch_documents``.
"""

import base64
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import PurePosixPath
from threading import BoundedSemaphore, Lock
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.conf import settings

from accounts import patience
from accounts.sealing import seal, unseal
from faxes.enums import ErrorCode
from faxes.errors import DocumentError, FaxError, FetchError, RequestError
from faxes.fetch import Fetched, FetchLimits, check_url, fetch
from faxes.models import FetchMethod, RemoteDocument
from faxes.services.intake import IncomingFile, document_name

BODY_LENGTH: Final = 256
_HEADER_LENGTH: Final = 500
_SECONDS: Final = 20.0  # for all documents of a fax
_ONCE: Final = 2  # requests of this process that fetch at the same time: each holds a worker
_fetching: Final = BoundedSemaphore(_ONCE)
_fetching_for: Final[set[UUID]] = set()  # accounts: one of them alone never takes every place
_choosing: Final = Lock()
SEALED_FOR: Final = "remote document"
_WITH_USER: Final = re.compile(r"(https?://)([^/?#]*)@(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class DocumentUrl:
    """A document that lies at a web address; ``body`` is what a server is asked by ``post`` with.

    Who is asked is always the host of the address: a request may not name another one.
    ``authorization`` is shown to that host alone, and lies sealed until it is.
    """

    url: str
    method: str = FetchMethod.GET.value
    body: str = ""
    referer: str = ""
    content_type: str = ""
    authorization: str = field(default="", repr=False)

    @classmethod
    def with_user(cls, url: str) -> "DocumentUrl":
        """The document at an address that may have ``name:password@`` in it (RFC 7617)."""
        found = _WITH_USER.fullmatch(url)
        if found is None:
            return cls(url)
        shown = base64.b64encode(unquote(found[2]).encode()).decode()
        return cls(f"{found[1]}{found[3]}", authorization=f"Basic {shown}")

    @classmethod
    def of(cls, row: RemoteDocument) -> "DocumentUrl":
        """The document that a row tells of."""
        return cls(
            row.url,
            row.method,
            row.body,
            referer=row.headers.get("Referer", ""),
            content_type=row.headers.get("Content-Type", ""),
            authorization=_unsealed(row.headers.get("Authorization", "")),
        )

    @property
    def headers(self) -> dict[str, str]:
        """What is told to the server."""
        told = {
            "Referer": self.referer,
            "Content-Type": self.content_type,
            "Authorization": self.authorization,
        }
        return {name: value for name, value in told.items() if value}

    @property
    def stored_headers(self) -> dict[str, str]:
        """The same as they are kept until then: what nobody else may read is sealed."""
        told = self.headers
        if self.authorization:
            told["Authorization"] = seal(self.authorization, purpose=SEALED_FOR)
        return told


def _unsealed(kept: str) -> str:
    return unseal(kept, purpose=SEALED_FOR) if kept else ""


def check(document: DocumentUrl) -> None:
    """Let pass what may be asked for, as far as it tells itself; nothing is asked.

    Raises:
        FetchError: the address is none that may be asked, or what is told to it cannot be told.
        RequestError: what it is asked with is too long.

    """
    told_well = all(
        len(value) <= _HEADER_LENGTH and value.isascii() and value.isprintable()
        for value in document.headers.values()
    )
    if document.method not in FetchMethod.values or not told_well:
        raise FetchError(ErrorCode.URL_INVALID, field="documents")
    if len(document.body) > BODY_LENGTH:
        raise RequestError(ErrorCode.TEXT_TOO_LONG, field="documents", limit=BODY_LENGTH)
    try:
        check_url(document.url, allowed=settings.FETCH_ALLOW)
    except FetchError as error:
        error.field = "documents"
        raise


@contextmanager
def fetched(documents: Sequence[DocumentUrl], *, owner: UUID) -> Iterator[list[IncomingFile]]:
    """The documents at these addresses, in order, for as long as needed.

    ``owner`` is the account that they are for: each fetches for one request of a process at once.

    Raises:
        FetchError: one of them cannot be had, or too many are being fetched at the moment.
        DocumentError: they are more than a fax may have.

    """
    if not documents:
        yield []
        return
    if len(documents) > settings.MAX_DOCUMENTS:
        raise DocumentError(
            ErrorCode.TOO_MANY_DOCUMENTS, field="documents", limit=settings.MAX_DOCUMENTS
        )
    with ExitStack() as opened:
        yield _all(documents, owner, opened)


def _all(documents: Sequence[DocumentUrl], owner: UUID, opened: ExitStack) -> list[IncomingFile]:
    with _choosing:
        if owner in _fetching_for or not patience.taken(_fetching):
            raise FetchError(ErrorCode.FETCH_BUSY, field="documents")
        _fetching_for.add(owner)
    try:
        until = time.monotonic() + _SECONDS
        return [_one(each, until, opened) for each in documents]
    except FaxError as error:
        error.field = "documents"
        raise
    finally:
        with _choosing:
            _fetching_for.discard(owner)
            patience.give_back(_fetching)


def _one(document: DocumentUrl, until: float, opened: ExitStack) -> IncomingFile:
    left = until - time.monotonic()
    if left <= 0:
        raise FetchError(ErrorCode.URL_TOO_SLOW)
    return fetched_one(document, seconds=left, opened=opened)


def fetched_one(document: DocumentUrl, *, seconds: float, opened: ExitStack) -> IncomingFile:
    """The document at an address, for as long as ``opened`` lasts.

    Raises:
        FetchError: it cannot be had.

    """
    limits = FetchLimits(
        seconds=seconds, size=settings.MAX_UPLOAD_BYTES, to_file=True, allowed=settings.FETCH_ALLOW
    )
    post = document.method == FetchMethod.POST
    answer = fetch(
        document.url,
        method=document.method.upper(),
        headers=document.headers,
        body=document.body.encode() if post else None,
        limits=limits,
    )
    if answer.file is None:
        raise FetchError(ErrorCode.URL_UNREACHABLE)
    file = opened.enter_context(answer.file)
    size = file.seek(0, 2)
    file.seek(0)
    return IncomingFile(name=_name_of(answer), size=size, file=file)  # type: ignore[arg-type]


def _name_of(answer: Fetched) -> str:
    """What the server calls the document, or else the last part of its address."""
    told = Message()
    told["Content-Disposition"] = answer.headers.get("content-disposition", "")
    try:
        name = told.get_filename("")
    except (UnicodeError, ValueError):
        name = ""  # it says to be written in what no text is written in
    last = unquote(PurePosixPath(urlsplit(answer.final_url).path).name)
    return document_name(name or last)
