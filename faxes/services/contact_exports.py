"""The address book as a file, a piece at a time: a table for spreadsheets, or vCards.

Both can be imported again to the same book. In tables each cell that a spreadsheet could take for a
formula has an apostrophe before it, numbers with their plus too (``'+12025550100``): so they stay
text there, and importing takes it away again.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, sheets
from accounts.tenancy import require
from faxes.models import Contact
from faxes.queries.contacts import group_for
from faxes.services.contact_sheets import join_groups
from faxes.wire.vcard import write_card

_AT_ONCE: Final = 500
_HEADINGS: Final = ("Name", "Company", "Fax number", "Email", "Note", "Groups")


def export_table(actor: Actor, *, group_id: UUID | None = None) -> Iterator[str]:
    """The actor's contacts, or those in a group, as CSV.

    Raises:
        NotAllowed: the actor may not see the address book.
        FaxNotFound: there is no such group for the actor.

    """
    return _as_table(_begun(actor, group_id))


def export_cards(actor: Actor, *, group_id: UUID | None = None) -> Iterator[str]:
    """The actor's contacts, or those in a group, as vCards of version 3.0.

    Raises:
        NotAllowed: the actor may not see the address book.
        FaxNotFound: there is no such group for the actor.

    """
    return _as_cards(_begun(actor, group_id))


def _begun(actor: Actor, group_id: UUID | None) -> QuerySet[Contact]:
    """Those to write, noted before the first is."""
    require(actor, Action.CONTACT_VIEW)
    rows = Contact.objects.visible_to(actor)
    if group_id is not None:
        rows = rows.filter(memberships__group=group_for(actor, group_id))
    audit.record(actor, action="contact.export", object_type="account", object_id=actor.account_id)
    return rows.prefetch_related("memberships__group").order_by("key", "id")


def _as_table(rows: QuerySet[Contact]) -> Iterator[str]:
    yield "\ufeff" + sheets.line(_HEADINGS)  # by the mark Excel knows that it is UTF-8
    for row in rows.iterator(chunk_size=_AT_ONCE):
        cells = (row.name, row.company, row.number, row.email, row.note, join_groups(_in(row)))
        yield sheets.line(sheets.harmless(cell) for cell in cells)


def _as_cards(rows: QuerySet[Contact]) -> Iterator[str]:
    for row in rows.iterator(chunk_size=_AT_ONCE):
        yield write_card(
            name=row.name,
            company=row.company,
            number=row.number,
            email=row.email,
            note=row.note,
            groups=_in(row),
        )


def _in(row: Contact) -> list[str]:
    return sorted(each.group.name for each in row.memberships.all())
