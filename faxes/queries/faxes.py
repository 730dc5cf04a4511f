"""Faxes as lists and one by one. A stranger's fax and none at all look alike: ``FaxNotFound``."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.errors import NotAllowed
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes import paging
from faxes.enums import Direction, DocumentRole, FaxState
from faxes.errors import FaxNotFound
from faxes.models import Attempt, AttemptState, Document, Event, Fax, Faxbox
from faxes.queries.fax_ids import FaxFilter, first_ids
from faxes.queries.legal_holds import held

__all__ = [
    "UNDER_WAY",
    "FaxDetail",
    "FaxFilter",
    "FaxPage",
    "batch_of",
    "detail_for",
    "document_for",
    "fax_document_for",
    "fax_for",
    "faxboxes_for",
    "in_order",
    "list_faxes",
    "numbers_of",
    "require_told",
    "unread_count",
]

PAGE_SIZE: Final = 30
# Out, and not ended yet.
UNDER_WAY: Final = (FaxState.PREPARING, FaxState.QUEUED, FaxState.SENDING)
_UNREAD: Final = Q(
    direction=Direction.INBOUND,
    read_at__isnull=True,
    state=FaxState.RECEIVED,
    archived_at__isnull=True,
)
# The other roles are steps on the way to these.
_HANDED_OUT: Final = (DocumentRole.SOURCE, DocumentRole.RENDERED, DocumentRole.RECEIVED)


@dataclass(frozen=True, slots=True)
class FaxPage:
    """One page of a list; ``next_cursor`` is empty on the last."""

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
    def real_tries(self) -> list[Attempt]:
        """The tries that a carrier took; what it did not take counts for none."""
        return [each for each in self.attempts if not each.never_left]

    @property
    def files(self) -> list[Document]:
        """The documents that whoever may see the fax is given."""
        return [each for each in self.documents if each.role in _HANDED_OUT]

    @property
    def fax_document(self) -> Document | None:
        """The fax TIFF, sent or received; None while preparing and once stripped."""
        roles = {DocumentRole.RENDERED, DocumentRole.RECEIVED}
        return next((each for each in self.documents if each.role in roles), None)


def list_faxes(
    actor: Actor, shown: FaxFilter, *, cursor: str = "", size: int = PAGE_SIZE
) -> FaxPage:
    """A page of the actor's faxes, newest first unless the oldest are asked for.

    Raises:
        NotAllowed: the actor may not see faxes, or looks for what they are not told of them.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.FAX_VIEW)
    require_told(actor, shown)
    behind = paging.decode(cursor) if cursor else None
    ids = first_ids(actor, shown, behind=behind, size=size + 1)
    faxes = in_order(actor, ids[:size])
    return FaxPage(faxes, paging.encode(ids[size - 1]) if len(ids) > size else "")


def in_order(actor: Actor, ids: Sequence[UUID]) -> list[Fax]:
    """The faxes of ids that a moment ago were found among the actor's, in that order."""
    # By their ids alone: told of the account besides, SQLite would look through all of its faxes.
    found = Fax.objects.across_tenants(why="found among the actor's a moment ago")
    by_id = _told(actor, found).select_related("faxbox").in_bulk(ids)
    return [by_id[each] for each in ids if each in by_id]


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
    """One fax of the actor's with its tries, timeline and, for who may see them, documents.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: there is none of this id for the actor.

    """
    fax = fax_for(actor, fax_id)
    return FaxDetail(
        fax=fax,
        attempts=list(
            Attempt.objects.visible_to(actor)
            .select_related("carrier")
            .filter(fax=fax)
            .order_by("number")
        ),
        events=list(
            Event.objects.visible_to(actor).filter(fax=fax).select_related("attempt").order_by("id")
        ),
        documents=_documents_of(actor, fax),
    )


def batch_of(actor: Actor, fax_id: UUID) -> list[Fax]:
    """All faxes of one submission, in the order of the numbers asked for; one of them is named.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: there is none of this id for the actor.

    """
    fax = fax_for(actor, fax_id)
    rows = _visible(actor).select_related("faxbox").filter(batch_id=fax.batch_id)
    return list(rows.order_by("id"))


def numbers_of(actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers at the other end of the actor's faxes of these ids, of those that are there."""
    if not ids:
        return {}
    return {each.pk: each.other_party for each in Fax.objects.visible_to(actor).filter(pk__in=ids)}


def fax_document_for(actor: Actor, fax_id: UUID) -> Document:
    """The fax TIFF of one fax of the actor's.

    Raises:
        NotAllowed: the actor may not see pages.
        FaxNotFound: no such fax for the actor, or its pages are not there (yet, or any more).

    """
    require(actor, Action.FAX_PAGES)
    document = (
        Document.objects.visible_to(actor)
        .filter(fax_id=fax_id, role__in=[DocumentRole.RENDERED, DocumentRole.RECEIVED])
        .first()
    )
    if document is None:
        raise FaxNotFound
    return document


def document_for(actor: Actor, fax_id: UUID, document_id: UUID) -> Document:
    """One document of a fax of the actor's: as it was brought, or the fax TIFF.

    Raises:
        NotAllowed: the actor may not see pages.
        FaxNotFound: no such document for the actor.

    """
    require(actor, Action.FAX_PAGES)
    documents = Document.objects.visible_to(actor).filter(fax_id=fax_id, role__in=_HANDED_OUT)
    document = documents.filter(pk=document_id).first()
    if document is None:
        raise FaxNotFound
    return document


def _documents_of(actor: Actor, fax: Fax) -> list[Document]:
    if not actor.may(Action.FAX_PAGES):
        return []  # what a file is called is content as its pages are
    return list(Document.objects.visible_to(actor).filter(fax=fax).order_by("role", "position"))


def require_told(actor: Actor, shown: FaxFilter) -> None:
    """Let nobody find out by looking for it what they are not told.

    Raises:
        NotAllowed

    """
    if shown.q or shown.metadata:
        require(actor, Action.FAX_PAGES)
    if (shown.number or shown.from_number or shown.to_number) and not actor.sees_numbers:
        raise NotAllowed("numbers")


def unread_count(actor: Actor) -> int:
    """Arrivals in the inbox that nobody has read."""
    return Fax.objects.visible_to(actor).filter(_UNREAD).count()


def faxboxes_for(actor: Actor) -> list[Faxbox]:
    """The actor's fax machines, with their numbers."""
    return list(Faxbox.objects.visible_to(actor).prefetch_related("numbers").order_by("name", "id"))


def _visible(actor: Actor) -> QuerySet[Fax]:
    """The actor's faxes, told as lists and pages do."""
    return _told(actor, Fax.objects.visible_to(actor))


def _told(actor: Actor, faxes: QuerySet[Fax]) -> QuerySet[Fax]:
    """Faxes, each with where its call stands, its first document's name, whether it is held."""
    calling = Attempt.objects.visible_to(actor).filter(
        fax=OuterRef("pk"), state=AttemptState.CALLING
    )
    first = Document.objects.visible_to(actor).filter(
        fax=OuterRef("pk"), role=DocumentRole.SOURCE, position=0
    )
    return faxes.annotate(
        document_name=Subquery(first.values("name")[:1]),
        phase=Subquery(calling.values("phase")[:1]),
        hang_up=Subquery(calling.values("hang_up")[:1]),
        legal_hold=held(actor),
    )
