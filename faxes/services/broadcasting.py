"""Hand broadcasts over: make the faxes of their recipients, a portion at a time.

A job claims the broadcast with a lease, renders the documents if nobody has, and makes one portion
of faxes in one transaction that ties each recipient to its fax: whoever dies has made all of a
portion or nothing, and no recipient gets a second fax. Then the job goes to the end of the queue,
behind what other tenants want done. Only so many faxes are made ahead of the line; the sweep brings
the broadcast back when some have gone. Each portion is admitted as any submission is. What may wait
(too many under way at once, a suspended account) waits; what cannot be paid for is refused.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts import clock
from accounts.ids import new_id
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import is_in_use
from faxes import jobs, lifecycle, vault
from faxes.enums import (
    TERMINAL_STATES,
    Direction,
    DocumentRole,
    ErrorCode,
    FaxState,
    Paper,
    Quality,
    RecipientState,
)
from faxes.errors import DocumentError, FaxError, NotAffordable
from faxes.models import Broadcast, BroadcastRecipient, Fax
from faxes.services import admission, erasure, extras, intake
from faxes.services.convert import render_kept
from faxes.services.convert_covered import MOST_BATCH_BYTES
from faxes.services.documents import attach_to_all
from faxes.services.extensions import machines_at
from faxes.services.intake import KeptFile
from faxes.services.sender import from_number_to

log = logging.getLogger(__name__)
PORTION: Final = 60  # some 0.1 s in which nobody else writes to an SQLite database
# So many faxes of an account wait for their first try, at most, before more are made.
MADE_AHEAD: Final = 400
LEASE: Final = timedelta(seconds=150)  # to render documents
_SHORT_LEASE: Final = timedelta(seconds=30)  # for a portion, so that the dead hold it up less
_MOST_TRIES: Final = 3
_SOON: Final = timedelta(seconds=5)
_LATER: Final = timedelta(minutes=1)
_WOKEN_AT_ONCE: Final = 2  # broadcasts of one account
_LOOKED_AT: Final = 50
_WAITING: Final = (FaxState.PREPARING, FaxState.QUEUED)


def attend(now: datetime) -> None:
    """Wake broadcasts that are due or whose worker died, by turns of their accounts."""
    rows = Broadcast.objects.across_tenants(why="the sweep looks at all")
    turn = Window(RowNumber(), partition_by=[F("account_id")], order_by=[F("wake_at"), F("id")])
    due = rows.filter(wake_at__lte=now).annotate(turn=turn).filter(turn__lte=_WOKEN_AT_ONCE)
    for pk, wake_at in due.order_by("turn", "wake_at").values_list("pk", "wake_at")[:_LOOKED_AT]:
        if rows.filter(pk=pk, wake_at=wake_at).update(wake_at=now + lifecycle.GRACE):
            jobs.enqueue("broadcast", broadcast=pk)
    # Whoever was entering these is dead.
    for broadcast in rows.filter(entered=False, created_at__lt=now - vault.UNNAMED_FOR)[
        :_LOOKED_AT
    ]:
        forget(broadcast)


def carry_on(broadcast_id: UUID) -> None:
    """Do what a broadcast wants done next, for as long as a job may take.

    Does nothing if somebody is at it, or nothing is left to do.
    """
    broadcast = _claimed(broadcast_id)
    if broadcast is None or broadcast.lease_until is None:
        return
    lease = broadcast.lease_until
    if broadcast.canceled_at is not None:
        _cancel_faxes(broadcast, lease)
    elif not is_in_use(broadcast.account):
        _rest(broadcast, lease, _LATER)
    elif broadcast.body or _prepared(broadcast, lease):
        _hand_over(broadcast, lease)


def forget(broadcast: Broadcast) -> None:
    """Remove what was entered of a broadcast that did not come to be."""
    with transaction.atomic():
        rows = Broadcast.objects.for_account(broadcast.account_id)
        if rows.filter(pk=broadcast.pk, entered=False).delete()[0]:  # with its recipients
            transaction.on_commit(erasure.scrub, robust=True)


def stop_all(account_id: UUID) -> None:
    """Cancel what an account's broadcasts have waiting; for one that is closed."""
    rows = Broadcast.objects.for_account(account_id)
    for broadcast in rows.filter(handed_over_at__isnull=True):
        with transaction.atomic(durable=True):
            stop(broadcast, now=clock.now())


