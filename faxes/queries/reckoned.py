"""Faxes with what their calls took and cost, and the file of their pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.models import Billing, Charge
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.enums import TERMINAL_STATES, DocumentRole
from faxes.models import Attempt, Document, Fax
from faxes.queries.fax_ids import FaxFilter, first_ids
from faxes.queries.faxes import fax_for, in_order, require_told
from faxes.queries.told import Told, told_of

_USUAL_CURRENCY: Final = "USD"
_PAGES: Final = (DocumentRole.RENDERED, DocumentRole.RECEIVED)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A fax, what is told of it, and what it took.

    ``seconds`` are those of its last call, 0 until the fax has ended. ``cost`` is in micro-units of
    ``currency``: None until it is known, for who is not billed, and for who is not told of money.
    ``pages_file`` is the fax TIFF: None until there is one, once the fax is stripped, and for who
    may not see pages.
    """

    fax: Fax
    told: Told
    seconds: int
    changed_at: datetime
    cost: int | None
    currency: str
    pages_file: Document | None


@dataclass(frozen=True, slots=True)
class ReckonedPage:
    """One page of a list; ``more`` is whether there are others behind it."""

    faxes: Sequence[Reckoned]
    more: bool


def reckoned_page(
    actor: Actor, shown: FaxFilter, *, behind: UUID | None = None, skip: int = 0, size: int
) -> ReckonedPage:
    """A page of the actor's faxes, in the order of ``shown``, behind a fax or a number of them.

    Raises:
        NotAllowed: the actor may not see faxes, or looks for what they are not told of them.

    """
    require(actor, Action.FAX_VIEW)
    require_told(actor, shown)
    ids = first_ids(actor, shown, behind=behind, size=skip + size + 1)[skip:]
    return ReckonedPage(_reckoned(actor, in_order(actor, ids[:size])), more=len(ids) > size)


def reckoned_for(actor: Actor, fax_id: UUID) -> Reckoned:
    """One fax of the actor's.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: there is none of this id for the actor.

    """
    return _reckoned(actor, [fax_for(actor, fax_id)])[0]


def reckoned_new(actor: Actor, fax: Fax) -> Reckoned:
    """A fax that the actor has just handed in; so it is also for who may send, but see nothing."""
    return Reckoned(
        fax=fax,
        told=told_of(actor, fax),
        seconds=0,
        changed_at=fax.created_at,
        cost=None,
        currency=_currency(fax.account_id),
        pages_file=None,
    )


def _reckoned(actor: Actor, faxes: Sequence[Fax]) -> list[Reckoned]:
    """Faxes with what they took: four queries more, however many they are."""
    if not faxes:
        return []
    keys = [fax.pk for fax in faxes]
    tries = Attempt.objects.visible_to(actor).filter(fax_id__in=keys).order_by("number")
    last = {each.fax_id: each for each in tries}
    costs = _costs(actor, keys)
    files = _files(actor, keys)
    currency = _currency(actor.account_id)
    return [
        Reckoned(
            fax=fax,
            told=told_of(actor, fax),
            seconds=_seconds(fax, last.get(fax.pk)),
            changed_at=_changed_at(fax, last.get(fax.pk)),
            cost=costs.get(fax.pk),
            currency=currency,
            pages_file=files.get(fax.pk),
        )
        for fax in faxes
    ]


def _costs(actor: Actor, keys: Sequence[UUID]) -> dict[UUID, int]:
    """What faxes cost their own account: what those above pay for them is not its to know."""
    if not (actor.may(Action.FAX_SEND) or actor.may(Action.USAGE_VIEW)):
        return {}
    settled = Charge.objects.for_account(actor.account_id).filter(
        fax_id__in=keys, billed=True, settled_at__isnull=False
    )
    return dict(settled.values_list("fax_id", "cost"))


def _files(actor: Actor, keys: Sequence[UUID]) -> dict[UUID, Document]:
    if not actor.may(Action.FAX_PAGES):
        return {}
    files = Document.objects.visible_to(actor).filter(fax_id__in=keys, role__in=_PAGES)
    return {each.fax_id: each for each in files}


def _currency(account_id: UUID) -> str:
    billing = Billing.objects.for_account(account_id)
    return billing.values_list("currency", flat=True).first() or _USUAL_CURRENCY


def _seconds(fax: Fax, attempt: Attempt | None) -> int:
    """How long the last call took, once there is no other."""
    return attempt.seconds if attempt is not None and fax.state in TERMINAL_STATES else 0


def _changed_at(fax: Fax, attempt: Attempt | None) -> datetime:
    """When something about a fax changed last, as far as is known."""
    times = [fax.created_at, fax.finished_at, fax.stripped_at]
    if attempt is not None:
        times += [attempt.started_at, attempt.ended_at]
    return max(each for each in times if each is not None)
