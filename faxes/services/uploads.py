"""Uploads: documents brought ahead, kept for a day, taken over by the fax that they are sent as.

Those of a draft are kept as long as that is, or until they are sent.

Those that may be sent ``several`` times stay for all of their day; each fax names their files, too,
and a file goes with the last row that names it.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts import clock
from accounts.scoping import Actor
from accounts.services import idempotency
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import RequestError
from faxes.models import Upload
from faxes.queries.uploads import live_uploads, upload_of
from faxes.services import erasure
from faxes.services.intake import KeptFile

KEPT_FOR: Final = timedelta(hours=24)
_UNDONE_WITHIN: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class UploadRef:
    """Documents that were brought ahead, by the id of their upload."""

    upload_id: str


def create_upload(
    actor: Actor,
    *,
    sources: Sequence[KeptFile],
    rendered: KeptFile,
    quality: Quality,
    paper: Paper,
    several: bool = False,
    plan: Sequence[Sequence[int]] = (),
) -> Upload:
    """Note stored documents and the fax pages made of them."""
    now = clock.now()
    with transaction.atomic(durable=True):
        upload: Upload = Upload.objects.create(
            account_id=actor.account_id,
            created_by=actor.user_id,
            created_at=now,
            expires_at=now + KEPT_FOR,
            quality=quality,
            paper=paper,
            sources=[source.as_json() for source in sources],
            rendered=rendered.as_json(),
            several=several,
            plan=[list(leaf) for leaf in plan],
        )
        if actor.request_key is not None:
            idempotency.note(actor.request_key, object_type="upload", object_id=upload.pk)
    return upload


def upload_for(actor: Actor, *, written: str) -> Upload | None:
    """The upload of this id, made by the actor and not expired; None if no id is given.

    A token of the account's own finds all uploads of the account.

    Raises:
        RequestError: there is none.

    """
    if not written.strip():
        return None
    not_found = RequestError(ErrorCode.UPLOAD_NOT_FOUND, field="documents", upload=written[:40])
    try:
        upload_id = UUID(written.strip())
    except ValueError:
        raise not_found from None
    upload = live_uploads(actor).filter(pk=upload_id).first()
    if upload is None:
        raise not_found
    return upload


def documents_of(upload: Upload) -> list[KeptFile]:
    """The documents that a fax made of an upload has.

    Where pages were removed, moved or turned, those are its fax pages: what was taken out of them
    goes nowhere, also not when the fax is sent on.
    """
    sources, rendered = files_of(upload)
    if not upload.plan:
        return sources
    stem = PurePath(sources[0].name).stem or "document"
    return [dataclasses.replace(rendered, name=f"{stem}.tiff")]


def files_of(upload: Upload) -> tuple[list[KeptFile], KeptFile]:
    """The documents of an upload, and the fax TIFF made of them."""
    return [KeptFile(**each) for each in upload.sources], KeptFile(**upload.rendered)


def locked(upload: Upload) -> Upload:
    """An upload as it is now, in the transaction that is going to change it.

    Raises:
        RequestError: it was taken or has expired meanwhile.

    """
    rows = Upload.objects.for_account(upload.account_id).select_for_update()
    current = rows.filter(pk=upload.pk, undo_of__isnull=True).first()
    if current is None:
        raise RequestError(ErrorCode.UPLOAD_NOT_FOUND, field="documents", upload=str(upload.pk))
    return current


def replace(
    upload: Upload,
    *,
    sources: Sequence[KeptFile],
    plan: list[list[int]],
    rendered: KeptFile,
    quality: Quality,
) -> Upload | None:
    """Note other documents and pages of an upload; the files that it has no more use for go.

    None if its pages are not those any more that ``upload`` tells of: nothing was changed.

    Raises:
        RequestError: it was taken or has expired meanwhile.

    """
    with transaction.atomic(durable=True):
        current = locked(upload)
        if current.rendered["key"] != upload.rendered["key"]:
            return None
        kept = {source.key for source in sources}
        gone = [source["key"] for source in current.sources if source["key"] not in kept]
        erasure.erase_later([current.rendered["key"], *gone])
        current.sources, current.plan = [source.as_json() for source in sources], plan
        current.rendered, current.quality = rendered.as_json(), quality
        current.save(update_fields=["sources", "plan", "rendered", "quality"])
    return current


def hand_over(upload: Upload, *, keep: Sequence[KeptFile], undoable: bool = False) -> None:
    """Give the files to ``keep`` to a fax, in the transaction that makes it.

    The upload goes, unless it is there for further faxes, or for undoing (``hold_for_undo``): those
    share its files.
    """
    if not upload.several and not (undoable and upload.plan):
        remove(upload, keep=keep)


def hold_for_undo(taken: Iterable[Upload], *, batch_id: UUID, until: datetime) -> None:
    """Keep uploads whose pages were put in order, in the transaction that makes faxes of them.

    Their documents as they were, with pages that do not go, stay for the moment in which the faxes
    can be undone, and for nobody else.
    """
    planned = [upload.pk for upload in taken if upload.plan and not upload.several]
    rows = Upload.objects.across_tenants(why="by their ids").filter(pk__in=planned)
    rows.update(undo_of=batch_id, expires_at=until + _UNDONE_WITHIN)


def back_from_undo(actor: Actor, *, batch_id: UUID) -> Upload | None:
    """The upload that faxes were made of which the actor has undone, to be sent anew."""
    rows = Upload.objects.visible_to(actor).filter(undo_of=batch_id, created_by=actor.user_id)
    upload = rows.first()
    if upload is None or not rows.filter(pk=upload.pk).update(
        undo_of=None, expires_at=clock.now() + KEPT_FOR
    ):
        return None
    upload.undo_of = None
    return upload


def remove(upload: Upload, *, keep: Sequence[KeptFile]) -> None:
    """Remove an upload, in the transaction that takes over the files to ``keep``."""
    sources, rendered = files_of(upload)
    kept = {file.key for file in keep}
    Upload.objects.for_account(upload.account_id).filter(pk=upload.pk).delete()
    idempotency.forget(upload.account_id, object_ids=[upload.pk])
    erasure.erase_later(file.key for file in (*sources, rendered) if file.key not in kept)


def remove_upload(actor: Actor, *, upload_id: UUID) -> None:
    """Remove an upload of the actor's, which will not be sent.

    Raises:
        NotAllowed: the actor may not send.
        FaxNotFound: there is none of this id for the actor, or no more.

    """
    discard(upload_of(actor, upload_id))


def discard(upload: Upload) -> None:
    """Remove an upload with its files, unless somebody else has, or takes it back into use."""
    rows = Upload.objects.for_account(upload.account_id).select_for_update()
    with transaction.atomic(durable=True):
        current = rows.filter(pk=upload.pk, undo_of=upload.undo_of).first()
        if current is not None:
            remove(current, keep=[])


def expire_uploads(now: datetime) -> int:
    """Remove uploads that were not sent within their day and are of no draft; how many.

    A draft does not keep one that was sent, once that cannot be undone any more.
    """
    rows = Upload.objects.across_tenants(why="expiry").filter(expires_at__lte=now)
    gone = Q(draft__isnull=True) | Q(undo_of__isnull=False)
    expired = list(rows.filter(gone)[:200])
    for upload in expired:
        discard(upload)
    return len(expired)
