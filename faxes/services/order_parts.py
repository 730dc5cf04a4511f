"""The documents of an order, in order: files that come along, uploads, and web addresses."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

from accounts.scoping import Actor
from faxes.enums import ErrorCode, Paper
from faxes.errors import DocumentError, RequestError
from faxes.models import Upload
from faxes.services import intake, uploads
from faxes.services.intake import IncomingFile, SpooledFile
from faxes.services.remote_documents import DocumentUrl, check, fetched
from faxes.services.uploads import UploadRef

Part = IncomingFile | UploadRef | DocumentUrl
FoundPart = IncomingFile | Upload | DocumentUrl


def read_parts(
    actor: Actor, *, documents: Sequence[Part], upload_id: str
) -> tuple[list[FoundPart], list[RequestError]]:
    """The documents, that of ``upload_id`` first, with uploads looked up; and what is amiss."""
    asked = [UploadRef(upload_id), *documents] if upload_id else [*documents]
    parts: list[FoundPart] = []
    errors: list[RequestError] = []
    for each in asked:
        if not isinstance(each, UploadRef):
            parts.append(each)
            continue
        try:
            upload = uploads.upload_for(actor, written=each.upload_id)
        except RequestError as error:
            errors.append(error)
        else:
            parts += [upload] if upload else []
    return parts, errors


def check_remote(parts: Sequence[FoundPart]) -> None:
    """Let pass web addresses that may be asked as far as they tell themselves.

    Raises:
        FetchError, RequestError: the first of them that may not.

    """
    for part in parts:
        if isinstance(part, DocumentUrl):
            check(part)


def planned(parts: Sequence[FoundPart], *, fetch_later: bool) -> list[Upload | DocumentUrl | None]:
    """The parts of an order: None where a file goes that is at hand."""
    return [
        None
        if isinstance(part, IncomingFile) or (isinstance(part, DocumentUrl) and not fetch_later)
        else part
        for part in parts
    ]


@contextmanager
def spooled_parts(
    parts: Sequence[FoundPart], *, owner: UUID, paper: Paper, fetching: bool
) -> Iterator[list[SpooledFile]]:
    """The files among the parts, looked at; with ``fetching`` also those at web addresses.

    ``owner`` is the account that they are for.

    Raises:
        FetchError, DocumentError: the first of them that cannot be had, or faxed.

    """
    wanted = [part for part in parts if isinstance(part, IncomingFile | DocumentUrl)]
    if not fetching:
        wanted = [part for part in wanted if isinstance(part, IncomingFile)]
    remote = [part for part in wanted if isinstance(part, DocumentUrl)]
    with fetched(remote, owner=owner) as opened:
        found = iter(opened)
        files = [part if isinstance(part, IncomingFile) else next(found) for part in wanted]
        with intake.spooled(files, paper=paper) as spooled:
            yield spooled


def pages_together(
    parts: Sequence[Upload | DocumentUrl | None], files: Sequence[SpooledFile]
) -> int:
    """How many pages uploads and files have together; what is fetched later has none yet.

    Raises:
        DocumentError: they are too many documents, or have too many pages.

    """
    brought = [part for part in parts if isinstance(part, Upload)]
    names = [part.url for part in parts if isinstance(part, DocumentUrl)]
    names += [str(source["name"]) for upload in brought for source in upload.sources]
    names += [file.name for file in files]
    if len(names) > settings.MAX_DOCUMENTS:
        raise DocumentError(
            ErrorCode.TOO_MANY_DOCUMENTS, field="documents", limit=settings.MAX_DOCUMENTS
        )
    pages = sum(file.pages for file in files)
    pages += sum(int(upload.rendered["pages"]) for upload in brought)
    if pages > settings.MAX_PAGES:
        raise DocumentError(
            ErrorCode.DOCUMENT_TOO_MANY_PAGES,
            field="documents",
            name=names[-1],
            limit=settings.MAX_PAGES,
        )
    return pages
