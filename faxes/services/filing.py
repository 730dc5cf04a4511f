"""Keep order among faxes: put them away, say who sees to them, note something about them."""

from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.errors import NotAllowed
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.people import is_of
from accounts.tenancy import require
from faxes.enums import TERMINAL_STATES, ErrorCode
from faxes.errors import FaxNotFound, MoveNotAllowed, RequestError
from faxes.models import Fax, FaxNote
from faxes.queries.access import require_work_in
from faxes.queries.faxes import fax_for
from faxes.queries.filing import MOST_NOTES
from faxes.services import erasure, legal_holds
from faxes.services.order import read_text

NOTE_LENGTH = 4000


def archive_fax(actor: Actor, *, fax_id: UUID, archived: bool) -> Fax:
    """Put a fax away for everybody, or back into the list. Nothing else of it changes.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: it is under way.

    """
    fax = work_on(actor, fax_id=fax_id)
    if (fax.archived_at is not None) == archived:
        return fax
    if archived and fax.state not in TERMINAL_STATES:
        raise MoveNotAllowed(ErrorCode.FAX_NOT_FINISHED)
    fax.archived_at = clock.now() if archived else None
    rows = Fax.objects.visible_to(actor).filter(pk=fax.pk, archived_at__isnull=archived)
    with transaction.atomic(durable=True):
        if rows.update(archived_at=fax.archived_at):
            _record(actor, fax, "fax.archive" if archived else "fax.unarchive")
    return fax


def assign_fax(actor: Actor, *, fax_id: UUID, person: UUID | None) -> Fax:
    """Say who sees to a fax: somebody of the account, or nobody in particular.

    Raises:
        FaxNotFound, NotAllowed
        RequestError: there is no such person in the account.

    """
    fax = work_on(actor, fax_id=fax_id)
    if person is not None and not is_of(actor, user_id=person):
        raise RequestError(ErrorCode.OWNER_NOT_MEMBER, field="person")
    if fax.assigned_to == person:
        return fax
    fax.assigned_to = person
    with transaction.atomic(durable=True):
        if Fax.objects.visible_to(actor).filter(pk=fax.pk).update(assigned_to=person):
            _record(actor, fax, "fax.assign" if person else "fax.unassign")
    return fax


def add_note(actor: Actor, *, fax_id: UUID, text: str) -> FaxNote:
    """Note something about a fax, for everybody who may see its pages.

    Raises:
        FaxNotFound, NotAllowed
        RequestError: there is no text, it is too long, or there are too many.

    """
    fax = work_on(actor, fax_id=fax_id)
    written = read_text(text, name="note", limit=NOTE_LENGTH, lines=True)
    if not written:
        raise RequestError(ErrorCode.NOTE_EMPTY, field="note")
    note = FaxNote(
        account_id=actor.account_id,
        fax=fax,
        text=written,
        written_by=actor.user_id,
        author=actor.name[:254],
        at=clock.now(),
    )
    with transaction.atomic(durable=True):
        audit.hold_chains([actor.account_id])  # who adds at the same time is counted too
        # held, as by who strips it: a note written at that moment would stay otherwise
        held = Fax.objects.visible_to(actor).select_for_update().filter(pk=fax.pk)
        if not held.exists():
            raise FaxNotFound
        if FaxNote.objects.visible_to(actor).filter(fax=fax).count() >= MOST_NOTES:
            raise RequestError(ErrorCode.TOO_MANY_NOTES, field="note", limit=MOST_NOTES)
        note.save(force_insert=True)
        _record(actor, fax, "fax.note")
    return note


def delete_note(actor: Actor, *, fax_id: UUID, note_id: UUID) -> None:
    """Remove a note: one's own, or as an administrator anybody's.

    Raises:
        FaxNotFound, NotAllowed
        MoveNotAllowed: the fax is under legal hold.

    """
    fax = work_on(actor, fax_id=fax_id)
    rows = FaxNote.objects.visible_to(actor).filter(fax=fax, pk=note_id)
    note = rows.first()
    if note is None:
        raise FaxNotFound
    if not may_delete(actor, note=note):
        raise NotAllowed("note")
    with transaction.atomic(durable=True):
        legal_holds.require_free(fax)
        if rows.delete()[0]:
            _record(actor, fax, "fax.note_delete")
        transaction.on_commit(erasure.scrub, robust=True)


def may_delete(actor: Actor, *, note: FaxNote) -> bool:
    """Whether the actor may remove a note."""
    if not actor.may(Action.FAX_MARK):
        return False
    return actor.role == Role.ADMIN or (
        actor.user_id is not None and note.written_by == actor.user_id
    )


def work_on(actor: Actor, *, fax_id: UUID) -> Fax:
    """A fax that the actor may keep order with.

    Raises:
        FaxNotFound, NotAllowed

    """
    require(actor, Action.FAX_MARK)
    fax = fax_for(actor, fax_id)
    require_work_in(actor, faxbox_id=fax.faxbox_id)
    return fax


def _record(actor: Actor, fax: Fax, action: str) -> None:
    audit.record(actor, action=action, object_type="fax", object_id=fax.pk)
