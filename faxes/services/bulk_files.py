"""The pages of several faxes to take along: as a ZIP with a PDF each, or as one PDF."""

import logging
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes import vault
from faxes.documents import pipeline
from faxes.enums import DocumentRole, ErrorCode
from faxes.errors import DocumentError, FaxNotFound, RequestError
from faxes.models import Document, Fax
from faxes.services import pages
from faxes.services.bulk import chosen_faxes

log = logging.getLogger(__name__)
MOST_PAGES: Final = 500
LEFT_OUT: Final = "not-included.txt"
_FAX_PAGES: Final = (DocumentRole.RENDERED, DocumentRole.RECEIVED)
_CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bundle:
    """A file of the pages of faxes, open and the caller's to close; ``left_out`` have none."""

    stream: BinaryIO
    packed: int
    left_out: Sequence[Fax]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The faxes with pages, each with these, and those without."""

    packed: list[tuple[Fax, Document]]
    left_out: list[Fax]


def zip_of(actor: Actor, *, fax_ids: Sequence[UUID], without: str) -> Bundle:
    """A ZIP with a PDF of each fax; ``without`` heads the list of those that have no pages.

    Raises:
        NotAllowed: the actor may not see pages.
        RequestError: too many faxes or pages, or none with pages.

    """
    zone = _zone(actor)

    def packed(chosen: _Chosen, folder: Path) -> tuple[Path, list[Fax]]:
        archive, unreadable = folder / "faxes.zip", list(chosen.left_out)
        names: set[str] = set()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as into:
            for fax, document in chosen.packed:
                try:
                    pdf = pages.write_pdf(document, folder)
                except (DocumentError, FaxNotFound):
                    unreadable.append(fax)
                    continue
                except vault.Damaged:
                    log.exception("the pages of fax %s are damaged in storage", fax.pk)
                    unreadable.append(fax)
                    continue
                _add(into, fax, pdf, zone=zone, names=names)
            if unreadable:
                lines = [without, *(name_of(fax, zone) for fax in unreadable)]
                into.writestr(LEFT_OUT, "\r\n".join(lines) + "\r\n")
        return archive, unreadable

    return _bundle(actor, fax_ids, packed, form="zip")


def pdf_of(actor: Actor, *, fax_ids: Sequence[UUID]) -> Bundle:
    """One PDF of the pages of all faxes, in the order in which they are named.

    Raises:
        NotAllowed: the actor may not see pages.
        RequestError: too many faxes or pages, or none with pages.
        DocumentError: the pages of one cannot be read.

    """

    def packed(chosen: _Chosen, folder: Path) -> tuple[Path, list[Fax]]:
        out, tiffs, gone = folder / "faxes.pdf", list[tuple[Path, bool]](), list(chosen.left_out)
        for number, (fax, document) in enumerate(chosen.packed):
            tiff = folder / f"{number}.tiff"
            try:
                vault.copy_out(document.key, tiff)
            except FileNotFoundError:
                gone.append(fax)
                continue
            except vault.Damaged:
                log.exception("the pages of fax %s are damaged in storage", fax.pk)
                gone.append(fax)
                continue
            tiffs.append((tiff, document.sound or document.role == DocumentRole.RENDERED))
        if tiffs:
            pipeline.pdf_of_many(tiffs, out)
        return out, gone

    return _bundle(actor, fax_ids, packed, form="pdf")


def name_of(fax: Fax, zone: ZoneInfo) -> str:
    """The name of a fax's file: its day, and the number at the other end."""
    party = "".join(char for char in fax.other_party if char.isascii() and char.isdigit())
    return f"{fax.created_at.astimezone(zone):%Y-%m-%d}-{party or 'unknown'}"


def _bundle(
    actor: Actor,
    fax_ids: Sequence[UUID],
    packed: Callable[[_Chosen, Path], tuple[Path, list[Fax]]],
    *,
    form: str,
) -> Bundle:
    """Pack what was chosen into a file that is gone once it is closed, and put that on record."""
    chosen = _chosen(actor, fax_ids)
    with tempfile.TemporaryDirectory(prefix="bundle-") as folder:
        path, left_out = packed(chosen, Path(folder))
        gone = {fax.pk for fax in left_out}
        included = [fax for fax, _document in chosen.packed if fax.pk not in gone]
        if not included:
            raise RequestError(ErrorCode.NO_PAGES_CHOSEN)
        for fax in included:
            audit.record(
                actor, action="fax.download", object_type="fax", object_id=fax.pk, format=form
            )
        return Bundle(path.open("rb"), len(included), left_out)


def _chosen(actor: Actor, fax_ids: Sequence[UUID]) -> _Chosen:
    require(actor, Action.FAX_PAGES)
    faxes = chosen_faxes(actor, fax_ids=fax_ids)
    rows = Document.objects.visible_to(actor).filter(
        fax_id__in=[fax.pk for fax in faxes], role__in=_FAX_PAGES
    )
    documents = {row.fax_id: row for row in rows}
    count = sum(row.pages for row in documents.values())
    if count > MOST_PAGES:
        raise RequestError(ErrorCode.TOO_MANY_PAGES_CHOSEN, count=count, limit=MOST_PAGES)
    if not documents:
        raise RequestError(ErrorCode.NO_PAGES_CHOSEN)
    return _Chosen(
        [(fax, documents[fax.pk]) for fax in faxes if fax.pk in documents],
        [fax for fax in faxes if fax.pk not in documents],
    )


def _add(into: zipfile.ZipFile, fax: Fax, pdf: Path, *, zone: ZoneInfo, names: set[str]) -> None:
    plain = name = name_of(fax, zone)
    again = 1
    while name in names:
        again += 1
        name = f"{plain}-{again}"
    names.add(name)
    entry = zipfile.ZipInfo(f"{name}.pdf", fax.created_at.astimezone(zone).timetuple()[:6])
    entry.external_attr = 0o600 << 16
    with pdf.open("rb") as source, into.open(entry, "w") as target:
        shutil.copyfileobj(source, target, _CHUNK)


def _zone(actor: Actor) -> ZoneInfo:
    return ZoneInfo(Account.objects.values_list("time_zone", flat=True).get(pk=actor.account_id))
