"""Bring contacts in from a file: what each row would do, and the deed, which may be repeated."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes.enums import ErrorCode
from faxes.errors import FaxError, RequestError
from faxes.models import Contact, ContactGroup, GroupMember
from faxes.queries.contacts import key_of
from faxes.services.contact_sheets import Entry
from faxes.services.contacts import (
    MOST_CONTACTS,
    MOST_GROUPS,
    MOST_MEMBERS,
    NAME_LENGTH,
    NOTE_LENGTH,
    read_fax_number,
    who_writes,
)
from faxes.services.extras import read_email
from faxes.services.order import read_text

MOST_GROUPS_OF_ONE: Final = 20  # a file names; five megabytes could name millions
_AT_ONCE: Final = 500
Known = tuple[str, str]  # number, and key of name and company


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    KNOWN = "known"  # the same number with the same name and company is in the book
    TWICE = "twice"  # an earlier row has it
    NO_FAX = "no_fax"  # it has no fax number
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One row of a file, with its number in E.164 where it has one; ``error`` where it is wrong."""

    entry: Entry
    fate: Fate
    error: FaxError | None = None


def check_import(actor: Actor, *, entries: Sequence[Entry]) -> list[ImportLine]:
    """What each row would do; nothing is changed.

    Raises:
        NotAllowed: the actor may not change the address book.

    """
    require(actor, Action.CONTACT_MANAGE)
    account = Account.objects.get(pk=actor.account_id)
    lines = [_read(entry, account.country) for entry in entries]
    known = _known(actor, {line.entry.number for line in lines if line.fate == Fate.NEW})
    seen: set[Known] = set()
    judged = []
    for line in lines:
        this = (line.entry.number, key_of(line.entry.name, line.entry.company))
        if line.fate != Fate.NEW:
            judged.append(line)
        elif this in known or this in seen:
            judged.append(ImportLine(line.entry, Fate.KNOWN if this in known else Fate.TWICE))
        else:
            seen.add(this)
            judged.append(line)
    return judged


def import_contacts(actor: Actor, *, entries: Sequence[Entry]) -> list[ImportLine]:
    """Add those that are new, in the groups that they name; what is there stays as it is.

    Done again it adds nothing.

    Raises:
        NotAllowed: the actor may not change the address book.
        RequestError: contacts, groups or members would be too many; nothing was added.

    """
    require(actor, Action.CONTACT_MANAGE)
    with transaction.atomic(durable=True):
        audit.hold_chains([actor.account_id])  # nobody else adds between looking and adding
        lines = check_import(actor, entries=entries)
        new = [line.entry for line in lines if line.fate == Fate.NEW]
        if not new:
            return lines
        there = Contact.objects.visible_to(actor).count()
        if there + len(new) > MOST_CONTACTS:
            raise RequestError(ErrorCode.TOO_MANY_CONTACTS, field="file", limit=MOST_CONTACTS)
        contacts = [_contact(actor, entry) for entry in new]
        Contact.objects.bulk_create(contacts, batch_size=_AT_ONCE)
        groups = _groups(actor, [name for entry in new for name in entry.groups])
        members = [
            GroupMember(account_id=actor.account_id, group_id=group, contact=contact)
            for contact, entry in zip(contacts, new, strict=True)
            for group in (groups[key_of(name)] for name in entry.groups)
        ]
        _require_room(actor, Counter(member.group_id for member in members))
        GroupMember.objects.bulk_create(members, batch_size=_AT_ONCE)
        audit.record(
            actor,
            action="contact.import",
            object_type="account",
            object_id=actor.account_id,
            contacts=len(new),
        )
    return lines


def _read(entry: Entry, country: str) -> ImportLine:
    if not entry.number.strip():
        return ImportLine(entry, Fate.NO_FAX)
    try:
        read = Entry(
            place=entry.place,
            number=read_fax_number(entry.number, country=country),
            name=read_text(entry.name, name="name", limit=NAME_LENGTH),
            company=read_text(entry.company, name="company", limit=NAME_LENGTH),
            email=read_email(entry.email, name="email") if entry.email else "",
            note=read_text(entry.note, name="note", limit=NOTE_LENGTH, lines=True),
            groups=_group_names(entry.groups),
        )
    except FaxError as error:
        return ImportLine(entry, Fate.WRONG, error)
    return ImportLine(read, Fate.NEW)


def _group_names(written: Iterable[str]) -> tuple[str, ...]:
    """The groups to be in, each once.

    Raises:
        RequestError: one has too long a name, or they are too many.

    """
    names = [read_text(each, name="groups", limit=NAME_LENGTH) for each in written]
    different = {key_of(name): name for name in names if name}
    if len(different) > MOST_GROUPS_OF_ONE:
        raise RequestError(ErrorCode.TOO_MANY_GROUPS, field="groups", limit=MOST_GROUPS_OF_ONE)
    return tuple(different.values())


def _known(actor: Actor, numbers: set[str]) -> set[Known]:
    """What the book has with these numbers."""
    rows, wanted, found = Contact.objects.visible_to(actor), sorted(numbers), set[Known]()
    for begin in range(0, len(wanted), _AT_ONCE):
        some = rows.filter(number__in=wanted[begin : begin + _AT_ONCE])
        found.update(some.values_list("number", "key"))
    return found


def _contact(actor: Actor, entry: Entry) -> Contact:
    now = clock.now()
    return Contact(
        account_id=actor.account_id,
        name=entry.name,
        company=entry.company,
        number=entry.number,
        email=entry.email,
        note=entry.note,
        key=key_of(entry.name, entry.company),
        number_by=who_writes(actor),
        created_at=now,
        updated_at=now,
    )


def _groups(actor: Actor, names: Iterable[str]) -> Mapping[str, UUID]:
    """The groups of these names by their keys; those that are not there are made.

    Raises:
        RequestError: they would be too many.

    """
    rows = ContactGroup.objects.visible_to(actor)
    found = dict(rows.values_list("key", "id"))
    wanted = {key_of(name): name for name in names}
    missing = {key: name for key, name in wanted.items() if key not in found}
    if len(found) + len(missing) > MOST_GROUPS:
        raise RequestError(ErrorCode.TOO_MANY_GROUPS, field="file", limit=MOST_GROUPS)
    now = clock.now()
    made = [
        ContactGroup(
            account_id=actor.account_id, name=name, key=key, created_at=now, updated_at=now
        )
        for key, name in missing.items()
    ]
    ContactGroup.objects.bulk_create(made)
    return found | {group.key: group.pk for group in made}


def _require_room(actor: Actor, joining: Mapping[UUID, int]) -> None:
    """Whether so many more fit into groups.

    Raises:
        RequestError: they do not fit into one of them.

    """
    members = GroupMember.objects.visible_to(actor)
    for group_id, more in joining.items():
        if members.filter(group_id=group_id).count() + more > MOST_MEMBERS:
            raise RequestError(ErrorCode.TOO_MANY_MEMBERS, field="file", limit=MOST_MEMBERS)
