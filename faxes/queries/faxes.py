"""Faxes as lists and one by one. A stranger's fax and none at all look alike: ``FaxNotFound``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes import paging
from faxes.enums import Direction, DocumentRole, FaxState
from faxes.errors import FaxNotFound
from faxes.models import Attempt, AttemptState, Document, Event, Fax, Faxbox

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class FaxFilter:
    """What a list shows; what is None or empty does not narrow it. Times: from ≤ t < until."""

    direction: Direction
    q: str = ""
    state: FaxState | None = None
    faxbox_id: UUID | None = None
    number: str = ""
    since: datetime | None = None
    until: datetime | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class FaxPage:
    """One page of a list, newest first; ``next_cursor`` is empty on the last."""

    faxes: Sequence[Fax]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class FaxDetail:
    """A fax with all that its page shows."""

    fax: Fax
    attempts: Sequence[Attempt]
    events: Sequence[Event]
    documents: Sequence[Document]

    @property
    def fax_document(self) -> Document | None:
        """The fax TIFF, sent or received; None while preparing and once stripped."""
        roles = {DocumentRole.RENDERED, DocumentRole.RECEIVED}
        return next((each for each in self.documents if each.role in roles), None)


def list_faxes(
    actor: Actor, shown: FaxFilter, *, cursor: str = "", size: int = PAGE_SIZE
) -> FaxPage:
    """A page of the actor's faxes, newest first.

    Raises:
        NotAllowed: the actor may not see faxes.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.FAX_VIEW)
    rows = _searched(actor, _narrowed(_visible(actor), shown), shown.q)
    if cursor:
        rows = rows.filter(id__lt=paging.decode(cursor))
    found = list(rows.select_related("faxbox").order_by("-id")[: size + 1])
    more = len(found) > size
    return FaxPage(found[:size], paging.encode(found[size - 1].pk) if more else "")


def fax_for(actor: Actor, fax_id: UUID) -> Fax:
    """One fax of the actor's.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.FAX_VIEW)
    fax = _visible(actor).select_related("faxbox").filter(pk=fax_id).first()
    if fax is None:
        raise FaxNotFound
    return fax


def detail_for(actor: Actor, fax_id: UUID) -> FaxDetail:
    """One fax of the actor's with its tries, timeline and documents.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: there is none of this id for the actor.

    """
    fax = fax_for(actor, fax_id)
    return FaxDetail(
        fax=fax,
        attempts=list(Attempt.objects.visible_to(actor).filter(fax=fax).order_by("number")),
        events=list(
            Event.objects.visible_to(actor).filter(fax=fax).select_related("attempt").order_by("id")
        ),
        documents=list(
            Document.objects.visible_to(actor).filter(fax=fax).order_by("role", "position")
        ),
    )


def fax_document_for(actor: Actor, fax_id: UUID) -> Document:
    """The fax TIFF of one fax of the actor's.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: no such fax for the actor, or its pages are not there (yet, or any more).

    """
    require(actor, Action.FAX_VIEW)
    document = (
        Document.objects.visible_to(actor)
        .filter(fax_id=fax_id, role__in=[DocumentRole.RENDERED, DocumentRole.RECEIVED])
        .first()
    )
    if document is None:
        raise FaxNotFound
    return document


def unread_count(actor: Actor) -> int:
    """Arrivals that nobody has read."""
    return _unread(Fax.objects.visible_to(actor)).count()


def faxboxes_for(actor: Actor) -> list[Faxbox]:
    """The actor's fax machines, with their numbers."""
    return list(Faxbox.objects.visible_to(actor).prefetch_related("numbers").order_by("name", "id"))


def _visible(actor: Actor) -> QuerySet[Fax]:
    """The actor's faxes, each with where its call stands and what its first document is called."""
    calling = Attempt.objects.visible_to(actor).filter(
        fax=OuterRef("pk"), state=AttemptState.CALLING
    )
    first = Document.objects.visible_to(actor).filter(
        fax=OuterRef("pk"), role=DocumentRole.SOURCE, position=0
    )
    return Fax.objects.visible_to(actor).annotate(
        document_name=Subquery(first.values("name")[:1]),
        phase=Subquery(calling.values("phase")[:1]),
        hang_up=Subquery(calling.values("hang_up")[:1]),
    )


def _unread(rows: QuerySet[Fax]) -> QuerySet[Fax]:
    return rows.filter(direction=Direction.INBOUND, read_at__isnull=True, state=FaxState.RECEIVED)


def _narrowed(rows: QuerySet[Fax], shown: FaxFilter) -> QuerySet[Fax]:
    rows = rows.filter(direction=shown.direction)
    if shown.state is not None:
        rows = rows.filter(state=shown.state)
    if shown.faxbox_id is not None:
        rows = rows.filter(faxbox_id=shown.faxbox_id)
    if shown.number:
        rows = rows.filter(Q(to_number=shown.number) | Q(from_number=shown.number))
    if shown.since is not None:
        rows = rows.filter(created_at__gte=shown.since)
    if shown.until is not None:
        rows = rows.filter(created_at__lt=shown.until)
    if shown.unread:
        rows = _unread(rows)
    return rows


def _searched(actor: Actor, rows: QuerySet[Fax], q: str) -> QuerySet[Fax]:
    """Each word must be in the subject, a number, the other end's name or a file's name."""
    documents = Document.objects.visible_to(actor)
    for word in q.split()[:8]:
        digits = "".join(char for char in word if char.isdigit())
        hit = (
            Q(subject__icontains=word)
            | Q(remote_station_id__icontains=word)
            | Q(pk__in=documents.filter(name__icontains=word).values("fax_id"))
        )
        if digits:
            hit |= Q(to_number__contains=digits) | Q(from_number__contains=digits)
        rows = rows.filter(hit)
    return rows
