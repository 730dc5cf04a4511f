"""The pages of a fax for people and programs: as TIFF, as PDF, as pictures, and as brought."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, Literal
from uuid import UUID

from accounts.scoping import Actor
from accounts.services import audit
from faxes import vault
from faxes.documents import pipeline
from faxes.enums import DocumentRole
from faxes.errors import FaxNotFound
from faxes.models import Document
from faxes.queries.faxes import document_for, fax_document_for
from faxes.services import intake, pictures

_PDF_MADE_AS: Final = 1  # to be raised when the same pages make another PDF


def looked_at(actor: Actor, *, fax_id: UUID) -> None:
    """Put on record that the actor sees this fax; once for all that a page fetches of it."""
    audit.record_look(actor, action="fax.view", object_type="fax", object_id=fax_id)


@dataclass(frozen=True, slots=True)
class FaxFile:
    """A file of a fax; the same ``tag`` is the same bytes, each time it is opened.

    ``open`` gives it as a stream, which the caller closes, and puts that on record. It raises
    FaxNotFound if the pages went a moment ago.
    """

    media_type: str
    tag: str
    name: str
    open: Callable[[], BinaryIO]


def fax_tiff(actor: Actor, *, fax_id: UUID) -> BinaryIO:
    """The fax TIFF as it went over the line; the caller closes it.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: no such fax of the actor's, or it has no pages (yet, or any more).

    """
    return fax_file(actor, fax_id=fax_id, form="tiff").open()


def fax_pdf(actor: Actor, *, fax_id: UUID) -> BinaryIO:
    """The same pages as a PDF; the caller closes it.

    Raises:
        NotAllowed, FaxNotFound: as ``fax_tiff``.

    """
    return fax_file(actor, fax_id=fax_id, form="pdf").open()


def fax_file(
    actor: Actor, *, fax_id: UUID, form: Literal["pdf", "tiff"], later_part: bool = False
) -> FaxFile:
    """The pages of a fax in one form or the other.

    With ``later_part`` it is opened for a part that is not its first: that is put on record only if
    the actor has not opened this fax within the last minutes.

    Raises:
        NotAllowed, FaxNotFound: as ``fax_tiff``.

    """
    document = fax_document_for(actor, fax_id)
    name = f"fax-{fax_id}.{form}"
    note = partial(_record_download, actor, fax_id, form, later_part=later_part)
    if form == "tiff":
        opened = partial(_opened, document, note)
        return FaxFile(intake.FAX_TIFF, document.sha256, name, opened)
    tag = hashlib.sha256(f"pdf {_PDF_MADE_AS} {document.sha256}".encode()).hexdigest()
    return FaxFile("application/pdf", tag, name, partial(_opened_pdf, document, note))


def document_file(
    actor: Actor, *, fax_id: UUID, document_id: UUID, later_part: bool = False
) -> FaxFile:
    """One stored document of a fax as it is: as it was brought, or the fax TIFF.

    What somebody brought may be anything that they say it is: whoever shows it must not run it.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: no such fax, or no such document of it.

    """
    document = document_for(actor, fax_id, document_id)
    note = partial(_record_download, actor, fax_id, document.role, later_part=later_part)
    name = document.name or f"fax-{fax_id}.tiff"
    return FaxFile(document.media_type, document.sha256, name, partial(_opened, document, note))


def _opened(document: Document, note: Callable[[], None]) -> BinaryIO:
    try:
        stored = vault.open_checked(document.key, size=document.size)
    except FileNotFoundError:
        raise FaxNotFound from None
    note()
    return stored


def _opened_pdf(document: Document, note: Callable[[], None]) -> BinaryIO:
    with tempfile.TemporaryDirectory(prefix="pdf-") as folder:
        pdf = write_pdf(document, Path(folder))
        note()
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


def _record_download(actor: Actor, fax_id: UUID, form: str, *, later_part: bool) -> None:
    if later_part:
        audit.record_look(actor, action="fax.download", object_type="fax", object_id=fax_id)
        return
    audit.record(actor, action="fax.download", object_type="fax", object_id=fax_id, format=form)


def _copy(key: str, path: Path) -> None:
    try:
        vault.copy_out(key, path)
    except FileNotFoundError:
        raise FaxNotFound from None
