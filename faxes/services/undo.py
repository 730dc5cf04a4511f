"""Take back what was sent a moment ago, as if nobody had pressed the button.

For some seconds nothing sent from a page is dialled: it is due only then. Whoever undoes it cancels
it as anybody does, by a move from the state that it was read in; so it is undone or sent, never
both. Of faxes that were sent together all are taken back, or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes import lifecycle
from faxes.enums import DocumentRole, ErrorCode, FaxState, Paper, Quality
from faxes.errors import DocumentError, MoveNotAllowed
from faxes.models import Fax, Upload
from faxes.queries.access import require_work_in
from faxes.queries.faxes import batch_of
from faxes.services import uploads
from faxes.services.convert import render_kept
from faxes.services.documents import files_by_role

_WAITS: Final = frozenset({FaxState.PREPARING, FaxState.QUEUED})


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back, as it was asked for; ``upload`` holds its documents, if they are had."""

    faxes: Sequence[Fax]
    upload: Upload | None

    @property
    def copied_from(self) -> UUID | None:
        """The fax whose pages they were, if they were sent on or once more."""
        return self.faxes[0].copied_from


def undoable_until(origin: str, now: datetime) -> datetime | None:
    """Until when a fax of this origin may be undone; None if it goes at once."""
    if origin != "portal" or not settings.UNDO_SECONDS:
        return None
    return now + timedelta(seconds=settings.UNDO_SECONDS)


def may_undo(actor: Actor, *, fax: Fax, now: datetime) -> bool:
    """Whether somebody may still take back a fax: who sent it, in its first seconds."""
    in_time = fax.undo_until is not None and fax.undo_until > now
    theirs = fax.created_by is not None and fax.created_by == actor.user_id
    return in_time and theirs and fax.state in _WAITS and not fax.tries and _may(actor)


def undo(actor: Actor, *, fax_id: UUID) -> Undone:
    """Cancel a fax that the actor sent a moment ago, and all that were sent together with it.

    Once they are due, this is over: whoever comes later cancels each as any other.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it is too late, or one of them was canceled already.

    """
    require(actor, Action.FAX_SEND)
    require(actor, Action.FAX_CANCEL)
    while True:
        faxes, now = batch_of(actor, fax_id), clock.now()
        require_work_in(actor, faxbox_id=faxes[0].faxbox_id)
        if not all(may_undo(actor, fax=fax, now=now) for fax in faxes):
            raise MoveNotAllowed(ErrorCode.FAX_NOT_WAITING)
        if _canceled(actor, faxes, now):
            return Undone(faxes, _documents_of(actor, faxes[0]))


def _may(actor: Actor) -> bool:
    return actor.may(Action.FAX_SEND) and actor.may(Action.FAX_CANCEL)


class _Moved(Exception):
    """One of them moved meanwhile: its pages became ready, or it is being dialled."""


def _canceled(actor: Actor, faxes: Sequence[Fax], now: datetime) -> bool:
    """Cancel all, or none if one of them moved."""
    try:
        with transaction.atomic(durable=True):
            for fax in faxes:
                if not lifecycle.cancel(fax, now=now, because="undone"):
                    raise _Moved  # noqa: TRY301 (it must leave the transaction)
                audit.record(actor, action="fax.undo", object_type="fax", object_id=fax.pk)
    except _Moved:
        return False
    return True


def _documents_of(actor: Actor, fax: Fax) -> Upload | None:
    """The documents of a fax brought ahead anew, for the form to begin with.

    Where pages were put in order, turned or left out, it is the upload itself, with its documents
    and pages as they were. Of others the canceled fax keeps its own; behind a cover, or not ready
    yet, its pages are made once more.
    """
    if fax.copied_from is None and (held := uploads.back_from_undo(actor, batch_id=fax.batch_id)):
        return held
    files = files_by_role(fax)
    sources, ready = files[DocumentRole.SOURCE], files[DocumentRole.BODY]
    if not files[DocumentRole.COVER]:
        ready = ready or files[DocumentRole.RENDERED]
    if fax.copied_from is not None or not sources:
        return None
    quality, paper = Quality(fax.quality), Paper(fax.paper)
    try:
        pages = (
            ready[0]
            if ready
            else render_kept(fax.account_id, sources, quality=quality, paper=paper)
        )
    except DocumentError:
        return None  # it would not have been sent either
    return uploads.create_upload(
        actor, sources=sources, rendered=pages, quality=quality, paper=paper
    )
