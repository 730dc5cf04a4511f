"""An account's own cover pages."""

from uuid import UUID

from accounts.scoping import Actor
from faxes.errors import FaxNotFound
from faxes.models import CoverTemplate


def covers_for(actor: Actor) -> list[CoverTemplate]:
    """The actor's own cover pages, by name."""
    return list(CoverTemplate.objects.visible_to(actor).order_by("name", "id"))


def own_cover_for(actor: Actor, cover_id: UUID) -> CoverTemplate:
    """One of the actor's own cover pages.

    Raises:
        FaxNotFound: there is none of this id for the actor.

    """
    found = CoverTemplate.objects.visible_to(actor).filter(pk=cover_id).first()
    if found is None:
        raise FaxNotFound
    return found
