"""Uploads as lists and one by one: each is its maker's, and the account's own tokens find all."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes import paging
from faxes.errors import FaxNotFound
from faxes.models import Upload


@dataclass(frozen=True, slots=True)
class UploadPage:
    """One page of a list; ``next_cursor`` is empty on the last."""

    uploads: Sequence[Upload]
    next_cursor: str


def live_uploads(actor: Actor) -> QuerySet[Upload]:
    """Those that the actor may send: not expired, or of a draft."""
    kept = Q(expires_at__gt=clock.now()) | Q(draft__isnull=False)
    live = Upload.objects.visible_to(actor).filter(kept, undo_of__isnull=True)
    if actor.user_id is None and actor.home_id is not None:
        return live.none()  # no token of this account's own, but of one above it
    return live if actor.user_id is None else live.filter(created_by=actor.user_id)


def list_uploads(actor: Actor, *, cursor: str, size: int) -> UploadPage:
    """A page of the actor's uploads, newest first.

    Raises:
        NotAllowed: the actor may not send.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.FAX_SEND)
    rows = live_uploads(actor).order_by("-pk")
    if cursor:
        rows = rows.filter(pk__lt=paging.decode(cursor))
    found = list(rows[: size + 1])
    more = paging.encode(found[size - 1].pk) if len(found) > size else ""
    return UploadPage(found[:size], more)


def upload_of(actor: Actor, upload_id: UUID) -> Upload:
    """One upload of the actor's.

    Raises:
        NotAllowed: the actor may not send.
        FaxNotFound: there is none of this id for the actor, or no more.

    """
    require(actor, Action.FAX_SEND)
    upload = live_uploads(actor).filter(pk=upload_id).first()
    if upload is None:
        raise FaxNotFound
    return upload
