"""A fax as a line of a list: what it says, and how often it is worth looking at again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from faxes import phone
from faxes.enums import TERMINAL_STATES, Direction, FaxState
from faxes.queries.filing import Filed
from faxes.queries.standing import standing_of
from faxes.standings import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import Account
    from faxes.models import Fax, Label

# States in which there are no fax pages to look at yet.
_NO_PAGES_YET = frozenset({FaxState.PREPARING, FaxState.RECEIVING})
_SOON = timedelta(minutes=1)
_TITLE_LENGTH = 90


@dataclass(frozen=True, slots=True)
class Row:
    """One line of inbox or outbox, ready to be shown.

    ``moves`` until the fax is finished. ``thumb`` is empty while there is no page to show.
    """

    id: UUID
    href: str
    party: str
    title: str
    pages: int
    at: datetime
    standing: Standing
    calm: bool  # it came in whole, as nearly all do: nothing to say of it in a list
    unread: bool
    archived: bool
    labels: "Sequence[Label]"
    assigned: str
    thumb: str
    moves: bool
    on_pages: bool = False  # what was looked for stands on its pages
    broadcast: bool = False  # one of many
    held: bool = False  # under legal hold


def pulse_of(fax: "Fax", now: datetime) -> int:
    """After how many seconds a fax is worth looking at again; 0 once it is finished."""
    if fax.state in TERMINAL_STATES:
        return 0
    if fax.state == FaxState.QUEUED and fax.due_at is not None and fax.due_at > now + _SOON:
        return 30
    return 1


def party_of(fax: "Fax", account: "Account") -> str:
    """Who is at the other end, as people read it."""
    return (
        phone.readable(fax.other_party, country=account.country)
        or fax.remote_station_id
        or _("Unknown number")
    )


def title_of(fax: "Fax", document: str = "") -> str:
    """What a fax is about: its subject, else its first words, file, sender's name or box."""
    first_words = fax.message.strip().split("\n", 1)[0][:_TITLE_LENGTH]
    if fax.direction == Direction.OUTBOUND:
        return fax.subject or first_words or document or _("No subject")
    return fax.subject or _station_name(fax) or _("To {faxbox}").format(faxbox=fax.faxbox.name)


def _station_name(fax: "Fax") -> str:
    """What the sending machine calls itself, unless that is only its number again."""
    name = fax.remote_station_id.strip()
    return name if any(char.isalpha() for char in name) else ""


def has_pages(fax: "Fax") -> bool:
    """Whether there should be pages to look at."""
    unmade = fax.state in _NO_PAGES_YET or (fax.error_code and not fax.tries)
    return bool(fax.pages and not unmade and fax.stripped_at is None)


def assigned_name(fax: "Fax", filed: Filed) -> str:
    """Who sees to a fax; empty for nobody in particular."""
    if fax.assigned_to is None:
        return ""
    return filed.people.get(fax.assigned_to) or _("Somebody who has left")


def row_of(
    fax: "Fax", account: "Account", now: datetime, filed: Filed, *, on_pages: bool = False
) -> Row:
    """The line for one fax."""
    where = {"account": account.pk, "fax": fax.pk}
    standing = standing_of(fax, now)
    page_one = reverse("fax-page", kwargs={**where, "page": 1})
    return Row(
        id=fax.pk,
        href=reverse("fax", kwargs=where),
        party=party_of(fax, account),
        title=title_of(fax, getattr(fax, "document_name", None) or ""),
        pages=fax.pages,
        at=fax.created_at,
        standing=standing,
        calm=fax.state == FaxState.RECEIVED and standing.tone == "good",
        unread=(
            fax.direction == Direction.INBOUND
            and fax.state == FaxState.RECEIVED
            and fax.read_at is None
        ),
        archived=fax.archived_at is not None,
        labels=filed.labels.get(fax.pk, ()),
        assigned=assigned_name(fax, filed) if filed.people else "",
        thumb=f"{page_one}?width=96" if has_pages(fax) else "",
        moves=fax.state not in TERMINAL_STATES,
        on_pages=on_pages,
        broadcast=fax.broadcast_id is not None,
        held=getattr(fax, "legal_hold", False),
    )
