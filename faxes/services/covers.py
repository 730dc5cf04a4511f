"""An account's own cover pages: written, looked at, changed, deleted."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, idempotency
from accounts.tenancy import require
from faxes import vault
from faxes.documents import cover as pages
from faxes.documents.logo import MEGAPIXELS
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError, FaxError, InvalidRequest, RequestError
from faxes.models import CoverTemplate, Faxbox
from faxes.queries.covers import own_cover_for
from faxes.queries.faxes import faxboxes_for
from faxes.services import cover_pages, erasure
from faxes.services.cover_pages import ChosenCover, Picture
from faxes.services.intake import IncomingFile
from faxes.services.order import Checks, read_text

MOST_COVERS: Final = 50
_NAME_LENGTH: Final = 80
_HEADING_LENGTH: Final = 120
_LETTERHEAD: Final = (500, 8)  # characters, lines
_FOOTNOTE: Final = (1200, 12)
_HTML_LENGTH: Final = 50_000
_LOGO_BYTES: Final = 5_000_000
_WRITTEN: Final = (
    "name",
    "layout",
    "heading",
    "letterhead",
    "footnote",
    "html",
    "updated_at",
)
_SAMPLE_PAGES: Final = 3
_SAMPLE_NUMBER: Final = "+12025550100"


@dataclass(frozen=True, slots=True)
class CoverRequest:
    """What somebody wants a cover page to be, as text, just as it was typed.

    ``html`` is a page of their own, or empty for the layout's. ``logo`` takes the place of the one
    that is there; ``drop_logo`` removes that.
    """

    name: str = ""
    layout: str = "plain"
    heading: str = ""
    letterhead: str = ""
    footnote: str = ""
    html: str = ""
    logo: IncomingFile | None = None
    drop_logo: bool = False


def save_cover(
    actor: Actor, *, request: CoverRequest, cover_id: UUID | None = None
) -> CoverTemplate:
    """Store a cover page, a new one or one that is there. Faxes under way keep the one they have.

    Raises:
        NotAllowed: the actor may not change covers.
        FaxNotFound: there is none of this id for the actor.
        InvalidRequest: with everything that is wrong.

    """
    require(actor, Action.COVER_MANAGE)
    cover, logo = _understood(actor, request, cover_id, _naming(actor, request, cover_id))
    try:
        _drawn(actor, cover, logo, width=1)
    except FaxError as error:
        error.field = "html" if cover.html else "layout"
        raise InvalidRequest((error,)) from None
    new_key = _kept_logo(actor.account_id, logo) if request.logo else ""
    try:
        return _stored(actor, cover, new_key, is_new=cover_id is None, drop=request.drop_logo)
    except BaseException as error:
        if new_key:
            vault.destroy(new_key)
        if isinstance(error, IntegrityError):
            taken = RequestError(ErrorCode.COVER_NAME_TAKEN, field="name", name=cover.name)
            raise InvalidRequest((taken,)) from None
        raise


def delete_cover(actor: Actor, *, cover_id: UUID) -> str:
    """Remove a cover page; what was sent with it keeps its pages. Returns its name.

    Raises:
        NotAllowed: the actor may not change covers.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.COVER_MANAGE)
    cover = own_cover_for(actor, cover_id)
    with transaction.atomic(durable=True):
        CoverTemplate.objects.visible_to(actor).filter(pk=cover_id).delete()
        machines = Faxbox.objects.for_account(actor.account_id).filter(mail_cover=str(cover_id))
        machines.update(mail_cover="")
        erasure.erase_later([cover.logo_key])
        audit.record(actor, action="cover.delete", object_type="cover", object_id=cover_id)
        idempotency.forget(actor.account_id, object_ids=[cover_id])
    return cover.name


def drawn_cover(actor: Actor, *, cover: str, width: int) -> Picture:
    """What a cover of this id (see ``cover_for``) looks like on a fax made up for the purpose.

    Raises:
        NotAllowed: the actor may not change covers.
        RequestError, DocumentError: there is none, or it cannot be set.

    """
    require(actor, Action.COVER_MANAGE)
    chosen = cover_pages.cover_for(actor, written=cover)
    if chosen is None:
        raise RequestError(ErrorCode.COVER_NOT_FOUND, field="cover")
    return _drawn_chosen(actor, chosen, width)


def drawn_draft(
    actor: Actor, *, request: CoverRequest, cover_id: UUID | None, width: int
) -> Picture:
    """What a cover would look like, before it is stored.

    Raises:
        NotAllowed: the actor may not change covers.
        FaxNotFound: there is none of this id for the actor.
        InvalidRequest: with everything that is wrong.

    """
    require(actor, Action.COVER_MANAGE)
    cover, logo = _understood(actor, request, cover_id, lambda: request.name[:_NAME_LENGTH])
    try:
        return _drawn(actor, cover, logo, width=width)
    except FaxError as error:
        error.field = "html" if cover.html else "layout"
        raise InvalidRequest((error,)) from None


