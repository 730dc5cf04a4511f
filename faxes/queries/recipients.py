"""Whom a fax may go to, as somebody types: contacts and groups, at the same few queries always."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count

from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.models import Contact, ContactGroup
from faxes.queries.contacts import key_of, matching
from faxes.queries.do_not_fax import forbidden_among

MOST_FOUND: Final = 8
MOST_GROUPS_FOUND: Final = 4
_WORDS: Final = 8
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Contacts and groups (each with ``size``) that fit; numbers nothing is sent to."""

    contacts: Sequence[Contact]
    groups: Sequence[ContactGroup]
    unwanted: frozenset[str]


def find_recipients(actor: Actor, account: Account, *, q: str) -> Found:
    """The first contacts and groups whose name, company or number has each word of ``q``.

    Raises:
        NotAllowed: the actor may not send, or not see the address book.

    """
    require(actor, Action.FAX_SEND)
    require(actor, Action.CONTACT_VIEW)
    words = q[:_LONGEST].split()[:_WORDS]
    if not words:
        return Found([], [], frozenset())
    contacts, groups = Contact.objects.visible_to(actor), _sized(actor)
    for word in words:
        contacts = contacts.filter(matching(word))
        groups = groups.filter(key__contains=key_of(word))
    found = list(contacts.order_by("key", "id")[:MOST_FOUND])
    unwanted = forbidden_among(account, {each.number for each in found})
    return Found(found, list(groups.order_by("key")[:MOST_GROUPS_FOUND]), frozenset(unwanted))


def groups_to_send_to(actor: Actor) -> Sequence[ContactGroup]:
    """All groups that somebody is in, by name and with ``size``; none for who may not see them."""
    if not actor.may(Action.CONTACT_VIEW):
        return []
    return list(_sized(actor).order_by("key"))


def _sized(actor: Actor) -> Any:
    return ContactGroup.objects.visible_to(actor).annotate(size=Count("members")).filter(size__gt=0)
