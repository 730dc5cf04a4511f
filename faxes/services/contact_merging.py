"""Contacts with the same number made one: groups united, and nothing lost that either held."""

from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, idempotency
from accounts.tenancy import require
from faxes.errors import FaxNotFound, InvalidRequest, RequestError
from faxes.models import Contact, GroupMember
from faxes.queries.contacts import key_of
from faxes.services import erasure
from faxes.services.contacts import NOTE_LENGTH
from faxes.services.order import read_text


def merge_contacts(actor: Actor, *, keep_id: UUID) -> Contact:
    """Make a contact the only one of its number; it takes over what the others have besides.

    What it has itself stays; what differs of the others goes into its note. Done again it changes
    nothing.

    Raises:
        NotAllowed: the actor may not change the address book.
        FaxNotFound: there is none of this id for the actor.
        InvalidRequest: together they are too long for a note; nothing was changed.

    """
    require(actor, Action.CONTACT_MANAGE)
    with transaction.atomic(durable=True):
        audit.hold_chains([actor.account_id])
        rows = Contact.objects.visible_to(actor)
        kept = rows.filter(pk=keep_id).first()
        if kept is None:
            raise FaxNotFound
        others = list(rows.filter(number=kept.number).exclude(pk=keep_id).order_by("id"))
        if not others:
            return kept
        _take_over(kept, others)
        kept.save(update_fields=["name", "company", "email", "note", "key", "updated_at"])
        members = GroupMember.objects.visible_to(actor)
        ids = [other.pk for other in others]
        theirs = members.filter(contact__in=ids).values_list("group_id", flat=True).distinct()
        united = [
            GroupMember(account_id=actor.account_id, group_id=group, contact=kept)
            for group in theirs
        ]
        GroupMember.objects.bulk_create(united, ignore_conflicts=True)
        rows.filter(pk__in=ids).delete()
        audit.record(
            actor,
            action="contact.merge",
            object_type="contact",
            object_id=kept.pk,
            contacts=len(others),
        )
        idempotency.forget(actor.account_id, object_ids=ids)
        transaction.on_commit(erasure.scrub, robust=True)
    return kept


def _take_over(kept: Contact, others: list[Contact]) -> None:
    """Enter what the others hold: where it has nothing itself, else in its note.

    Raises:
        InvalidRequest: the note would be too long.

    """
    notes = [kept.note]
    for other in others:
        left = []
        for name in ("name", "company", "email"):
            theirs = getattr(other, name)
            if not getattr(kept, name):
                setattr(kept, name, theirs)
            elif theirs and theirs != getattr(kept, name):
                left.append(theirs)
        notes += [", ".join(left), other.note]
    together = "\n".join(dict.fromkeys(note for note in notes if note))
    try:
        kept.note = read_text(together, name="note", limit=NOTE_LENGTH, lines=True)
    except RequestError as error:
        raise InvalidRequest((error,)) from None
    kept.key, kept.updated_at = key_of(kept.name, kept.company), clock.now()
