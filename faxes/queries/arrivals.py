"""Faxes that came in, in the order in which they count as received; and the numbers they came by.

``services.arrivals`` gives each its time when a list is asked for. One that has none yet is in no
list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Q

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.enums import Direction, FaxState
from faxes.errors import FaxNotFound
from faxes.models import Fax, Number
from faxes.queries.faxes import fax_for

_TOLD = ("account_id", "faxbox_id", "to_number", "received_at", "pages")
_STAR = "*"  # only an extension has one


@dataclass(frozen=True, slots=True)
class Behind:
    """Where a list goes on: behind the fax of this time and id, which may be gone by then."""

    received_at: datetime
    fax_id: UUID


@dataclass(frozen=True, slots=True)
class ArrivalFilter:
    """What a list shows: since ≤ t < before, and by which number, in E.164; all if empty.

    What was handed over without a call came by its fax machine's first number, if it has any.
    """

    since: datetime | None = None
    before: datetime | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class ArrivalPage:
    """One page, the earliest first; ``behind`` is where the next one goes on, None on the last."""

    faxes: Sequence[Fax]
    behind: Behind | None


def arrival_page(
    actor: Actor, shown: ArrivalFilter, *, behind: Behind | None, size: int
) -> ArrivalPage:
    """A page of what came in for the actor, stripped or not.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    rows = Fax.objects.visible_to(actor).filter(received_at__isnull=False)
    if shown.number:
        handed = Q(to_number__contains=_STAR, faxbox_id=_first_of(actor, shown.number))
        rows = rows.filter(Q(to_number=shown.number) | handed)
    if shown.since is not None:
        rows = rows.filter(received_at__gte=shown.since)
    if shown.before is not None:
        rows = rows.filter(received_at__lt=shown.before)
    if behind is not None:
        same = Q(received_at=behind.received_at, id__gt=behind.fax_id)
        # the bound is said by itself, too: an index leads to that, and not to an OR
        rows = rows.filter(
            Q(received_at__gt=behind.received_at) | same, received_at__gte=behind.received_at
        )
    found = list(rows.order_by("received_at", "id").only(*_TOLD)[: size + 1])
    page = found[:size]
    last = page[-1] if len(found) > size else None
    if last is None or last.received_at is None:
        return ArrivalPage(page, None)
    return ArrivalPage(page, Behind(last.received_at, last.pk))


def came_by(actor: Actor, faxes: Sequence[Fax]) -> dict[UUID, str]:
    """The number, in E.164, that each fax came by.

    Of one that was handed over without a call it is its fax machine's first; its extension if the
    machine has none.
    """
    machines = {fax.faxbox_id for fax in faxes if _STAR in fax.to_number}
    first = _first_numbers(actor, machines) if machines else {}
    return {
        fax.pk: first.get(fax.faxbox_id, fax.to_number) if _STAR in fax.to_number else fax.to_number
        for fax in faxes
    }


def arrival_for(actor: Actor, fax_id: UUID) -> Fax:
    """One fax of the actor's that came in.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: there is none of this id for the actor, it is still coming, or never came.

    """
    fax = fax_for(actor, fax_id)
    if fax.state != FaxState.RECEIVED:
        raise FaxNotFound
    return fax


def sent_for(actor: Actor, fax_id: UUID) -> Fax:
    """One fax of the actor's that goes, or went, out.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: there is none of this id for the actor.

    """
    fax = fax_for(actor, fax_id)
    if fax.direction != Direction.OUTBOUND:
        raise FaxNotFound
    return fax


def numbers_by_which_faxes_come(actor: Actor) -> list[str]:
    """The numbers, in E.164, that lead to the actor's fax machines.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    rows = Number.objects.visible_to(actor).filter(faxbox__isnull=False)
    return list(rows.order_by("e164").values_list("e164", flat=True))


def require_number(actor: Actor, number: str) -> None:
    """Let pass a number, in E.164, that leads to one of the actor's fax machines.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: it does not.

    """
    require(actor, Action.FAX_VIEW)
    rows = Number.objects.visible_to(actor).filter(faxbox__isnull=False)
    if not rows.filter(e164=number).exists():
        raise FaxNotFound


def _first_of(actor: Actor, number: str) -> UUID | None:
    """The machine whose first number it is."""
    rows = Number.objects.visible_to(actor).filter(e164=number, faxbox__isnull=False)
    machine = rows.values_list("faxbox_id", flat=True).first()
    return machine if machine and _first_numbers(actor, {machine})[machine] == number else None


def _first_numbers(actor: Actor, machines: set[UUID]) -> dict[UUID, str]:
    """The first number of each machine that has any."""
    rows = Number.objects.visible_to(actor).filter(faxbox_id__in=machines).order_by()
    return dict(
        rows.values("faxbox_id").annotate(first=Min("e164")).values_list("faxbox_id", "first")
    )
