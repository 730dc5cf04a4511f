"""Routes: by which carriers faxes of an account, and of those below it, go out; on rows."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import figures
from accounts.errors import NotThere
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes.enums import ErrorCode
from faxes.errors import RequestError
from faxes.models import CarrierRoute
from faxes.queries.carriers import owner_of, routes_of, usable_carriers
from faxes.wording import SETTING_FAULTS

MOST: Final = 200
LAST_PRIORITY: Final = 99
_PREFIX: Final = re.compile(r"\+[1-9]\d{0,14}")
_BETWEEN: Final = re.compile(r"[\s().\-/]+")
_MOST_COST: Final = Decimal(10_000)
_PLACES: Final = Decimal("0.00001")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteForm:
    """A route as it was typed. ``cost`` of a page, in whatever unit: only its order counts."""

    carrier_id: UUID
    prefix: str = ""
    priority: int = 10
    cost: str = ""
    enabled: bool = True


def add_route(actor: Actor, *, form: RouteForm) -> CarrierRoute:
    """Add a way out by a carrier that the account may use.

    Raises:
        NotAllowed
        RequestError: there is no such carrier for the account, the prefix, the priority or the
            cost is not right, there is such a route already, or there are too many.

    """
    require(actor, Action.CARRIER_MANAGE)
    route = CarrierRoute(account_id=owner_of(actor))
    _fill(actor, route, form)
    with transaction.atomic():
        list(Account.objects.select_for_update(no_key=True).filter(pk=actor.account_id))
        if len(routes_of(actor)) >= MOST:
            raise RequestError(ErrorCode.TOO_MANY_ROUTES, limit=MOST)
        _save(route)
        _record(actor, "route.add", route)
    return route


def change_route(actor: Actor, *, route_id: UUID, form: RouteForm) -> CarrierRoute:
    """Change a route of the account.

    Raises:
        NotAllowed, NotThere
        RequestError: as ``add_route``.

    """
    require(actor, Action.CARRIER_MANAGE)
    with transaction.atomic():
        route = _held(actor, route_id)
        _fill(actor, route, form)
        _save(route)
        _record(actor, "route.change", route)
    return route


def remove_route(actor: Actor, *, route_id: UUID) -> None:
    """Remove a route of the account.

    Raises:
        NotAllowed, NotThere

    """
    require(actor, Action.CARRIER_MANAGE)
    with transaction.atomic():
        route = _held(actor, route_id)
        _record(actor, "route.remove", route)
        route.delete()


def read_prefix(written: str) -> str:
    """What numbers begin with, E.164; empty for all of them.

    Raises:
        RequestError: it is none.

    """
    prefix = _BETWEEN.sub("", written)
    if prefix and not _PREFIX.fullmatch(prefix):
        raise RequestError(ErrorCode.ROUTE_INVALID, field="prefix")
    return prefix


def _held(actor: Actor, route_id: UUID) -> CarrierRoute:
    owner = owner_of(actor)
    rows = CarrierRoute.objects.select_for_update(of=("self",)).filter(pk=route_id)
    route = (rows.filter(account_id=owner) if owner else rows.filter(account__isnull=True)).first()
    if route is None:
        raise NotThere
    return route


def _fill(actor: Actor, route: CarrierRoute, form: RouteForm) -> None:
    route.prefix = read_prefix(form.prefix)
    route.priority = max(0, min(form.priority, LAST_PRIORITY))
    route.cost = _cost(form.cost)
    route.enabled = form.enabled
    carrier = usable_carriers(actor).filter(pk=form.carrier_id).first()
    if carrier is None:
        raise RequestError(ErrorCode.CARRIER_NOT_FOUND, field="carrier")
    route.carrier = carrier


def _cost(written: str) -> Decimal | None:
    text = written.strip()
    if not text:
        return None
    try:
        cost = figures.exact(text)
    except figures.NoFigure:
        cost = Decimal(-1)
    if not 0 <= cost <= _MOST_COST:
        raise RequestError(
            ErrorCode.CARRIER_SETTING_INVALID,
            field="cost",
            setting=_("Cost of a page"),
            reason=str(SETTING_FAULTS["no_cost"]),
        )
    return cost.quantize(_PLACES)


def _save(route: CarrierRoute) -> None:
    try:
        with transaction.atomic():
            route.save()
    except IntegrityError:
        raise RequestError(ErrorCode.ROUTE_TAKEN, field="prefix") from None


def _record(actor: Actor, action: str, route: CarrierRoute, **facts: Any) -> None:
    audit.record(
        actor,
        action=action,
        object_type="route",
        object_id=route.pk,
        carrier=str(route.carrier_id),
        **facts,
    )
