"""The address book: contacts and groups of them, written, changed and deleted."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, idempotency
from accounts.tenancy import require
from faxes import phone
from faxes.enums import ErrorCode
from faxes.errors import FaxNotFound, InvalidRequest, NumberError, RequestError
from faxes.models import Contact, ContactGroup, GroupMember
from faxes.queries.contacts import contact_for, group_for, key_of
from faxes.services import erasure
from faxes.services.extras import read_email
from faxes.services.order import Checks, read_text

MOST_CONTACTS: Final = 50_000
MOST_GROUPS: Final = 500
MOST_MEMBERS: Final = 10_000
NAME_LENGTH: Final = 120
NOTE_LENGTH: Final = 2000
_NOBODY: Final = UUID(int=0)
_KEPT: Final = ("key", "updated_at", "number_by", "confirmed")  # besides what is typed
_FIELDS: Final = ("name", "company", "number", "email", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRequest:
    """What a contact is to hold, as it was typed.

    What is None stays as it is; a new contact has it empty.
    """

    name: str | None = None
    company: str | None = None
    number: str | None = None
    email: str | None = None
    note: str | None = None


def create_contact(
    actor: Actor, *, request: ContactRequest, group_ids: Collection[UUID] = ()
) -> Contact:
    """Add a contact, in these groups; what is no group of the account is passed over.

    Raises:
        NotAllowed: the actor may not change the address book.
        InvalidRequest: with everything that is wrong, or a group has no room; nothing was added.

    """
    require(actor, Action.CONTACT_MANAGE)
    now = clock.now()
    contact = Contact(account_id=actor.account_id, created_at=now)
    _fill(contact, request)
    contact.number_by = who_writes(actor)
    with transaction.atomic(durable=True):
        audit.hold_chains([actor.account_id])  # who adds at the same time is counted too
        if Contact.objects.visible_to(actor).count() >= MOST_CONTACTS:
            raise _refused(ErrorCode.TOO_MANY_CONTACTS, limit=MOST_CONTACTS)
        contact.save(force_insert=True)
        _set_groups(actor, contact, group_ids)
        _record(actor, "contact.create", contact.pk)
    return contact


def update_contact(
    actor: Actor,
    *,
    contact_id: UUID,
    request: ContactRequest,
    group_ids: Collection[UUID] | None = None,
) -> Contact:
    """Change a contact, and have it be in just these groups, if any are named.

    Raises:
        NotAllowed: the actor may not change the address book.
        FaxNotFound: there is none of this id for the actor.
        InvalidRequest: with everything that is wrong, or a group has no room; nothing was changed.

    """
    require(actor, Action.CONTACT_MANAGE)
    contact = contact_for(actor, contact_id)
    before = contact.number
    _fill(contact, request)
    _vouch(actor, contact, before)
    written = {name: getattr(contact, name) for name in (*_FIELDS, *_KEPT)}
    with transaction.atomic(durable=True):
        audit.hold_chains([actor.account_id])
        if not Contact.objects.visible_to(actor).filter(pk=contact.pk).update(**written):
            raise FaxNotFound  # deleted meanwhile
        if group_ids is not None:
            _set_groups(actor, contact, group_ids)
        _record(actor, "contact.change", contact.pk)
    return contact


def delete_contact(actor: Actor, *, contact_id: UUID) -> None:
    """Remove a contact, from its groups too. What was sent to it stays.

    Raises:
        NotAllowed: the actor may not change the address book.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.CONTACT_MANAGE)
    contact = contact_for(actor, contact_id)
    with transaction.atomic(durable=True):
        if Contact.objects.visible_to(actor).filter(pk=contact.pk).delete()[0]:
            _forget(actor, "contact.delete", contact.pk)


def create_group(actor: Actor, *, name: str) -> ContactGroup:
    """Make an empty group.

    Raises:
        NotAllowed: the actor may not change the address book.
        InvalidRequest: there is no name, it is taken, or they are too many.

    """
    require(actor, Action.CONTACT_MANAGE)
    group = ContactGroup(account_id=actor.account_id, created_at=clock.now())
    _name(group, name)
    try:
        with transaction.atomic(durable=True):
            audit.hold_chains([actor.account_id])
            if ContactGroup.objects.visible_to(actor).count() >= MOST_GROUPS:
                raise _refused(ErrorCode.TOO_MANY_GROUPS, limit=MOST_GROUPS)
            group.save(force_insert=True)
            _record(actor, "contact_group.create", group.pk)
    except IntegrityError:
        raise _taken(group) from None
    return group_for(actor, group.pk)


