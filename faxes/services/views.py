"""Views of inbox and outbox that a person saves under a name; nobody else sees them."""

from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import clock
from accounts.errors import NotAllowed
from accounts.models import Membership
from accounts.scoping import Actor
from accounts.services import audit
from faxes.enums import Direction, ErrorCode
from faxes.errors import FaxNotFound, RequestError
from faxes.models import SavedView
from faxes.queries.filing import MOST_VIEWS, membership_of
from faxes.services import erasure
from faxes.services.order import read_text

NAME_LENGTH = 40
_QUERY_LENGTH = 1000


def save_view(actor: Actor, *, direction: Direction, name: str, query: str) -> SavedView:
    """Save a narrowed list under a name; one that the actor had of that name is replaced.

    Raises:
        NotAllowed: the actor is not of the account.
        RequestError: there is no name, nothing is narrowed, or there are too many.

    """
    membership = _membership(actor)
    written = " ".join(read_text(name, name="name", limit=NAME_LENGTH).split())
    if not written:
        raise RequestError(ErrorCode.VIEW_NAME_MISSING, field="name")
    if not query:
        raise RequestError(ErrorCode.VIEW_NOT_NARROWED, field="name")
    if len(query) > _QUERY_LENGTH:
        raise RequestError(ErrorCode.TEXT_TOO_LONG, field="name", limit=_QUERY_LENGTH)
    view = SavedView(
        account_id=actor.account_id, membership=membership, direction=direction, name=written,
        query=query, created_at=clock.now(),
    )  # fmt: skip
    theirs = SavedView.objects.visible_to(actor).filter(membership=membership, direction=direction)
    try:
        with transaction.atomic(durable=True):
            audit.hold_chains([actor.account_id])  # who saves at the same time is counted too
            theirs.filter(name=written).delete()
            if theirs.count() >= MOST_VIEWS:
                raise RequestError(ErrorCode.TOO_MANY_VIEWS, field="name", limit=MOST_VIEWS)
            view.save(force_insert=True)
            _record(actor, "view.save", view.pk)
    except IntegrityError:  # the person was removed from the account a moment ago
        raise NotAllowed("view") from None
    return view


def delete_view(actor: Actor, *, view_id: UUID) -> SavedView:
    """Forget a view of the actor's own.

    Raises:
        NotAllowed: the actor is not of the account.
        FaxNotFound: there is none of this id for the actor.

    """
    rows = SavedView.objects.visible_to(actor).filter(membership=_membership(actor), pk=view_id)
    view = rows.first()
    if view is None:
        raise FaxNotFound
    with transaction.atomic(durable=True):
        if rows.delete()[0]:
            _record(actor, "view.delete", view_id)
        transaction.on_commit(erasure.scrub, robust=True)
    return view


def _membership(actor: Actor) -> Membership:
    membership = membership_of(actor)
    if membership is None:
        raise NotAllowed("view")
    return membership


def _record(actor: Actor, action: str, view_id: UUID) -> None:
    audit.record(actor, action=action, object_type="view", object_id=view_id)
