"""Faxes that wait for a second person, as somebody may see them."""

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes import paging
from faxes.models import Fax
from faxes.queries.faxes import PAGE_SIZE, FaxPage, in_order

MOST: int = 99  # what is more is told as “more than”


def list_held(actor: Actor, *, cursor: str = "", size: int = PAGE_SIZE) -> FaxPage:
    """A page of the actor's faxes that wait for approval, newest first.

    Raises:
        NotAllowed: the actor may not see faxes.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.FAX_VIEW)
    rows = Fax.objects.visible_to(actor).filter(held_for__isnull=False)
    if cursor:
        rows = rows.filter(pk__lt=paging.decode(cursor))
    ids = list(rows.order_by("-pk").values_list("pk", flat=True)[: size + 1])
    faxes = in_order(actor, ids[:size])
    return FaxPage(faxes, paging.encode(ids[size - 1]) if len(ids) > size else "")


def held_count(actor: Actor) -> int:
    """How many of the actor's faxes wait; one above ``MOST`` stands for any more.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    rows = Fax.objects.visible_to(actor).filter(held_for__isnull=False)
    return len(rows.order_by().values_list("pk")[: MOST + 1])