def stop(broadcast: Broadcast, *, now: datetime) -> bool:
    """Cancel the recipients that wait, in the caller's transaction; faxes are canceled by a job.

    Whether this call was the one.
    """
    rows = Broadcast.objects.for_account(broadcast.account_id)
    live = rows.filter(pk=broadcast.pk, canceled_at__isnull=True)
    if not live.update(canceled_at=now, wake_at=now + lifecycle.GRACE):
        return False
    _waiting(broadcast).update(state=RecipientState.CANCELED)
    _close(broadcast, now, canceled_at=now, wake_at=now + lifecycle.GRACE)
    jobs.enqueue("broadcast", broadcast=broadcast.pk)
    return True


def _claimed(broadcast_id: UUID) -> Broadcast | None:
    """The broadcast with a lease on it; None if somebody is at it, or nothing is left to do."""
    rows = Broadcast.objects.across_tenants(why="a job names a broadcast").filter(pk=broadcast_id)
    found = rows.select_related("account").first()
    if found is None:
        return None
    now = clock.now()
    rendered = found.body or found.canceled_at is not None
    lease = now + (_SHORT_LEASE if rendered else LEASE)
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    if not rows.filter(free, wake_at__isnull=False).update(lease_until=lease, wake_at=lease):
        return None
    return rows.select_related("account").filter(lease_until=lease).first()


def _prepared(broadcast: Broadcast, lease: datetime) -> bool:
    """Render what all faxes share, and keep it; whether that was done and still is wanted."""
    if not _leased(broadcast, lease).update(prepare_tries=F("prepare_tries") + 1):
        return False
    try:
        if broadcast.prepare_tries >= _MOST_TRIES:
            # Whoever tried before died of it, every time.
            raise DocumentError(ErrorCode.INTERNAL_ERROR)  # noqa: TRY301 (ends alike)
        body = render_kept(
            broadcast.account_id,
            _files(broadcast.sources),
            quality=Quality(broadcast.quality),
            paper=Paper(broadcast.paper),
        )
    except DocumentError as error:
        _refuse_all(broadcast, lease, error)
        return False
    with transaction.atomic(durable=True):
        kept = _leased(broadcast, lease).update(body=[body.as_json()], prepare_tries=0)
        if kept:
            vault.named([body.key])
            broadcast.body = [body.as_json()]
    if not kept:
        intake.drop([body])
    return bool(kept)


def _hand_over(broadcast: Broadcast, lease: datetime) -> None:
    """Make the faxes of the next recipients, as many as there is room for."""
    now = clock.now()
    body_bytes = sum(file["size"] for file in broadcast.body)
    if broadcast.send_at is not None and broadcast.send_at > now:
        _rest(broadcast, lease, broadcast.send_at - now)
        return
    if broadcast.cover and body_bytes * broadcast.recipients_total > MOST_BATCH_BYTES:
        _refuse_all(broadcast, lease, DocumentError(ErrorCode.COVERED_TOO_LARGE, field="cover"))
        return
    size = max(0, _room(broadcast))
    while size:
        try:
            _make(broadcast, lease, size)
        except NotAffordable as refused:
            if refused.code == ErrorCode.LIMIT_AT_ONCE:
                break  # others came between
            size = _smaller(broadcast, lease, size, refused)
            if not size:
                return
        else:
            return
    _rest(broadcast, lease, _SOON)


