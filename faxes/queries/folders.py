"""Faxes by folder, each with its last try: what goes, went, comes and came."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.enums import Direction, FaxState
from faxes.models import Attempt, Fax
from faxes.queries.fax_ids import FaxFilter, first_ids
from faxes.queries.faxes import fax_for, in_order, require_told
from faxes.queries.told import Told, told_of


class Folder(StrEnum):
    """Where a fax is: it moves from the first to the second, or from the third to the fourth."""

    OUTGOING = "outgoing"
    OUTBOX = "outbox"
    INCOMING = "incoming"
    INBOX = "inbox"


STATES: Final[dict[Folder, tuple[FaxState, ...]]] = {
    Folder.OUTGOING: (FaxState.PREPARING, FaxState.QUEUED, FaxState.SENDING),
    Folder.OUTBOX: (FaxState.DELIVERED, FaxState.FAILED, FaxState.CANCELED),
    Folder.INCOMING: (FaxState.RECEIVING,),
    Folder.INBOX: (FaxState.RECEIVED, FaxState.FAILED),
}
_OUT: Final = frozenset({Folder.OUTGOING, Folder.OUTBOX})


@dataclass(frozen=True, slots=True)
class Record:
    """A fax, its last try if there was one, what is told of it, and the account's time zone."""

    fax: Fax
    attempt: Attempt | None
    told: Told
    time_zone: str

    @property
    def folder(self) -> Folder:
        """Where it is."""
        return folder_of(self.fax)


@dataclass(frozen=True, slots=True)
class FolderPage:
    """One page of a folder; ``more`` is whether there are others behind it."""

    records: Sequence[Record]
    more: bool


def folder_of(fax: Fax) -> Folder:
    """Where a fax is."""
    ways = (Folder.OUTGOING, Folder.OUTBOX)
    if fax.direction == Direction.INBOUND:
        ways = (Folder.INCOMING, Folder.INBOX)
    return next(each for each in ways if fax.state in STATES[each])


def folder_page(
    actor: Actor, folder: Folder, shown: FaxFilter, *, behind: UUID | None, size: int
) -> FolderPage:
    """A page of the actor's faxes in a folder; ``shown`` narrows it, its states within those of it.

    Raises:
        NotAllowed: the actor may not see faxes, or looks for what they are not told of them.

    """
    require(actor, Action.FAX_VIEW)
    require_told(actor, shown)
    states = STATES[folder]
    if shown.states:
        states = tuple(each for each in states if each in shown.states)
    if not states:
        return FolderPage([], more=False)
    direction = Direction.OUTBOUND if folder in _OUT else Direction.INBOUND
    narrowed = replace(shown, direction=direction, states=states)
    ids = first_ids(actor, narrowed, behind=behind, size=size + 1)
    return FolderPage(_records(actor, in_order(actor, ids[:size])), more=len(ids) > size)


def record_for(actor: Actor, fax_id: UUID) -> Record:
    """One fax of the actor's, wherever it is.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: there is none of this id for the actor.

    """
    return _records(actor, [fax_for(actor, fax_id)])[0]


def record_of_new(actor: Actor, fax: Fax) -> Record:
    """A fax that the actor has just handed in: they are told what they said, and no more is known.

    So it is also for who may send, but see nothing.
    """
    return _records(Actor.system(actor.account_id), [fax])[0]


def _records(actor: Actor, faxes: Sequence[Fax]) -> list[Record]:
    """Faxes with their last tries: two queries more, however many they are."""
    if not faxes:
        return []
    tries = Attempt.objects.visible_to(actor).filter(fax_id__in=[fax.pk for fax in faxes])
    last = {each.fax_id: each for each in tries.order_by("number")}
    zone = Account.objects.values_list("time_zone", flat=True).get(pk=actor.account_id)
    return [Record(fax, last.get(fax.pk), told_of(actor, fax), zone) for fax in faxes]
