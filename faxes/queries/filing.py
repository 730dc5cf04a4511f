"""How faxes are filed: the labels on them, who sees to them, notes, and views of the lists."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from accounts.models import Membership
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services.people import team_in
from faxes.enums import Direction
from faxes.errors import FaxNotFound
from faxes.models import FaxLabel, FaxNote, Label, SavedView

MOST_LABELS: Final = 100
MOST_NOTES: Final = 100
MOST_VIEWS: Final = 20


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the account, whom a fax can be given to."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Filed:
    """What is known of how the faxes of a page are filed."""

    labels: Mapping[UUID, Sequence[Label]] = field(default_factory=dict)
    people: Mapping[UUID, str] = field(default_factory=dict)


def labels_for(actor: Actor) -> list[Label]:
    """The labels of the account, by name; none for who is not told what faxes hold."""
    if not actor.may(Action.FAX_PAGES):
        return []
    return list(Label.objects.visible_to(actor).order_by("sorted_as")[:MOST_LABELS])


def label_for(actor: Actor, label_id: UUID) -> Label:
    """One label of the account.

    Raises:
        FaxNotFound: there is none of this id for the actor.

    """
    label = Label.objects.visible_to(actor).filter(pk=label_id).first()
    if label is None:
        raise FaxNotFound
    return label


def people_for(actor: Actor) -> list[Person]:
    """The people of the account, by name; none for who is not told what faxes hold."""
    if not actor.may(Action.FAX_PAGES):
        return []
    return [Person(each.user_id, str(each.user)) for each in team_in(actor.account_id)]


def filed_for(actor: Actor, fax_ids: Sequence[UUID], *, people: Sequence[Person]) -> Filed:
    """The labels on each of these faxes of the actor's, and what the people are called."""
    if not actor.may(Action.FAX_PAGES):
        return Filed()
    links = FaxLabel.objects.visible_to(actor).filter(fax_id__in=fax_ids)
    labels: defaultdict[UUID, list[Label]] = defaultdict(list)
    for link in links.select_related("label").order_by("label__sorted_as"):
        labels[link.fax_id].append(link.label)
    return Filed(labels, {each.id: each.name for each in people})


def notes_for(actor: Actor, fax_id: UUID) -> list[FaxNote]:
    """The notes on a fax, oldest first; none for who is not told what faxes hold."""
    if not actor.may(Action.FAX_PAGES):
        return []
    return list(FaxNote.objects.visible_to(actor).filter(fax_id=fax_id).order_by("id"))


def membership_of(actor: Actor) -> Membership | None:
    """As what the actor is of the account; None for a program, and for who is inside as support."""
    if actor.user_id is None:
        return None
    rows = Membership.objects.filter(account_id=actor.account_id, user_id=actor.user_id)
    return rows.first()


def views_for(actor: Actor, direction: Direction) -> list[SavedView]:
    """The views that the actor has saved of a list, by name."""
    if actor.user_id is None:
        return []
    rows = SavedView.objects.visible_to(actor).filter(membership__user_id=actor.user_id)
    return list(rows.filter(direction=direction).order_by("name")[:MOST_VIEWS])
