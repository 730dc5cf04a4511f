"""The address book as lists and one by one. A stranger's and none at all look alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes import paging
from faxes.errors import FaxNotFound
from faxes.models import Contact, ContactGroup

PAGE_SIZE: Final = 30
_WORDS: Final = 8
R = TypeVar("R", Contact, ContactGroup)


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One page of contacts by name, with their memberships; no ``next_cursor`` on the last."""

    contacts: Sequence[Contact]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One page of groups by name, each with ``size``; ``next_cursor`` is empty on the last."""

    groups: Sequence[ContactGroup]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class DuplicatePage:
    """One page of numbers with their contacts; ``after`` is empty on the last."""

    numbers: Sequence[tuple[str, Sequence[Contact]]]
    after: str


def list_contacts(
    actor: Actor,
    *,
    q: str = "",
    number: str = "",
    group_id: UUID | None = None,
    cursor: str = "",
    size: int = PAGE_SIZE,
    with_groups: bool = False,
) -> ContactPage:
    """A page of the actor's contacts, or of those in a group, by name, company and age.

    Each word of ``q`` is in the name or the company, or is a part of the number. ``with_groups``
    looks up the groups of the memberships, too.

    Raises:
        NotAllowed: the actor may not see the address book.
        FaxNotFound: there is no such group for the actor.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.CONTACT_VIEW)
    rows = Contact.objects.visible_to(actor)
    if group_id is not None:
        rows = rows.filter(memberships__group=group_for(actor, group_id))
    if number:
        rows = rows.filter(number=number)
    for word in q.split()[:_WORDS]:
        rows = rows.filter(matching(word))
    besides = "memberships__group" if with_groups else "memberships"
    found = _after(actor, rows.prefetch_related(besides), cursor)[: size + 1]
    contacts = list(found)
    return ContactPage(contacts[:size], _next(contacts, size))


def contact_for(actor: Actor, contact_id: UUID) -> Contact:
    """One of the actor's contacts, with its memberships.

    Raises:
        NotAllowed: the actor may not see the address book.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.CONTACT_VIEW)
    rows = Contact.objects.visible_to(actor).prefetch_related("memberships")
    found = rows.filter(pk=contact_id).first()
    if found is None:
        raise FaxNotFound
    return found


def list_groups(actor: Actor, *, q: str = "", cursor: str = "", size: int = PAGE_SIZE) -> GroupPage:
    """A page of the actor's groups by name; each word of ``q`` is in it.

    Raises:
        NotAllowed: the actor may not see the address book.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.CONTACT_VIEW)
    rows = _counted(actor)
    for word in q.split()[:_WORDS]:
        rows = rows.filter(key__contains=key_of(word))
    groups = list(_after(actor, rows, cursor)[: size + 1])
    return GroupPage(groups[:size], _next(groups, size))


def group_for(actor: Actor, group_id: UUID) -> ContactGroup:
    """One of the actor's groups, with ``size``.

    Raises:
        NotAllowed: the actor may not see the address book.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.CONTACT_VIEW)
    found: ContactGroup | None = _counted(actor).filter(pk=group_id).first()
    if found is None:
        raise FaxNotFound
    return found


def list_duplicates(actor: Actor, *, after: str = "", size: int = PAGE_SIZE) -> DuplicatePage:
    """A page of the numbers that several contacts have, each with these, the oldest first.

    Raises:
        NotAllowed: the actor may not see the address book.

    """
    require(actor, Action.CONTACT_VIEW)
    rows = Contact.objects.visible_to(actor)
    several = rows.values("number").annotate(many=Count("id")).filter(many__gt=1, number__gt=after)
    numbers = list(several.order_by("number").values_list("number", flat=True)[: size + 1])
    shown = numbers[:size]
    found: dict[str, list[Contact]] = {number: [] for number in shown}
    contacts = rows.filter(number__in=shown).prefetch_related("memberships__group")
    for contact in contacts.order_by("id"):
        found[contact.number].append(contact)
    return DuplicatePage(list(found.items()), shown[-1] if len(numbers) > size else "")


def groups_of(actor: Actor, contact_id: UUID) -> Sequence[ContactGroup]:
    """The groups that a contact is in, by name; of a stranger's none.

    Raises:
        NotAllowed: the actor may not see the address book.

    """
    require(actor, Action.CONTACT_VIEW)
    rows = ContactGroup.objects.visible_to(actor).filter(members__contact_id=contact_id)
    return list(rows.order_by("key"))


def all_groups(actor: Actor) -> Sequence[ContactGroup]:
    """All groups by name, of which an account has some hundreds at most.

    Raises:
        NotAllowed: the actor may not see the address book.

    """
    require(actor, Action.CONTACT_VIEW)
    return list(ContactGroup.objects.visible_to(actor).order_by("key"))


def key_of(*words: str) -> str:
    """What lists go by and searches look into: words in small letters of any script."""
    return "\n".join(word.casefold() for word in words)[:400]


def _counted(actor: Actor) -> QuerySet[Any]:
    return ContactGroup.objects.visible_to(actor).annotate(size=Count("members"))


def matching(word: str) -> Q:
    """Contacts that have a word in name or company, or its digits in their number."""
    digits = "".join(char for char in word if char.isdigit())
    hit = Q(key__contains=key_of(word))
    return hit | Q(number__contains=digits) if digits else hit


def _after(actor: Actor, rows: QuerySet[R], cursor: str) -> QuerySet[R]:
    """The rows behind one, by where its name stands now; from the top if it is gone."""
    ordered = rows.order_by("key", "id")
    if not cursor:
        return ordered
    last = paging.decode(cursor)
    all_of_them = rows.model.objects.visible_to(actor)
    key = all_of_them.filter(pk=last).values_list("key", flat=True).first()
    if key is None:
        return ordered
    return ordered.filter(Q(key__gt=key) | Q(id__gt=last), key__gte=key)


def _next(rows: Sequence[R], size: int) -> str:
    return paging.encode(rows[size - 1].pk) if len(rows) > size else ""
