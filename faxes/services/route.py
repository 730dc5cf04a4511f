"""Which carriers a fax may go by, and in which order."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from accounts import clock
from accounts.models import Account
from accounts.prepared import Prepared
from accounts.tenancy import path_of
from faxes.carriers.base import Capabilities
from faxes.enums import Outcome, Quality
from faxes.models import Attempt, AttemptState, Carrier, CarrierRoute, Fax, Number
from faxes.services import breaker, far_ends
from faxes.services.carrier_tools import class_of

# For so long a carrier that failed a fax is asked last for it.
_LATELY: Final = timedelta(minutes=10)
# And one whose last answer was a trouble is asked last for all, in seconds.
_TROUBLED: Final = 30.0
_DEAREST: Final = Decimal("Infinity")
_LONGEST_PREFIX: Final = 16
_SIP: Final = "sip:"
_ASKED_AT_ONCE: Final = 500
_NUMBER: Final = Prepared(
    lambda account, e164: (
        Number.objects.for_account(account)
        .select_related("carrier")
        .filter(e164=e164, faxbox__isnull=False)
    )
)
_ROUTES: Final = Prepared(
    lambda path, prefixes: CarrierRoute.objects.select_related("carrier").filter(
        Q(account__isnull=True) | Q(account_id__in=path),
        Q(carrier__account__isnull=True) | Q(carrier__account_id__in=path),
        enabled=True,
        carrier__enabled=True,
        prefix__in=prefixes,
    )
)


@dataclass(frozen=True, slots=True)
class Ways:
    """The carriers that a fax may go by, the best first; those that are shut are apart.

    ``own`` is the carrier of the number that it is sent from.
    """

    open: list[Carrier]
    shut: list[Carrier]
    own: UUID


def ways_of(fax: Fax) -> Ways | None:
    """The ways out for a fax; None if the number it is sent from is not its account's any more.

    By the routes of its account, else of the providers above, else of the site: those nearest to
    the account come first, then the lowest priority, the longest prefix, the lowest cost of a page,
    the carrier that reached the number before. A carrier that failed this very fax lately, or whose
    last answer to anybody was a trouble, comes behind all others. Where no route matches, the fax
    goes by the carrier of the number that it is sent from.
    """
    number = number_of(fax.account_id, fax.from_number)
    if number is None:
        return None
    now = clock.now()
    found = _routed(fax, number.carrier, now) or (
        [number.carrier] if number.carrier.enabled else []
    )
    return Ways(
        [each for each in found if not breaker.is_shut(each, now)],
        [each for each in found if breaker.is_shut(each, now)],
        number.carrier_id,
    )


def candidates(fax: Fax) -> list[Carrier]:
    """The carriers that a fax may go by now, the best first."""
    ways = ways_of(fax)
    return ways.open if ways else []


def has_another(fax: Fax, carrier_id: UUID) -> bool:
    """Whether some other carrier may take a fax now that did not fail it lately."""
    others = {each.pk for each in candidates(fax)} - {carrier_id}
    return bool(others - _failed(fax, clock.now()))


def number_of(account_id: UUID, written: str) -> Number | None:
    """The number of an account that it may send from, with its carrier; in E.164."""
    return _NUMBER.first(account=account_id, e164=written)


def routes_to(account: Account, numbers: Collection[str]) -> list[CarrierRoute]:
    """The routes of an account, of those above it and of the site that lead to any of the numbers.

    By carriers in service; who has been moved from under a provider does not go by its carriers
    any more.
    """
    ends = range(_LONGEST_PREFIX + 1)
    prefixes = list(dict.fromkeys(number[:end] for number in numbers for end in ends))
    path, found = path_of(account), list[CarrierRoute]()
    for begin in range(0, len(prefixes), _ASKED_AT_ONCE):
        found += _ROUTES.rows(path=path, prefixes=prefixes[begin : begin + _ASKED_AT_ONCE])
    return found


def carrier_of(attempt: Attempt) -> Carrier:
    """The carrier that a call goes by.

    Raises:
        TypeError: it was no call; such a try is never found under way.

    """
    if attempt.carrier is None:
        raise TypeError("no carrier has this try")
    return attempt.carrier


def capabilities_of(carrier: Carrier) -> Capabilities:
    """What the protocol of a carrier can express."""
    return class_of(carrier.kind).capabilities


def free_channels(carrier: Carrier) -> int:
    """How many more calls the carrier takes now."""
    calling = Attempt.objects.across_tenants(why="channels are shared").filter(
        carrier=carrier, state=AttemptState.CALLING
    )
    return max(0, carrier.channels - calling.count())


def _routed(fax: Fax, own: Carrier, now: datetime) -> list[Carrier]:
    path = path_of(fax.account)
    routes = [
        each
        for each in routes_to(fax.account, [fax.to_number])
        if _may_show(each.carrier, own, path)
    ]
    routes = [each for each in routes if _can(each.carrier, fax)] or routes
    if len({each.carrier_id for each in routes}) > 1:
        troubled = _failed(fax, now) | {r.carrier_id for r in routes if _in_trouble(r.carrier, now)}
        reached = far_ends.known(fax.account_id, fax.to_number).carrier_id

        def rank(route: CarrierRoute) -> tuple[Any, ...]:
            depth = path.index(route.account_id) if route.account_id else -1
            return (
                route.carrier_id in troubled,
                -depth,
                route.priority,
                -len(route.prefix),
                _DEAREST if route.cost is None else route.cost,
                route.carrier_id != reached,
                not capabilities_of(route.carrier).caller_id,
                route.carrier.name,
                route.carrier_id,
            )

        routes.sort(key=rank)
    return list({each.carrier_id: each.carrier for each in routes}.values())


def _may_show(carrier: Carrier, own: Carrier, path: list[UUID]) -> bool:
    """Whether a carrier may be told to show a number of another one as that of the sender.

    Whose number it is, is for the number's own carrier to know. One that a tenant brought along is
    shown by the tenant's carriers alone: else it could be anybody's.
    """

    def depth(one: Carrier) -> int:
        return path.index(one.account_id) if one.account_id in path else -1

    return not capabilities_of(carrier).caller_id or depth(carrier) >= depth(own)


def _can(carrier: Carrier, fax: Fax) -> bool:
    """Whether a carrier's protocol can express what a fax asks for."""
    able = capabilities_of(carrier)
    return (
        Quality(fax.quality) in able.qualities
        and (able.station or not (fax.station_id or fax.header))
        and (able.sip or not fax.to_number.startswith(_SIP))
    )


def _in_trouble(carrier: Carrier, now: datetime) -> bool:
    if not carrier.failures or carrier.last_failure_at is None:
        return False
    return now < carrier.last_failure_at + timedelta(seconds=_TROUBLED * settings.CARRIER_PACE)


def _failed(fax: Fax, now: datetime) -> set[UUID]:
    """The carriers that failed a fax lately, by troubles of their own."""
    if not fax.tries + fax.false_starts:
        return set()
    failed = Attempt.objects.for_account(fax.account_id).filter(
        fax=fax, outcome=Outcome.INTERNAL_ERROR, ended_at__gt=now - _LATELY
    )
    return {each.pk for each in Carrier.objects.filter(pk__in=failed.values("carrier_id"))}
