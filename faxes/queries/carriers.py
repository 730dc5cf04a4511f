"""Carriers to look at: an account's own with their health and figures, and those from above."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts import clock
from accounts.errors import NotThere
from accounts.ids import first_id_at
from accounts.models import Account, Kind
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services.paths import path_of
from accounts.tenancy import require
from faxes.enums import Direction, Outcome
from faxes.models import Attempt, AttemptState, Carrier, CarrierRoute, Fax

_LATELY: Final = timedelta(hours=1)
_A_DAY: Final = timedelta(hours=24)
_WHY: Final = "how a carrier does, by who runs it: numbers alone, of all who send by it"
# These say something of the carrier; the others of the far end.
TROUBLES: Final = frozenset({Outcome.INTERNAL_ERROR, Outcome.UNKNOWN})


class CarrierState(StrEnum):
    """Whether faxes go by a carrier at present."""

    IN_SERVICE = "in_service"
    LEFT_ALONE = "left_alone"  # it was in trouble, and is asked now and then whether it is back
    OUT_OF_SERVICE = "out_of_service"


@dataclass(frozen=True, slots=True)
class Standing:
    """A carrier and how it does; ``tried`` are the tries of the last hour by outcome, ended ones.

    ``own`` are those that the asker's account runs; of others no figures are told.
    """

    carrier: Carrier
    own: bool
    calls: int = 0
    tried: Mapping[Outcome, int] = field(default_factory=dict)
    arrived: int = 0

    @property
    def state(self) -> CarrierState:
        """Whether faxes go by it."""
        if not self.carrier.enabled:
            return CarrierState.OUT_OF_SERVICE
        shut = self.carrier.shut_until is not None
        return CarrierState.LEFT_ALONE if shut else CarrierState.IN_SERVICE

    @property
    def tries(self) -> int:
        """How many tries ended in the last hour."""
        return sum(self.tried.values())

    @property
    def error_rate(self) -> float | None:
        """The part of these that the carrier itself failed; None if there were none."""
        failed = sum(count for outcome, count in self.tried.items() if outcome in TROUBLES)
        return failed / self.tries if self.tries else None

    @property
    def last_contact(self) -> datetime | None:
        """When it last answered."""
        known = (self.carrier.last_answer_at, self.carrier.synced_at, self.carrier.numbers_at)
        return max((each for each in known if each is not None), default=None)


def owner_of(actor: Actor) -> UUID | None:
    """The account whose carriers the actor runs; None for the whole site's, by the platform."""
    return owner_in(Account.objects.only("kind").get(pk=actor.account_id))


def owner_in(account: Account) -> UUID | None:
    """Whose carriers an account runs, as their rows name it; None are the whole site's."""
    return None if account.kind == Kind.PLATFORM else account.pk


def own_carriers(actor: Actor) -> QuerySet[Carrier]:
    """The carriers that the actor's account runs, by name.

    Raises:
        NotAllowed

    """
    require(actor, Action.CARRIER_MANAGE)
    owner = owner_of(actor)
    rows = Carrier.objects.filter(account_id=owner) if owner else _of_site()
    return rows.order_by("name", "pk")


def usable_carriers(actor: Actor) -> QuerySet[Carrier]:
    """The carriers that the actor's account may use: its own, its providers', the site's, by name.

    Raises:
        NotAllowed

    """
    require(actor, Action.CARRIER_MANAGE)
    account = Account.objects.get(pk=actor.account_id)
    rows = Carrier.objects.filter(Q(account__isnull=True) | Q(account_id__in=path_of(account)))
    return rows.order_by("name", "pk")


def own_carrier(actor: Actor, carrier_id: UUID) -> Carrier:
    """One of the carriers that the actor's account runs.

    Raises:
        NotAllowed
        NotThere: it runs none of this id.

    """
    found = own_carriers(actor).filter(pk=carrier_id).first()
    if found is None:
        raise NotThere
    return found


def standings(actor: Actor) -> list[Standing]:
    """All carriers that the actor's account may use, its own first; as many queries for any number.

    Raises:
        NotAllowed

    """
    owner = owner_of(actor)
    found = list(usable_carriers(actor))
    own = [each for each in found if each.account_id == owner]
    above = [Standing(each, own=False) for each in found if each.account_id != owner]
    return [*_figured(own), *above]


def standing(actor: Actor, carrier_id: UUID) -> Standing:
    """One of the carriers that the actor's account runs, and how it does.

    Raises:
        NotAllowed
        NotThere: it runs none of this id.

    """
    return _figured([own_carrier(actor, carrier_id)])[0]


def routes_of(actor: Actor, *, carrier_id: UUID | None = None) -> list[CarrierRoute]:
    """The routes that the actor's account made, in the order in which they are asked.

    Raises:
        NotAllowed

    """
    require(actor, Action.CARRIER_MANAGE)
    owner = owner_of(actor)
    rows = CarrierRoute.objects.select_related("carrier")
    rows = rows.filter(account_id=owner) if owner else rows.filter(account__isnull=True)
    if carrier_id is not None:
        rows = rows.filter(carrier_id=carrier_id)
    return sorted(
        rows, key=lambda each: (each.priority, -len(each.prefix), each.prefix, each.carrier.name)
    )


def _of_site() -> QuerySet[Carrier]:
    return Carrier.objects.filter(account__isnull=True)


def _figured(carriers: Iterable[Carrier]) -> list[Standing]:
    by_id = {each.pk: each for each in carriers}
    now = clock.now()
    calls = _calls(by_id)
    tried = _tried(by_id, since=now - _LATELY)
    arrived = _arrived(by_id, since=now - _A_DAY)
    return [
        Standing(
            each, own=True, calls=calls.get(pk, 0), tried=tried[pk], arrived=arrived.get(pk, 0)
        )
        for pk, each in by_id.items()
    ]


def _calls(carriers: Iterable[UUID]) -> dict[UUID, int]:
    """Calls under way, by carrier."""
    rows = Attempt.objects.across_tenants(why=_WHY).filter(
        carrier__in=carriers, state=AttemptState.CALLING
    )
    return dict(rows.values_list("carrier").annotate(Count("pk")))


def _tried(carriers: Iterable[UUID], *, since: datetime) -> dict[UUID, dict[Outcome, int]]:
    """Tries that began since a moment and have ended, by carrier and outcome, the most first."""
    rows = Attempt.objects.across_tenants(why=_WHY).filter(
        carrier__in=carriers, started_at__gte=since, state=AttemptState.ENDED
    )
    counted: dict[UUID, dict[Outcome, int]] = {pk: {} for pk in carriers}
    for carrier, outcome, count in (
        rows.values_list("carrier", "outcome").annotate(count=Count("pk")).order_by("-count")
    ):
        counted[carrier][Outcome(outcome)] = count
    return counted


def _arrived(carriers: Iterable[UUID], *, since: datetime) -> dict[UUID, int]:
    """Faxes that came in since a moment, by carrier."""
    rows = Fax.objects.across_tenants(why=_WHY).filter(
        carrier__in=carriers,
        direction=Direction.INBOUND,
        pk__gte=first_id_at(since),
        imported_at__isnull=True,
    )
    return dict(rows.values_list("carrier").annotate(Count("pk")))