def rename_group(actor: Actor, *, group_id: UUID, name: str) -> ContactGroup:
    """Give a group another name.

    Raises:
        NotAllowed: the actor may not change the address book.
        FaxNotFound: there is none of this id for the actor.
        InvalidRequest: there is no name, or it is taken.

    """
    require(actor, Action.CONTACT_MANAGE)
    group = group_for(actor, group_id)
    _name(group, name)
    try:
        with transaction.atomic(durable=True):
            there = ContactGroup.objects.visible_to(actor).filter(pk=group.pk)
            if not there.update(name=group.name, key=group.key, updated_at=group.updated_at):
                raise FaxNotFound  # deleted meanwhile
            _record(actor, "contact_group.change", group.pk)
    except IntegrityError:
        raise _taken(group) from None
    return group


def delete_group(actor: Actor, *, group_id: UUID) -> None:
    """Remove a group; its contacts stay.

    Raises:
        NotAllowed: the actor may not change the address book.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.CONTACT_MANAGE)
    group = group_for(actor, group_id)
    with transaction.atomic(durable=True):
        # one DELETE, instead of reading ten thousand rows to know them
        GroupMember.objects.visible_to(actor).filter(group=group).delete()
        if ContactGroup.objects.visible_to(actor).filter(pk=group.pk).delete()[0]:
            _forget(actor, "contact_group.delete", group.pk)


def add_members(actor: Actor, *, group_id: UUID, contact_ids: Collection[UUID]) -> ContactGroup:
    """Put contacts into a group; those that are in it already stay in it.

    Raises:
        NotAllowed: the actor may not change the address book.
        FaxNotFound: there is no such group for the actor.
        InvalidRequest: one of the contacts is not there, or they would be too many; none was added.

    """
    require(actor, Action.CONTACT_MANAGE)
    group = group_for(actor, group_id)
    wanted = dict.fromkeys(contact_ids)
    if len(wanted) > MOST_MEMBERS:
        raise _refused(ErrorCode.TOO_MANY_MEMBERS, field="contact_ids", limit=MOST_MEMBERS)
    rows = [
        GroupMember(account_id=actor.account_id, group=group, contact_id=each) for each in wanted
    ]
    with transaction.atomic(durable=True):
        audit.hold_chains([actor.account_id])
        known = Contact.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True)
        if missing := wanted.keys() - set(known.select_for_update()):
            first = next(each for each in wanted if each in missing)
            raise _refused(ErrorCode.CONTACT_NOT_FOUND, field="contact_ids", contact=str(first))
        GroupMember.objects.bulk_create(rows, ignore_conflicts=True)
        members = GroupMember.objects.visible_to(actor).filter(group=group).count()
        if members > MOST_MEMBERS:
            raise _refused(ErrorCode.TOO_MANY_MEMBERS, field="contact_ids", limit=MOST_MEMBERS)
        _record(actor, "contact_group.change", group.pk, contacts=len(rows))
    return group_for(actor, group_id)


def remove_members(actor: Actor, *, group_id: UUID, contact_ids: Collection[UUID]) -> ContactGroup:
    """Take contacts out of a group; nothing happens to those that are not in it.

    Raises:
        NotAllowed: the actor may not change the address book.
        FaxNotFound: there is no such group for the actor.

    """
    require(actor, Action.CONTACT_MANAGE)
    group = group_for(actor, group_id)
    with transaction.atomic(durable=True):
        members = GroupMember.objects.visible_to(actor).filter(group=group)
        gone = members.filter(contact_id__in=list(contact_ids)[:MOST_CONTACTS]).delete()[0]
        if gone:
            _record(actor, "contact_group.change", group.pk, contacts=gone)
    return group_for(actor, group_id)


def read_fax_number(written: str, *, country: str) -> str:
    """A number to keep, as it was written in a field called ``number``.

    Raises:
        NumberError: it is none.

    """
    try:
        return phone.parse_recipient(written, country=country)
    except NumberError as error:
        error.field = "number"
        raise


def who_writes(actor: Actor) -> UUID:
    """Who stands for a number that is written into the address book."""
    return actor.user_id or _NOBODY


def vouched_for(contact: Contact, *, against: Collection[UUID]) -> bool:
    """Whether somebody other than these people, who send, wrote the contact or saved it as well.

    What a program that is nobody's wrote counts only for faxes that a person sends.
    """
    if contact.confirmed or contact.number_by is None:
        return True
    return contact.number_by not in (against or {_NOBODY})


def _vouch(actor: Actor, contact: Contact, before: str) -> None:
    """Note who wrote the number of a contact, or that somebody else saved it as it was."""
    if contact.number != before:
        contact.number_by, contact.confirmed = who_writes(actor), False
    elif actor.user_id is not None and contact.number_by not in {None, actor.user_id}:
        contact.confirmed = True


def _set_groups(actor: Actor, contact: Contact, group_ids: Collection[UUID]) -> None:
    """Have a contact, whose row the transaction holds, be in just these groups of the account.

    Raises:
        InvalidRequest: a group would have too many members.

    """
    members = GroupMember.objects.visible_to(actor)
    groups = ContactGroup.objects.visible_to(actor).filter(pk__in=list(group_ids))
    wanted = set(groups.select_for_update().values_list("pk", flat=True))
    there = set(members.filter(contact=contact).values_list("group_id", flat=True))
    members.filter(contact=contact, group_id__in=there - wanted).delete()
    for group_id in wanted - there:
        if members.filter(group_id=group_id).count() >= MOST_MEMBERS:
            raise _refused(ErrorCode.TOO_MANY_MEMBERS, limit=MOST_MEMBERS)
        row = GroupMember(account_id=actor.account_id, group_id=group_id, contact=contact)
        row.save(force_insert=True)


def _fill(contact: Contact, request: ContactRequest) -> None:
    """Enter what is asked for, and is right.

    Raises:
        InvalidRequest: with everything that is wrong.

    """
    checks = Checks()
    for name, limit in (("name", NAME_LENGTH), ("company", NAME_LENGTH), ("note", NOTE_LENGTH)):
        written = getattr(request, name)
        if written is not None:
            setattr(contact, name, checks.get(lambda: _text(written, name, limit), ""))  # noqa: B023
    if request.number is not None or not contact.number:
        country = Account.objects.get(pk=contact.account_id).country
        written_number = request.number or ""
        contact.number = checks.get(lambda: read_fax_number(written_number, country=country), "")
    if request.email is not None:
        written = request.email.strip()
        contact.email = checks.get(lambda: read_email(written, name="email"), "") if written else ""
    if checks.errors:
        raise InvalidRequest(tuple(checks.errors))
    contact.key = key_of(contact.name, contact.company)
    contact.updated_at = clock.now()


def _text(written: str, name: str, limit: int) -> str:
    return read_text(written, name=name, limit=limit, lines=name == "note")


def _name(group: ContactGroup, written: str) -> None:
    try:
        group.name = read_text(written, name="name", limit=NAME_LENGTH)
    except RequestError as error:
        raise InvalidRequest((error,)) from None
    if not group.name:
        raise _refused(ErrorCode.GROUP_NAME_MISSING, field="name")
    group.key = key_of(group.name)
    group.updated_at = clock.now()


def _refused(code: ErrorCode, *, field: str = "", **params: object) -> InvalidRequest:
    return InvalidRequest((RequestError(code, field=field, **params),))


def _taken(group: ContactGroup) -> InvalidRequest:
    return _refused(ErrorCode.GROUP_NAME_TAKEN, field="name", name=group.name)


def _record(actor: Actor, action: str, object_id: UUID, **facts: int) -> None:
    kind = action.partition(".")[0]
    audit.record(actor, action=action, object_type=kind, object_id=object_id, **facts)


def _forget(actor: Actor, action: str, object_id: UUID) -> None:
    """Note that something was removed, and see to it that nothing tells of it any more."""
    _record(actor, action, object_id)
    idempotency.forget(actor.account_id, object_ids=[object_id])
    transaction.on_commit(erasure.scrub, robust=True)
