"""Faxes that somebody has not finished writing: kept for them alone, for 30 days."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import clock
from accounts.errors import NotAllowed
from accounts.models import Membership
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes.enums import ErrorCode
from faxes.errors import FaxNotFound, RequestError
from faxes.models import FaxDraft, Upload
from faxes.queries.drafts import MOST_DRAFTS, drafts_of
from faxes.queries.filing import membership_of
from faxes.services import erasure, uploads

KEPT_FOR: Final = timedelta(days=30)
_LENGTH: Final = 100_000  # of all that was typed together


def save_draft(
    actor: Actor,
    *,
    typed: Mapping[str, str],
    upload_id: str = "",
    draft_id: UUID | None = None,
    listed: Mapping[str, Any] | None = None,
) -> FaxDraft:
    """Keep what the actor typed of a fax, anew or in place of what a draft of theirs says.

    ``listed`` is a list of recipients that they brought: its name, and numbers with names.

    Raises:
        NotAllowed: the actor may not send, or is not of the account.
        FaxNotFound: there is no such draft of the actor's any more.
        RequestError: there is no such upload, too much was typed, or there are too many.

    """
    membership = _membership(actor)
    if sum(map(len, typed.values())) > _LENGTH:
        raise RequestError(ErrorCode.TEXT_TOO_LONG, field="message", limit=_LENGTH)
    upload = uploads.upload_for(actor, written=upload_id)
    try:
        with transaction.atomic(durable=True):
            audit.hold_chains([actor.account_id])  # who saves at the same time is counted too
            draft = _row(actor, membership, draft_id, upload)
            now = clock.now()
            draft.typed, draft.upload = dict(typed), upload
            draft.listed = dict(listed) if listed else None
            draft.saved_at, draft.expires_at = now, now + KEPT_FOR
            draft.save()
    except IntegrityError:  # the upload was sent, or the person removed, a moment ago
        raise FaxNotFound from None
    return draft


def delete_draft(actor: Actor, *, draft_id: UUID) -> None:
    """Forget a draft of the actor's own, with its documents.

    Raises:
        NotAllowed: the actor may not send, or is not of the account.
        FaxNotFound: there is none of this id for the actor.

    """
    _membership(actor)
    with transaction.atomic(durable=True):
        if not _removed(actor, draft_id):
            raise FaxNotFound
        transaction.on_commit(erasure.scrub, robust=True)


def draft_sent(actor: Actor, *, draft_id: UUID) -> None:
    """Forget a draft in the transaction that makes its faxes; its documents are theirs by now."""
    if drafts_of(actor).filter(pk=draft_id).exists():
        _removed(actor, draft_id)
        transaction.on_commit(erasure.scrub, robust=True)


def expire_drafts(now: datetime) -> int:
    """Forget drafts that were left alone for 30 days, with their documents; how many they were."""
    rows = FaxDraft.objects.across_tenants(why="expiry").filter(expires_at__lte=now)
    expired = list(rows.select_related("upload")[:200])
    for draft in expired:
        with transaction.atomic(durable=True):
            _forget(draft)
    return len(expired)


def _row(
    actor: Actor, membership: Membership, draft_id: UUID | None, upload: Upload | None
) -> FaxDraft:
    """The row to write to; the documents of an upload are of one draft alone."""
    theirs = drafts_of(actor)
    if draft_id is not None:
        draft = theirs.filter(pk=draft_id).first()
        if draft is None:
            raise FaxNotFound
        if upload is not None:
            theirs.filter(upload=upload).exclude(pk=draft_id).delete()
        return draft
    of_upload = theirs.filter(upload=upload).first() if upload is not None else None
    if of_upload is not None:
        return of_upload
    if theirs.count() >= MOST_DRAFTS:
        raise RequestError(ErrorCode.TOO_MANY_DRAFTS, limit=MOST_DRAFTS)
    draft = FaxDraft(account_id=actor.account_id, membership=membership, created_at=clock.now())
    _record(actor, "draft.save", draft.pk)
    return draft


def _removed(actor: Actor, draft_id: UUID) -> bool:
    draft = drafts_of(actor).select_related("upload").filter(pk=draft_id).first()
    if draft is None:
        return False
    _forget(draft)
    _record(actor, "draft.delete", draft_id)
    return True


def _forget(draft: FaxDraft) -> None:
    upload = draft.upload
    draft.delete()
    if upload is not None and upload.undo_of is None:
        uploads.remove(upload, keep=[])


def _membership(actor: Actor) -> Membership:
    require(actor, Action.FAX_SEND)
    membership = membership_of(actor)
    if membership is None:
        raise NotAllowed(Action.FAX_SEND.value)
    return membership


def _record(actor: Actor, action: str, draft_id: UUID) -> None:
    audit.record(actor, action=action, object_type="draft", object_id=draft_id)
