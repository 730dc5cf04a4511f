"""This portal as a carrier of its own: accounts, addresses and pages for faxing through it."""

from pathlib import Path
from typing import Any

from faxes import vault
from faxes.documents import tiff
from faxes.documents.wrap import tiff_to_pdf
from faxes.enums import DocumentRole
from faxes.models import Document, Fax
from tests.carriers.doors import Pages


def address_of(live_server: Any) -> str:
    """Where it is served; by number, as the name may lead to two addresses."""
    return str(live_server.url).replace("localhost", "127.0.0.1")


def client_of(world: Any, house: Any) -> tuple[str, str]:
    """Id and secret of an account's OAuth client."""
    told = next(each for each in world.demo["accounts"] if each["id"] == str(house.id))
    return told["oauth"]["client_id"], told["oauth"]["client_secret"]


def pages_of(fax: Fax, folder: Path) -> Pages:
    """The pages of a fax as carriers are handed them."""
    at = stored(fax, folder)
    pdf = folder / "pages.pdf"
    tiff_to_pdf(at, pdf)
    return Pages(at.read_bytes(), pdf.read_bytes())


def stored(fax: Fax, folder: Path) -> Path:
    """Its fax TIFF."""
    document = Document.rows.get(fax=fax, role__in=(DocumentRole.RENDERED, DocumentRole.RECEIVED))
    at = folder / f"{fax.pk}.tiff"
    vault.copy_out(document.key, at)
    return at


def same_pixels(one: Path, other: Path, *, pages: int) -> bool:
    """Whether so many pages are the same to the last dot."""
    pairs = [(tiff.decoded(one, n), tiff.decoded(other, n)) for n in range(1, pages + 1)]
    return all((a.bits == b.bits).all() for a, b in pairs)
