"""The cover page of a fax: which one was chosen, what it tells of the fax, its pages."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, get_language_bidi, gettext

from accounts import languages, moments
from accounts.models import Account
from accounts.scoping import Actor
from accounts.services.brands import PRODUCT, brand_of
from faxes import phone, vault
from faxes.documents import cover, pipeline
from faxes.documents.cover import Facts, Look
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import RequestError
from faxes.models import CoverTemplate, Fax, Faxbox
from faxes.services import intake
from faxes.services.intake import KeptFile

MEDIA_TYPE: Final = "text/html"


@dataclass(frozen=True, slots=True)
class ChosenCover:
    """A cover by its name, complete but for the facts of a fax."""

    name: str
    template: str


def cover_for(actor: Actor, *, written: str) -> ChosenCover | None:
    """The cover of this id, which is a layout's name or one of the account's own; None without one.

    Raises:
        RequestError: there is none.

    """
    chosen = written.strip().lower()
    if not chosen:
        return None
    if chosen in cover.LAYOUTS:
        account = Account.objects.get(pk=actor.account_id)
        look = Look(service=_service(account))
        return ChosenCover(chosen.capitalize(), cover.complete(_layout(chosen, account), look))
    row = _own_cover(actor, chosen)
    return completed(row, logo=stored_logo(row.logo_key))


def completed(row: CoverTemplate, *, logo: bytes) -> ChosenCover:
    """An account's own cover, as far as it can be filled in without a fax.

    Raises:
        RequestError: its HTML is not right.
        DocumentError: it is far too large.

    """
    look = Look(row.heading, row.letterhead, row.footnote, logo)
    return ChosenCover(row.name, cover.complete(row.html or _layout(row.layout, row.account), look))


def layout_in_words(name: str) -> str:
    """A layout that ships, in the language of who looks at it.

    Raises:
        RequestError: there is none.

    """
    told = cover.layout(name, say=gettext)
    side = "rtl" if get_language_bidi() else "ltr"
    return told.replace('lang="en"', f'lang="{get_language() or "en"}" dir="{side}"', 1)


def _layout(name: str, account: Account) -> str:
    """A layout in an account's language, which whoever gets its faxes reads."""
    with languages.speaking(languages.of_account(account)):
        return layout_in_words(name)


def _service(account: Account) -> str:
    """What a ready-made cover says that the fax is sent with."""
    name = brand_of(account).product_name
    return "" if name == PRODUCT else name


def _own_cover(actor: Actor, written: str) -> CoverTemplate:
    not_found = RequestError(ErrorCode.COVER_NOT_FOUND, field="cover")
    try:
        cover_id = UUID(written)
    except ValueError:
        raise not_found from None
    row = CoverTemplate.objects.visible_to(actor).filter(pk=cover_id).first()
    if row is None:
        raise not_found
    return row


def stored_logo(key: str) -> bytes:
    """The logo stored under a key; nothing if there is none (any more).

    Raises:
        CannotOpen: it is there, and cannot be opened: a cover goes with its logo, or not yet.

    """
    if not key:
        return b""
    try:
        with vault.open_stored(key) as file:
            return file.read()
    except FileNotFoundError:
        return b""


def keep_cover(owner: UUID, chosen: ChosenCover, pages: int) -> KeptFile:
    """Store a cover as it is now, for faxes that will be prepared later."""
    with tempfile.TemporaryDirectory(prefix="cover-") as folder:
        path = Path(folder) / "cover.html"
        path.write_text(chosen.template, encoding="utf-8")
        return intake.keep_one(owner, path, chosen.name, MEDIA_TYPE, pages)


def facts_of(fax: Fax, account: Account) -> Facts:
    """What a cover tells of a fax."""
    return facts(
        account,
        fax.faxbox,
        from_number=fax.from_number,
        to=fax.to_number,
        subject=fax.subject,
        message=fax.message,
        at=fax.send_at or fax.created_at,
        from_name=fax.from_name,
        to_name=fax.to_name,
        time_zone=fax.time_zone,
    )


def facts(
    account: Account,
    faxbox: Faxbox,
    *,
    from_number: str,
    to: str,
    subject: str,
    message: str,
    at: datetime,
    from_name: str = "",
    to_name: str = "",
    time_zone: str = "",
) -> Facts:
    """What a cover tells; who sends it is the account and its fax machine unless it is named.

    The time is that of the zone named, else of the fax machine's, or of the account's.
    """
    recipient = phone.readable(to, country=account.country)
    # Who is abroad has to dial the country too.
    home = "" if recipient.startswith("+") else account.country
    number = phone.readable(from_number, country=home)
    local = at.astimezone(ZoneInfo(time_zone or faxbox.time_zone or account.time_zone))
    sender = from_name or f"{account.name}, {faxbox.name}"
    with languages.speaking(languages.of_account(account)):
        date = moments.tell(local, "weekday-long+minutes+zone")
    return Facts(
        to=f"{to_name}\n{recipient}".strip(),
        sender=f"{sender}\n{number}".strip(),
        date=date,
        subject=subject,
        message=message,
    )


@dataclass(frozen=True, slots=True)
class CoverSize:
    """How many pages a cover takes, and how many bytes they are as coded for the line."""

    pages: int = 0
    coded_bytes: int = 0


NO_COVER: Final = CoverSize()


def size_of(
    chosen: ChosenCover, told: Facts, *, body_pages: int, quality: Quality, paper: Paper
) -> CoverSize:
    """How much a cover takes.

    Raises:
        DocumentError: it cannot be set, or takes too many.

    """
    with tempfile.TemporaryDirectory(prefix="cover-") as folder:
        made = cover.render(
            chosen.template,
            told,
            Path(folder) / "cover.tiff",
            body_pages=body_pages,
            quality=quality,
            paper=paper,
        )
    return CoverSize(len(made.pages), sum(page.bytes for page in made.pages))


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG of a cover's first page as it will be faxed, and how many pages it takes."""

    png: bytes
    pages: int


def picture(
    chosen: ChosenCover,
    told: Facts,
    *,
    body_pages: int,
    quality: Quality,
    paper: Paper,
    width: int,
) -> Picture:
    """What a cover looks like.

    Raises:
        DocumentError: it cannot be set, or takes too many pages.

    """
    with tempfile.TemporaryDirectory(prefix="cover-") as folder:
        tiff = Path(folder) / "cover.tiff"
        made = cover.render(
            chosen.template, told, tiff, body_pages=body_pages, quality=quality, paper=paper
        )
        return Picture(pipeline.png_of(tiff, 1, width, own=True), len(made.pages))