def _room(broadcast: Broadcast) -> int:
    """How many faxes may be made now."""
    faxes = Fax.objects.for_account(broadcast.account_id).filter(
        direction=Direction.OUTBOUND, state__in=_WAITING, tries=0, broadcast_id__isnull=False
    )
    # what others wait for, to be approved, is not in the way
    theirs = faxes.filter(Q(held_for__isnull=True) | Q(broadcast_id=broadcast.pk))
    room = min(PORTION, MADE_AHEAD - theirs.count())
    at_once = admission.room_at_once(broadcast.account)
    return room if at_once is None else min(room, at_once)


def _make(broadcast: Broadcast, lease: datetime, size: int) -> None:
    """Make faxes for the next recipients, in one transaction.

    Raises:
        NotAffordable: they may not be handed in; nothing was kept.

    """
    now = clock.now()
    with transaction.atomic(durable=True):
        # Whoever cancels or takes over waits for this, or has come first.
        if not _leased(broadcast, lease).filter(canceled_at__isnull=True).update(wake_at=lease):
            return
        recipients = list(_waiting(broadcast).order_by("position")[:size])
        if recipients:
            faxes = _faxes(broadcast, recipients)
            _begin(broadcast, faxes, now)
            admission.admit(broadcast.account, faxes=faxes, now=now)
            _tie(recipients, faxes)
            audit.record(
                Actor.system(broadcast.account_id),
                action="broadcast.send",
                object_type="broadcast",
                object_id=broadcast.pk,
                faxes=len(faxes),
                pages=sum(fax.pages for fax in faxes),
            )
        if _waiting(broadcast).exists():
            _leased(broadcast, lease).update(lease_until=None, wake_at=now + lifecycle.GRACE)
            jobs.enqueue("broadcast", broadcast=broadcast.pk)
        else:
            _close(broadcast, now)


def _tie(recipients: Sequence[BroadcastRecipient], faxes: Sequence[Fax]) -> None:
    rows = BroadcastRecipient.objects.for_account(faxes[0].account_id)
    for recipient, fax in zip(recipients, faxes, strict=True):
        recipient.fax = fax
    rows.bulk_update(recipients, ["fax"])
    rows.filter(pk__in=[each.pk for each in recipients]).update(state=RecipientState.SENT_ON)


def _faxes(broadcast: Broadcast, recipients: Sequence[BroadcastRecipient]) -> list[Fax]:
    batch = new_id()  # of a portion: its covers are made together
    pages = sum(file["pages"] for file in (*broadcast.cover, *broadcast.body))
    machines = machines_at([recipient.number for recipient in recipients])
    return [
        Fax(
            account_id=broadcast.account_id,
            direction=Direction.OUTBOUND,
            faxbox_id=broadcast.faxbox_id,
            from_number=from_number_to(
                recipient.number, faxbox=broadcast.faxbox, calling_from=broadcast.from_number
            ),
            to_number=recipient.number,
            to_faxbox=machines.get(recipient.number),
            subject=broadcast.subject,
            message=broadcast.message,
            quality=broadcast.quality,
            paper=broadcast.paper,
            pages=pages,
            retries=broadcast.retries,
            batch_id=batch,
            broadcast_id=broadcast.pk,
            created_by=broadcast.created_by,
            origin=broadcast.origin,
            send_at=broadcast.send_at,
            metadata=broadcast.metadata | recipient.metadata,
            webhook_url=broadcast.webhook_url,
            notify=broadcast.notify,
            keep_documents=broadcast.keep_documents,
        )
        for recipient in recipients
    ]


def _begin(broadcast: Broadcast, faxes: Sequence[Fax], now: datetime) -> None:
    """Write the faxes; ready for the line, or to be covered each with its own cover."""
    begin = lifecycle.begin if broadcast.cover else lifecycle.begin_prepared
    begin(faxes, because="submitted", now=now)
    extras.index_metadata(faxes)
    files = {DocumentRole.SOURCE: broadcast.sources, DocumentRole.COVER: broadcast.cover}
    files[DocumentRole.BODY if broadcast.cover else DocumentRole.RENDERED] = broadcast.body
    for role, kept in files.items():
        attach_to_all(faxes, role, _files(kept))


