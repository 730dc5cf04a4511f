"""Routes of an account: by which carriers its faxes go, and those of all below it."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import figures
from accounts.auth.portal import AccountRequest
from accounts.portal.page import account_page
from accounts.roles import Action
from faxes.errors import RequestError
from faxes.portal.carriers_form import RouteFields
from faxes.queries import carriers as found
from faxes.services import carrier_routes as work
from faxes.wording import sentence

_UNPROCESSABLE: Final = 422


@account_page(Action.CARRIER_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def routes(request: AccountRequest) -> HttpResponse:
    """All routes, and a form for a new one."""
    form, status = RouteFields(carriers=_choices(request)), 200
    if request.method == "POST":
        form, status = RouteFields(request.POST, carriers=_choices(request)), _UNPROCESSABLE
        if _tried(form, lambda: work.add_route(request.actor, form=form.typed())):
            messages.success(request, _("The route is added."))
            return redirect("carrier-routes", account=request.account.pk)
    context = {"form": form, "routes": found.routes_of(request.actor)}
    return render(request, "faxes/carrier_routes.html", context, status=status)


@account_page(Action.CARRIER_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def route(request: AccountRequest, route: UUID) -> HttpResponse:
    """One route; POST changes it."""
    row = next((each for each in found.routes_of(request.actor) if each.pk == route), None)
    if row is None:
        raise Http404
    known = {
        "carrier": str(row.carrier_id),
        "prefix": row.prefix,
        "priority": row.priority,
        "cost": "" if row.cost is None else figures.shown(f"{row.cost.normalize():f}"),
        "enabled": row.enabled,
    }
    form, status = RouteFields(carriers=_choices(request), initial=known), 200
    if request.method == "POST":
        form, status = RouteFields(request.POST, carriers=_choices(request)), _UNPROCESSABLE
        if _tried(
            form, lambda: work.change_route(request.actor, route_id=route, form=form.typed())
        ):
            messages.success(request, _("The changes are saved."))
            return redirect("carrier-routes", account=request.account.pk)
    context = {"form": form, "route": row}
    return render(request, "faxes/carrier_route.html", context, status=status)


@account_page(Action.CARRIER_MANAGE)
@require_POST
def route_remove(request: AccountRequest, route: UUID) -> HttpResponse:
    """Remove a route."""
    work.remove_route(request.actor, route_id=route)
    messages.success(request, _("The route is removed."))
    return redirect("carrier-routes", account=request.account.pk)


def _choices(request: AccountRequest) -> list[tuple[str, str]]:
    return [(str(each.pk), each.name) for each in found.usable_carriers(request.actor)]


def _tried(form: RouteFields, act: Callable[[], object]) -> bool:
    """Whether it is done; else the form tells why not."""
    if not form.is_valid():
        return False
    try:
        act()
    except RequestError as error:
        form.add_error(error.field if error.field in form.fields else None, sentence(error))
        return False
    return True
