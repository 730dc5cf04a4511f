"""What is under legal hold: of a fax, a fax machine, or all of an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes import paging
from faxes.errors import FaxNotFound
from faxes.models import Broadcast, Fax, LegalHold

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class HoldPage:
    """One page of holds, newest first; ``next_cursor`` is empty on the last."""

    holds: Sequence[LegalHold]
    next_cursor: str


def lasting(account_id: UUID) -> QuerySet[LegalHold]:
    """The holds of an account that nobody lifted."""
    return LegalHold.objects.for_account(account_id).filter(lifted_at__isnull=True)


def upon(fax: Fax) -> Q:
    """Holds that keep this fax: its own, those of its machine, those of everything."""
    return _upon(fax.pk, fax.faxbox_id)


def held(actor: Actor) -> Exists:
    """Whether a fax of the actor's is under legal hold, to annotate faxes with."""
    return Exists(lasting(actor.account_id).filter(_upon(OuterRef("pk"), OuterRef("faxbox_id"))))


def _upon(fax: Any, faxbox: Any) -> Q:
    return Q(fax=fax) | _upon_all_of(faxbox)


def _upon_all_of(faxbox: Any) -> Q:
    """Holds that keep a whole fax machine: its own, those of everything."""
    return Q(fax__isnull=True) & (Q(faxbox__isnull=True) | Q(faxbox=faxbox))


def is_held(fax: Fax) -> bool:
    """Whether a fax is under legal hold."""
    return lasting(fax.account_id).filter(upon(fax)).exists()


def is_broadcast_held(broadcast: Broadcast) -> bool:
    """Whether a broadcast's fax machine is under legal hold, or any of its faxes."""
    holds = lasting(broadcast.account_id)
    faxes = Fax.objects.for_account(broadcast.account_id).filter(broadcast_id=broadcast.pk)
    held_faxes = faxes.filter(Exists(holds.filter(_upon(OuterRef("pk"), OuterRef("faxbox_id")))))
    return holds.filter(_upon_all_of(broadcast.faxbox_id)).exists() or held_faxes.exists()


def holds_on(actor: Actor, fax: Fax) -> list[LegalHold]:
    """The holds that keep a fax of the actor's, oldest first."""
    require(actor, Action.FAX_VIEW)
    rows = lasting(actor.account_id).filter(upon(fax)).select_related("faxbox")
    return list(rows.order_by("id"))


def holds_of_faxbox(actor: Actor, faxbox_id: UUID) -> list[LegalHold]:
    """The holds upon a whole fax machine, oldest first."""
    require(actor, Action.FAX_VIEW)
    rows = lasting(actor.account_id).filter(fax__isnull=True, faxbox=faxbox_id)
    return list(rows.order_by("id"))


def list_holds(
    actor: Actor, *, lifted: bool | None = None, cursor: str = "", size: int = PAGE_SIZE
) -> HoldPage:
    """A page of the account's holds, newest first; all, or those that were lifted or were not.

    Raises:
        NotAllowed
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.LEGAL_HOLD)
    rows = LegalHold.objects.visible_to(actor).select_related("fax", "faxbox")
    if lifted is not None:
        rows = rows.filter(lifted_at__isnull=not lifted)
    if cursor:
        rows = rows.filter(pk__lt=paging.decode(cursor))
    found = list(rows.order_by("-id")[: size + 1])
    more = len(found) > size
    return HoldPage(found[:size], paging.encode(found[size - 1].pk) if more else "")


def hold_for(actor: Actor, hold_id: UUID) -> LegalHold:
    """One hold of the actor's account.

    Raises:
        NotAllowed
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.LEGAL_HOLD)
    hold = LegalHold.objects.visible_to(actor).filter(pk=hold_id).first()
    if hold is None:
        raise FaxNotFound
    return hold
