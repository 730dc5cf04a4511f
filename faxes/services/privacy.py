"""Strip a fax of its pages, or delete it: what goes, goes everywhere; the audit entry stays."""

from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes.enums import TERMINAL_STATES, ErrorCode
from faxes.errors import MoveNotAllowed
from faxes.models import Attempt, Document, Event, Fax, Tombstone
from faxes.queries.access import require_work_in
from faxes.queries.faxes import fax_for
from faxes.services import erasure
from faxes.services.sync import tombstone_of


def strip_fax(actor: Actor, *, fax_id: UUID) -> None:
    """Remove the documents and pages of a finished fax; numbers, times and result stay.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it is under way.

    """
    require(actor, Action.FAX_STRIP)
    fax = _finished(actor, fax_id)
    if fax.stripped_at is not None:
        return
    with transaction.atomic(durable=True):
        removed = _remove_documents(actor, fax)
        Fax.objects.visible_to(actor).filter(pk=fax.pk).update(
            stripped_at=clock.now(), subject="", message="", error_params={}
        )
        audit.record(
            actor, action="fax.strip", object_type="fax", object_id=fax.pk, documents=removed
        )


def delete_fax(actor: Actor, *, fax_id: UUID) -> None:
    """Remove a finished fax with all that belongs to it.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it is under way.

    """
    require(actor, Action.FAX_DELETE)
    fax = _finished(actor, fax_id)
    with transaction.atomic(durable=True):
        removed, deleted = remove(actor, fax=fax)
        if not deleted:
            return  # somebody else did, and it is on record
        audit.record(
            actor,
            action="fax.delete",
            object_type="fax",
            object_id=fax_id,
            documents=removed,
            pages=fax.pages,
        )


def remove(actor: Actor, *, fax: Fax) -> tuple[int, bool]:
    """Remove a finished fax with all that belongs to it, in the caller's transaction.

    How many documents it had, and whether it was there still.
    """
    removed = _remove_documents(actor, fax)
    if fax.carrier_id and fax.carrier_ref:
        # The carrier may list it again: this is all that remains to know it by.
        Tombstone.objects.get_or_create(digest=tombstone_of(fax.carrier_id, fax.carrier_ref))
    Event.objects.visible_to(actor).filter(fax=fax).delete()
    Attempt.objects.visible_to(actor).filter(fax=fax).delete()
    deleted, _ = Fax.objects.visible_to(actor).filter(pk=fax.pk).delete()
    return removed, bool(deleted)


def _finished(actor: Actor, fax_id: UUID) -> Fax:
    fax = fax_for(actor, fax_id)
    require_work_in(actor, faxbox_id=fax.faxbox_id)
    if fax.state not in TERMINAL_STATES:
        raise MoveNotAllowed(ErrorCode.FAX_NOT_FINISHED)
    return fax


def _remove_documents(actor: Actor, fax: Fax) -> int:
    documents = Document.objects.visible_to(actor).filter(fax=fax)
    keys = list(documents.values_list("key", flat=True))
    documents.delete()
    erasure.erase_later(keys)
    transaction.on_commit(erasure.scrub, robust=True)
    return len(keys)