def _understood(
    actor: Actor, request: CoverRequest, cover_id: UUID | None, read_name: Callable[[], str]
) -> tuple[CoverTemplate, bytes]:
    """The cover as it would be, and its logo."""
    cover = (
        own_cover_for(actor, cover_id)
        if cover_id
        else CoverTemplate(account_id=actor.account_id, created_at=clock.now())
    )
    checks = Checks()
    cover.name = checks.get(read_name, "")
    cover.layout = checks.get(lambda: _layout(request.layout), "plain")
    cover.heading = checks.get(
        lambda: read_text(request.heading, name="heading", limit=_HEADING_LENGTH), ""
    )
    cover.letterhead = checks.get(lambda: _lines(request.letterhead, "letterhead", _LETTERHEAD), "")
    cover.footnote = checks.get(lambda: _lines(request.footnote, "footnote", _FOOTNOTE), "")
    cover.html = checks.get(lambda: _html(request.html), "")
    cover.updated_at = clock.now()
    logo = checks.get(lambda: _logo(request, cover), b"")
    if checks.errors:
        raise InvalidRequest(tuple(checks.errors))
    return cover, logo


def _naming(actor: Actor, request: CoverRequest, cover_id: UUID | None) -> Callable[[], str]:
    def read() -> str:
        name = read_text(request.name, name="name", limit=_NAME_LENGTH)
        if not name:
            raise RequestError(ErrorCode.COVER_NAME_MISSING, field="name")
        others = CoverTemplate.objects.visible_to(actor)
        if cover_id is not None:
            others = others.exclude(pk=cover_id)
        if others.filter(name=name).exists():
            raise RequestError(ErrorCode.COVER_NAME_TAKEN, field="name", name=name)
        if cover_id is None and others.count() >= MOST_COVERS:
            raise RequestError(ErrorCode.TOO_MANY_COVERS, limit=MOST_COVERS)
        return name

    return read


def _layout(written: str) -> str:
    if written not in pages.LAYOUTS:
        raise RequestError(ErrorCode.COVER_NOT_FOUND, field="layout")
    return written


def _lines(written: str, name: str, limits: tuple[int, int]) -> str:
    characters, lines = limits
    text = read_text(written, name=name, limit=characters, lines=True)
    if text.count("\n") >= lines:
        raise RequestError(ErrorCode.TOO_MANY_LINES, field=name, limit=lines)
    return text


def _html(written: str) -> str:
    text = written.replace("\r\n", "\n").replace("\0", "").strip()
    if len(text) > _HTML_LENGTH:
        raise RequestError(ErrorCode.TEXT_TOO_LONG, field="html", limit=_HTML_LENGTH)
    pages.check(text)
    return text


def _logo(request: CoverRequest, cover: CoverTemplate) -> bytes:
    if request.logo is None:
        return b"" if request.drop_logo else cover_pages.stored_logo(cover.logo_key)
    if request.logo.size > _LOGO_BYTES:
        raise DocumentError(ErrorCode.LOGO_TOO_LARGE, field="logo", limit=MEGAPIXELS)
    with tempfile.TemporaryDirectory(prefix="logo-") as folder:
        path = Path(folder) / "logo"
        request.logo.file.seek(0)
        path.write_bytes(request.logo.file.read())
        return pages.normal_logo(path)


def _kept_logo(owner: UUID, logo: bytes) -> str:
    with tempfile.TemporaryDirectory(prefix="logo-") as folder:
        path = Path(folder) / "logo.png"
        path.write_bytes(logo)
        return vault.put(owner, path).key


def _stored(
    actor: Actor, cover: CoverTemplate, new_key: str, *, is_new: bool, drop: bool
) -> CoverTemplate:
    with transaction.atomic(durable=True):
        changed = list(_WRITTEN)
        if new_key or drop:
            # As it is now, not as it was when the form was read.
            rows = CoverTemplate.objects.visible_to(actor).select_for_update().filter(pk=cover.pk)
            erasure.erase_later(rows.values_list("logo_key", flat=True))
            cover.logo_key = new_key
            vault.named([new_key])
            changed.append("logo_key")
        if is_new:
            cover.save(force_insert=True)
        else:
            cover.save(update_fields=changed)
        action = "cover.create" if is_new else "cover.change"
        audit.record(actor, action=action, object_type="cover", object_id=cover.pk)
    return cover


def _drawn(actor: Actor, cover: CoverTemplate, logo: bytes, *, width: int) -> Picture:
    return _drawn_chosen(actor, cover_pages.completed(cover, logo=logo), width)


def _drawn_chosen(actor: Actor, chosen: ChosenCover, width: int) -> Picture:
    """A cover on a fax made up for the purpose, from the account's first fax machine."""
    account = Account.objects.get(pk=actor.account_id)
    faxboxes = faxboxes_for(actor)
    faxbox = faxboxes[0] if faxboxes else Faxbox(name=_("Fax"))
    numbers = [number.e164 for number in faxbox.numbers.all()] if faxboxes else []
    told = cover_pages.facts(
        account,
        faxbox,
        from_number=min(numbers, default=""),
        to=_SAMPLE_NUMBER,
        subject=_("The subject of your fax"),
        message=_("Your message stands here, as long as it is.\n\nKind regards"),
        at=clock.now(),
    )
    return cover_pages.picture(
        chosen,
        told,
        body_pages=_SAMPLE_PAGES,
        quality=Quality.FINE,
        paper=Paper(account.paper),
        width=width,
    )