def _smaller(broadcast: Broadcast, lease: datetime, size: int, refused: NotAffordable) -> int:
    """How many to try with next after so many were refused; 0 if that was the end."""
    if refused.code in {ErrorCode.RATE_MISSING, ErrorCode.DO_NOT_FAX}:
        number = refused.params["number"]
        _refuse(broadcast, _waiting(broadcast).filter(number=number), lease, refused)
        return size
    if size > 1:
        return size // 2
    _refuse_all(broadcast, lease, refused)
    return 0


def _refuse(
    broadcast: Broadcast,
    recipients: QuerySet[BroadcastRecipient],
    lease: datetime,
    error: FaxError,
) -> None:
    """Refuse recipients that wait, and note why, if this worker still may."""
    with transaction.atomic(durable=True):
        if not _leased(broadcast, lease).filter(canceled_at__isnull=True).update(wake_at=lease):
            return
        recipients.update(
            state=RecipientState.REFUSED, error_code=error.code, error_params=error.params
        )
        if not _waiting(broadcast).exists():
            unsound = isinstance(error, DocumentError)
            told = {"error_code": error.code, "error_params": error.params} if unsound else {}
            _close(broadcast, clock.now(), **told)


def _refuse_all(broadcast: Broadcast, lease: datetime, error: FaxError) -> None:
    _refuse(broadcast, _waiting(broadcast), lease, error)


def _close(broadcast: Broadcast, now: datetime, **changes: Any) -> None:
    """Note that no recipient waits any more, and let go of what only they needed."""
    rows = Broadcast.objects.for_account(broadcast.account_id).filter(pk=broadcast.pk)
    held = rows.values_list("sources", "cover", "body")
    keys = [file["key"] for row in held for files in row for file in files]
    changes = {"wake_at": None, "lease_until": None, "handed_over_at": now} | changes
    rows.update(
        subject="",
        message="",
        metadata={},
        webhook_url="",
        notify=[],
        sources=[],
        cover=[],
        body=[],
        **changes,
    )
    erasure.erase_later(keys)  # spared as long as a fax needs them


def _cancel_faxes(broadcast: Broadcast, lease: datetime) -> None:
    """Take back the faxes that are not on the line; those that are end, and get no other try."""
    faxes = Fax.objects.for_account(broadcast.account_id).filter(broadcast_id=broadcast.pk)
    faxes.filter(state=FaxState.SENDING).update(retries=0)
    for fax in faxes.filter(state__in=_WAITING).order_by("pk")[:PORTION]:
        lifecycle.cancel(fax, now=clock.now())
    if faxes.filter(state__in=_WAITING).exists():
        with transaction.atomic(durable=True):
            _rest(broadcast, lease, lifecycle.GRACE)
            jobs.enqueue("broadcast", broadcast=broadcast.pk)
    elif faxes.exclude(state__in=TERMINAL_STATES).exists():
        _rest(broadcast, lease, _SOON)
    else:
        _leased(broadcast, lease).update(wake_at=None, lease_until=None)


def _rest(broadcast: Broadcast, lease: datetime, time: timedelta) -> None:
    """Leave a broadcast alone for a while."""
    _leased(broadcast, lease).update(lease_until=None, wake_at=clock.now() + time)


def _leased(broadcast: Broadcast, lease: datetime) -> QuerySet[Broadcast]:
    rows = Broadcast.objects.for_account(broadcast.account_id)
    return rows.filter(pk=broadcast.pk, lease_until=lease)


def _waiting(broadcast: Broadcast) -> QuerySet[BroadcastRecipient]:
    rows = BroadcastRecipient.objects.for_account(broadcast.account_id)
    return rows.filter(broadcast=broadcast, state=RecipientState.WAITING)


def _files(kept: Sequence[dict[str, Any]]) -> list[KeptFile]:
    return [KeptFile(**each) for each in kept]
