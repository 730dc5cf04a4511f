"""Strip a fax of its pages, or delete it: what goes, goes everywhere; the audit entry stays."""

from collections import Counter
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.models import EventType
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, events, idempotency
from accounts.tenancy import require
from faxes import notices
from faxes.enums import TERMINAL_STATES, Direction, DocumentRole, ErrorCode
from faxes.errors import MoveNotAllowed
from faxes.models import (
    Attempt,
    BroadcastRecipient,
    Document,
    Event,
    Fax,
    FaxLabel,
    FaxNote,
    InboundMail,
    LegalHold,
)
from faxes.queries.access import require_work_in
from faxes.queries.faxes import fax_for
from faxes.services import (
    carrier_copies,
    deletion_list,
    erasure,
    export_reach,
    far_ends,
    legal_holds,
    mail_folder,
    page_text,
)
from faxes.services.carrier_tools import kinds
from faxes.services.echo import without_document
from faxes.services.tombstones import bury


def strip_fax(actor: Actor, *, fax_id: UUID) -> None:
    """Remove documents, pages and notes of a finished fax; numbers, times and result stay.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it is under way, or under legal hold.

    """
    require(actor, Action.FAX_STRIP)
    fax = _finished(actor, fax_id)
    if fax.stripped_at is not None:
        return
    with transaction.atomic(durable=True):
        strip(actor, fax=fax)


def strip(actor: Actor, *, fax: Fax, again: bool = False) -> bool:
    """Remove documents, pages and notes of a finished fax, in the caller's transaction.

    Whether they were there still. What was removed lawfully once is so ``again`` whatever holds it.

    Raises:
        MoveNotAllowed: it is under legal hold; the caller's transaction must not be kept.

    """
    now = clock.now()
    rows = Fax.objects.visible_to(actor).filter(pk=fax.pk, stripped_at__isnull=True)
    facts = {name: fact for name, fact in fax.error_params.items() if not isinstance(fact, str)}
    gone = {"subject": "", "message": "", "error_params": facts}
    if not rows.update(stripped_at=now, echo=without_document(fax.echo), **gone):
        return False  # somebody else stripped or deleted it a moment ago
    if not again:
        legal_holds.require_free(fax)
    carrier_copies.note_copies(fax)
    removed = _remove_documents(actor, fax)
    removed |= _remove_notes(fax)
    InboundMail.objects.for_account(fax.account_id).filter(fax_id=fax.pk).update(filename="")
    notices.tell([fax], event=EventType.FAX_STRIPPED, now=now)
    _record(actor, "fax.strip", fax, removed)
    deletion_list.note([fax.pk], what=deletion_list.STRIPPED)
    return True


def delete_fax(actor: Actor, *, fax_id: UUID) -> None:
    """Remove a finished fax with all that belongs to it.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it is under way, or under legal hold.

    """
    require(actor, Action.FAX_DELETE)
    fax = _finished(actor, fax_id)
    with transaction.atomic(durable=True):
        delete(actor, fax=fax)


def delete(actor: Actor, *, fax: Fax, again: bool = False) -> bool:
    """Remove a finished fax, tell of it and put it on record, in the caller's transaction.

    Whether it was there still. What was removed lawfully once is so ``again`` whatever holds it.

    Raises:
        MoveNotAllowed: it is under legal hold; the caller's transaction must not be kept.

    """
    removed, deleted = remove(actor, fax=fax, again=again)
    if deleted:  # else somebody else did, and it is on record
        notices.tell_deleted(fax, now=clock.now())
        _record(actor, "fax.delete", fax, removed)
        deletion_list.note([fax.pk], what=deletion_list.DELETED)
    return deleted


def remove(actor: Actor, *, fax: Fax, again: bool = False) -> tuple[Counter[str], bool]:
    """Remove a finished fax with all that belongs to it, in the caller's transaction.

    How many documents of each role and notes it had, and whether it was there still.

    Raises:
        MoveNotAllowed: it is under legal hold; the caller's transaction must not be kept.

    """
    # held first, as by who strips it: what they tell of it is there to be forgotten then
    list(Fax.objects.visible_to(actor).select_for_update().filter(pk=fax.pk).values_list("pk"))
    if not again:
        legal_holds.require_free(fax)
    removed = _remove_documents(actor, fax)
    carrier_copies.note_copies(fax)
    _bury(fax)
    far_ends.forget(fax)
    InboundMail.objects.for_account(fax.account_id).filter(fax_id=fax.pk).delete()
    removed |= _remove_notes(fax)
    FaxLabel.objects.for_account(fax.account_id).filter(fax=fax).delete()
    LegalHold.objects.for_account(fax.account_id).filter(fax=fax).delete()  # lifted since
    Event.objects.visible_to(actor).filter(fax=fax).delete()
    Attempt.objects.visible_to(actor).filter(fax=fax).delete()
    BroadcastRecipient.objects.for_account(fax.account_id).filter(fax=fax).update(
        fax=None, number="", name="", metadata={}
    )
    events.forget(fax.account_id, object_type="fax", object_id=fax.pk)
    deleted, _ = Fax.objects.visible_to(actor).filter(pk=fax.pk).delete()
    return removed, bool(deleted)


def _record(actor: Actor, action: str, fax: Fax, removed: Counter[str]) -> None:
    """Put on record what of a fax is gone, as its receipt tells it: nothing that it said."""
    audit.record(
        actor,
        action=action,
        object_type="fax",
        object_id=fax.pk,
        documents=sum(removed[role] for role in DocumentRole),
        pages=fax.pages,
        direction=fax.direction,
        begun_at=fax.created_at.isoformat(timespec="seconds"),
        text=bool(fax.subject or fax.message),
        **dict(sorted(removed.items())),
    )


def _remove_notes(fax: Fax) -> Counter[str]:
    """Remove what people noted about it; how many notes, if any."""
    notes, _ = FaxNote.objects.for_account(fax.account_id).filter(fax=fax).delete()
    return +Counter(notes=notes)


def _bury(fax: Fax) -> None:
    """Keep what its carriers may list it as again: all that remains to know it by."""
    if fax.direction == Direction.INBOUND:
        if fax.carrier_id is not None and fax.carrier_ref:
            bury(fax.carrier_id, [fax.carrier_ref])
        return
    tries = Attempt.objects.for_account(fax.account_id).filter(fax=fax).exclude(carrier_ref="")
    listing = [each.kind for each in kinds() if each.capabilities.lists_sent]
    known = tries.filter(carrier__kind__in=listing).values_list("carrier_id", "carrier_ref")
    for carrier_id, ref in known:
        if carrier_id is not None:
            bury(carrier_id, [ref], direction=Direction.OUTBOUND)


def _finished(actor: Actor, fax_id: UUID) -> Fax:
    fax = fax_for(actor, fax_id)
    require_work_in(actor, faxbox_id=fax.faxbox_id)
    if fax.state not in TERMINAL_STATES:
        raise MoveNotAllowed(ErrorCode.FAX_NOT_FINISHED)
    return fax


def _remove_documents(actor: Actor, fax: Fax) -> Counter[str]:
    """Remove them; how many there were of each role."""
    documents = Document.objects.visible_to(actor).filter(fax=fax)
    removed = list(documents.values_list("role", "key"))
    documents.delete()
    page_text.forget(fax)
    mail_folder.forget(fax)
    export_reach.take_out(fax)
    erasure.erase_later(key for _, key in removed)
    idempotency.forget(fax.account_id, object_ids=[fax.pk])
    transaction.on_commit(erasure.scrub, robust=True)
    return Counter(role for role, _ in removed)
