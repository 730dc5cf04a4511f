"""Show documents as the very fax pages that will go, before anything is sent."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require, require_sending
from faxes import phone
from faxes.documents import pipeline
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import FaxError, FaxNotFound, InvalidRequest, NumberError, RequestError
from faxes.models import Upload
from faxes.services import intake, page_plans, pictures, uploads
from faxes.services.convert import render_files
from faxes.services.cover_pages import Picture, cover_for, facts, picture
from faxes.services.intake import IncomingFile, KeptFile
from faxes.services.order import (
    FaxRequest,
    read_message,
    read_quality,
    read_send_at,
    read_subject,
)
from faxes.services.order_parts import spooled_parts
from faxes.services.remote_documents import DocumentUrl
from faxes.services.sender import read_faxbox

_AS_TYPED: Final = 80  # characters of what is no number yet


def prepare_upload(
    actor: Actor,
    *,
    documents: Sequence[IncomingFile | DocumentUrl],
    quality: str,
    upload_id: str = "",
    several: bool = False,
) -> Upload:
    """Turn documents into fax pages ahead of sending, and keep both for a day.

    ``upload_id`` names an earlier upload: the documents are put behind its own, and all of them
    are rendered anew in another quality. With ``several`` it may be sent more than once.

    Raises:
        InvalidRequest: a document cannot be faxed, or there is none.
        NotAllowed, AccountSuspended

    """
    account = require_sending(actor)
    paper = Paper(account.paper)
    try:
        wanted = read_quality(quality)
        if not documents and not upload_id.strip():
            raise RequestError(ErrorCode.DOCUMENT_MISSING, field="documents")
        if upload_id.strip():
            return page_plans.with_documents(
                actor, upload_id=upload_id, documents=documents, quality=wanted
            )
        sources, rendered = _from_files(account.pk, documents, wanted, paper)
    except FaxError as error:
        raise InvalidRequest((error,)) from None
    return uploads.create_upload(
        actor,
        sources=sources,
        rendered=rendered,
        quality=wanted,
        paper=paper,
        several=several,
    )


def upload_page_tag(actor: Actor, *, upload_id: UUID, page: int, width: int) -> str:
    """A name for the picture of one page (from 1) of an upload.

    Raises:
        NotAllowed, FaxNotFound: as ``upload_page_png``.

    """
    return pictures.page_tag(_page_key(actor, upload_id, page), page, width)


def upload_page_png(actor: Actor, *, upload_id: UUID, page: int, width: int) -> bytes:
    """A picture of one page (from 1) of an upload, as it will be faxed.

    Raises:
        NotAllowed: the actor may not send, so has nothing to preview.
        FaxNotFound: no such upload of the actor's, or no such page.

    """
    return pictures.page_picture(_page_key(actor, upload_id, page), page, width)


def _page_key(actor: Actor, upload_id: UUID, page: int) -> str:
    require(actor, Action.FAX_SEND)
    try:
        upload = uploads.upload_for(actor, written=str(upload_id))
    except RequestError:
        raise FaxNotFound from None
    if upload is None or not 1 <= page <= upload.rendered["pages"]:
        raise FaxNotFound
    return str(upload.rendered["key"])


def _from_files(
    owner: UUID, documents: Sequence[IncomingFile | DocumentUrl], quality: Quality, paper: Paper
) -> tuple[list[KeptFile], KeptFile]:
    with (
        spooled_parts(documents, owner=owner, paper=paper, fetching=True) as files,
        tempfile.TemporaryDirectory() as folder,
    ):
        named = [pipeline.NamedPath(file.path, file.name) for file in files]
        try:
            rendered = render_files(owner, named, Path(folder), quality=quality, paper=paper)
        except FaxError as error:
            error.field = "documents"
            raise
        try:
            return intake.keep(owner, files), rendered
        except BaseException:
            intake.drop([rendered])
            raise


def cover_picture(actor: Actor, *, request: FaxRequest, width: int) -> Picture | None:
    """What the cover of a fax would look like that is still being written; None without one.

    What is not typed yet, or not right yet, is left as it is: it is told when it is sent.

    Raises:
        InvalidRequest: there is no such cover, or it cannot be set with this text.
        NotAllowed, AccountSuspended

    """
    account = require_sending(actor)
    try:
        chosen = cover_for(actor, written=request.cover)
        if chosen is None:
            return None
        faxbox = read_faxbox(actor, written=request.faxbox)
        told = facts(
            account,
            faxbox,
            from_number=min((number.e164 for number in faxbox.numbers.all()), default=""),
            to=_first_number(request.to, account),
            subject=read_subject(request.subject),
            message=read_message(request.message),
            at=_moment(request.send_at, account),
        )
        return picture(
            chosen,
            told,
            body_pages=_pages_brought(actor, request.upload_id),
            quality=read_quality(request.quality),
            paper=Paper(account.paper),
            width=width,
        )
    except FaxError as error:
        raise InvalidRequest((error,)) from None


def _first_number(written: str, account: Account) -> str:
    try:
        return phone.parse_numbers(written, country=account.country)[0]
    except NumberError:
        return next(iter(intake.printable(written, lines=True).split("\n")))[:_AS_TYPED].strip()


def _moment(written: str, account: Account) -> datetime:
    now = clock.now()
    try:
        return read_send_at(written, account, now) or now
    except RequestError:
        return now


def _pages_brought(actor: Actor, upload_id: str) -> int:
    with suppress(RequestError):
        if upload := uploads.upload_for(actor, written=upload_id):
            return int(upload.rendered["pages"])
    return 0
