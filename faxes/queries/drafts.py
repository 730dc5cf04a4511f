"""Drafts of faxes: each is seen by who writes it, and by nobody else."""

from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.errors import FaxNotFound
from faxes.models import FaxDraft

MOST_DRAFTS: Final = 50  # of one person in one account


def drafts_of(actor: Actor) -> QuerySet[FaxDraft]:
    """The actor's own drafts that have not expired."""
    rows = FaxDraft.objects.visible_to(actor).filter(expires_at__gt=clock.now())
    if actor.user_id is None:
        return rows.none()
    return rows.filter(membership__user_id=actor.user_id)


def list_drafts(actor: Actor) -> list[FaxDraft]:
    """All of the actor's drafts, the one last written first; they are ``MOST_DRAFTS`` at most.

    Raises:
        NotAllowed: the actor may not send.

    """
    require(actor, Action.FAX_SEND)
    rows = drafts_of(actor).select_related("upload").defer("listed")  # which may be long
    return list(rows.order_by("-saved_at", "-pk"))


def count_drafts(actor: Actor) -> int:
    """How many drafts the actor has."""
    return drafts_of(actor).count()


def draft_of(actor: Actor, draft_id: UUID) -> FaxDraft:
    """A draft of the actor's.

    Raises:
        NotAllowed: the actor may not send.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.FAX_SEND)
    draft = drafts_of(actor).filter(pk=draft_id).first()
    if draft is None:
        raise FaxNotFound
    return draft
