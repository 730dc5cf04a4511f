"""A try as its carrier needs it: numbers, options, and the pages that are still to go."""

import tempfile
from pathlib import Path
from typing import Final

from faxes import vault
from faxes.carriers import base
from faxes.documents import pipeline, wrap
from faxes.documents.tiff import FaxPage, read_fax_tiff
from faxes.enums import DocumentRole, Quality
from faxes.models import Attempt, Document, Fax
from faxes.services.handed_out import address_of

_MOST_BITS: Final = 14400


def outgoing(attempt: Attempt, fax: Fax) -> base.OutgoingFax:
    """What a carrier is handed for a try."""
    document = Document.objects.for_account(fax.account_id).get(fax=fax, role=DocumentRole.RENDERED)
    faxbox = fax.faxbox
    return base.OutgoingFax(
        key=attempt.key,
        to_number=fax.to_number,
        from_number=fax.from_number,
        station_id=fax.station_id or faxbox.station_id or fax.from_number,
        header=fax.header or faxbox.header,
        time_zone=fax.time_zone or faxbox.time_zone or fax.account.time_zone,
        quality=Quality(attempt.asked.get("quality") or fax.quality),
        pages=document.pages - attempt.first_page + 1,
        document=_StoredPages(document, attempt),
        document_key=document.key,
        earlier_calls=fax.tries - 1,
        first_page=attempt.first_page,
        ecm=bool(attempt.asked.get("ecm", True)),
        most_bits=int(attempt.asked.get("most_bits", _MOST_BITS)),
    )


def sent_fax(attempt: Attempt) -> base.SentFax:
    """What a carrier is told of a try that it is asked about; the fax comes along with it."""
    fax = attempt.fax
    return base.SentFax(
        key=attempt.key,
        ref=attempt.carrier_ref,
        to_number=attempt.to_number,
        from_number=fax.from_number,
        pages=max(0, fax.pages - attempt.first_page + 1),
        at=attempt.started_at,
    )


class _StoredPages:
    """The pages of a try, read from the vault when a carrier wants them."""

    def __init__(self, document: Document, attempt: Attempt) -> None:
        self._document, self._attempt = document, attempt

    def tiff(self) -> bytes:
        with tempfile.TemporaryDirectory(prefix="outgoing-") as folder:
            return self._tiff_in(Path(folder)).read_bytes()

    def pdf(self) -> bytes:
        with tempfile.TemporaryDirectory(prefix="outgoing-") as folder:
            pdf = Path(folder) / "fax.pdf"
            wrap.tiff_to_pdf(self._tiff_in(Path(folder)), pdf)
            return pdf.read_bytes()

    def url(self) -> str:
        return address_of(self._attempt.key)

    def _tiff_in(self, folder: Path) -> Path:
        asked, first = self._attempt.asked, self._attempt.first_page
        quality = Quality(asked["quality"]) if "quality" in asked else None
        return pages_of_try(self._document.key, folder, first_page=first, quality=quality)


def pages_of_try(key: str, folder: Path, *, first_page: int, quality: Quality | None) -> Path:
    """A fax TIFF of the pages that a try sends, made in a folder from a stored one.

    From ``first_page`` on, and with no more lines an inch than ``quality`` has, if it says so.
    """
    whole, rest = folder / "fax.tiff", folder / "rest.tiff"
    vault.copy_out(key, whole)
    if first_page > 1:
        pipeline.from_page(whole, rest, first_page)
    else:
        rest = whole
    if quality is None or all(_fits(page, quality) for page in read_fax_tiff(rest)):
        return rest
    lower = folder / f"{quality}.tiff"
    pipeline.lower_resolution(rest, lower, quality)
    return lower


def _fits(page: FaxPage, quality: Quality) -> bool:
    order = list(Quality)
    return order.index(page.quality) <= order.index(quality)
