"""What is under legal hold: of a fax, a fax machine, or all of an account."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes import paging
from faxes.errors import FaxNotFound
from faxes.models import Fax, LegalHold

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
    wide = Q(fax__isnull=True) & (Q(faxbox__isnull=True) | Q(faxbox=fax.faxbox_id))
    return Q(fax=fax.pk) | wide


def is_held(fax: Fax) -> bool:
    """Whether a fax is under legal hold."""
    return lasting(fax.account_id).filter(upon(fax)).exists()


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


def held_among(actor: Actor, faxes: Collection[Fax]) -> set[UUID]:
    """The faxes among these that are under legal hold: one query, however many."""
    if not faxes:
        return set()
    asked = Q(fax__isnull=True) | Q(fax__in=[each.pk for each in faxes])
    found = list(lasting(actor.account_id).filter(asked).only("fax_id", "faxbox_id"))
    if any(each.fax_id is None and each.faxbox_id is None for each in found):
        return {each.pk for each in faxes}
    alone = {each.fax_id for each in found if each.fax_id is not None}
    machines = {each.faxbox_id for each in found if each.fax_id is None}
    return {each.pk for each in faxes if each.pk in alone or each.faxbox_id in machines}


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
