"""The pages of a fax for people: as TIFF, as PDF, as pictures."""

import tempfile
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from accounts.scoping import Actor
from accounts.services import audit
from faxes import vault
from faxes.documents import pipeline
from faxes.enums import DocumentRole
from faxes.errors import FaxNotFound
from faxes.models import Document
from faxes.queries.faxes import fax_document_for
from faxes.services import pictures


def looked_at(actor: Actor, *, fax_id: UUID) -> None:
    """Put on record that the actor sees this fax; once for all that a page fetches of it."""
    audit.record_look(actor, action="fax.view", object_type="fax", object_id=fax_id)


def fax_tiff(actor: Actor, *, fax_id: UUID) -> BinaryIO:
    """The fax TIFF as it went over the line; the caller closes it.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: no such fax of the actor's, or it has no pages (yet, or any more).

    """
    document = fax_document_for(actor, fax_id)
    try:
        stored = vault.open_stored(document.key)
    except FileNotFoundError:
        raise FaxNotFound from None
    _record_download(actor, fax_id, "tiff")
    return stored


def fax_pdf(actor: Actor, *, fax_id: UUID) -> BinaryIO:
    """The same pages as a PDF; the caller closes it.

    Raises:
        NotAllowed, FaxNotFound: as ``fax_tiff``.

    """
    document = fax_document_for(actor, fax_id)
    with tempfile.TemporaryDirectory(prefix="pdf-") as folder:
        pdf = write_pdf(document, Path(folder))
        _record_download(actor, fax_id, "pdf")
        return pdf.open("rb")  # the open file outlives its folder


def write_pdf(document: Document, folder: Path) -> Path:
    """Make a PDF of a fax's pages in a folder, which is the caller's.

    Raises:
        FaxNotFound: the pages are gone at this moment.
        DocumentError: they cannot be read.

    """
    tiff, pdf = folder / "fax.tiff", folder / "fax.pdf"
    _copy(document.key, tiff)
    own = document.role == DocumentRole.RENDERED  # what the portal drew needs no looking at
    pipeline.pdf_of(tiff, pdf, own=own, sound=document.sound)
    return pdf


def page_tag(actor: Actor, *, fax_id: UUID, page: int, width: int) -> str:
    """A name for the picture of one page (from 1): the same name is the same picture.

    Raises:
        NotAllowed, FaxNotFound: as ``page_png``.

    """
    return pictures.page_tag(_page_of(actor, fax_id, page).key, page, width)


def page_png(actor: Actor, *, fax_id: UUID, page: int, width: int) -> bytes:
    """A picture of one page (from 1), so many pixels wide.

    Raises:
        NotAllowed, FaxNotFound: as ``fax_tiff``, or there is no such page.

    """
    return pictures.page_picture(_page_of(actor, fax_id, page).key, page, width)


def _page_of(actor: Actor, fax_id: UUID, page: int) -> Document:
    document = fax_document_for(actor, fax_id)
    if not 1 <= page <= document.pages:
        raise FaxNotFound
    looked_at(actor, fax_id=fax_id)
    return document


def _record_download(actor: Actor, fax_id: UUID, form: str) -> None:
    audit.record(actor, action="fax.download", object_type="fax", object_id=fax_id, format=form)


def _copy(key: str, path: Path) -> None:
    try:
        vault.copy_out(key, path)
    except FileNotFoundError:
        raise FaxNotFound from None
