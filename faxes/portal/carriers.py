"""Carriers of an account: how they do, and what is done with them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.portal.page import account_page
from accounts.roles import Action
from faxes.carriers.base import CarrierError
from faxes.errors import RequestError
from faxes.portal.carriers_form import DEFAULT_CHANNELS, SettingsForm, known_of
from faxes.portal.carriers_words import PULSE, shown, traits
from faxes.queries import carriers as found
from faxes.services import carrier_settings as work
from faxes.wording import sentence

if TYPE_CHECKING:
    from faxes.models import Carrier

_UNPROCESSABLE: Final = 422


@account_page(Action.CARRIER_MANAGE)
@require_safe
def carrier_list(request: AccountRequest) -> HttpResponse:
    """All carriers that the account may use."""
    return render(request, "faxes/carriers.html", _all(request))


@account_page(Action.CARRIER_MANAGE)
@require_safe
def carrier_list_status(request: AccountRequest) -> HttpResponse:
    """The part of the list that changes, told anew."""
    return render(request, "faxes/_carrier_list.html", _all(request))


@account_page(Action.CARRIER_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def carrier_new(request: AccountRequest) -> HttpResponse:
    """Choose a kind, then fill in its form."""
    kinds = work.kinds_to_add()
    asked = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    kind = next((each for each in kinds if each.kind == asked), None)
    if kind is None:
        return render(request, "faxes/carrier_new.html", {"kinds": kinds})
    known = known_of(kind.name, DEFAULT_CHANNELS, dict(kind.defaults))
    form, status = SettingsForm(kind=kind, editing=False, initial=known), 200
    if request.method == "POST":
        confirm(request)
        form, status = SettingsForm(request.POST, kind=kind, editing=False), _UNPROCESSABLE
        added = _tried(form, lambda: work.add(request.actor, kind=kind.kind, form=form.typed()))
        if added is not None:
            messages.success(request, _("The carrier is added. Test it now."))
            return _to(request, added.pk)
    context = {"kinds": kinds, "kind": kind, "form": form}
    return render(request, "faxes/carrier_new.html", context, status=status)


@account_page(Action.CARRIER_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def carrier(request: AccountRequest, carrier: UUID) -> HttpResponse:
    """One carrier of the account's own; POST changes it."""
    standing = found.standing(request.actor, carrier)
    can = work.capabilities_of(standing.carrier)
    row, kind, status = standing.carrier, work.kind_of(standing.carrier), 200
    known = known_of(row.name, row.channels, row.options)
    form = SettingsForm(kind=kind, editing=True, initial=known)
    if request.method == "POST":
        confirm(request)
        form, status = SettingsForm(request.POST, kind=kind, editing=True), _UNPROCESSABLE
        if _tried(form, lambda: work.change(request.actor, carrier_id=carrier, form=form.typed())):
            messages.success(request, _("The changes are saved."))
            return _to(request, carrier)
    context = {
        "one": shown(standing),
        "pulse": PULSE,
        "form": form,
        "traits": traits(can),
        "lists_numbers": can is not None and can.lists_numbers,
        "routes": found.routes_of(request.actor, carrier_id=carrier),
        "hook_url": work.hook_of(row),
    }
    return render(request, "faxes/carrier.html", context, status=status)


@account_page(Action.CARRIER_MANAGE)
@require_safe
def carrier_status(request: AccountRequest, carrier: UUID) -> HttpResponse:
    """How one carrier does, told anew."""
    one = shown(found.standing(request.actor, carrier))
    return render(request, "faxes/_carrier_health.html", {"one": one, "pulse": PULSE})


@account_page(Action.CARRIER_MANAGE)
@require_POST
def carrier_test(request: AccountRequest, carrier: UUID) -> HttpResponse:
    """Ask it something harmless."""
    try:
        tried = work.try_out(request.actor, carrier_id=carrier)
    except RequestError as error:
        messages.error(request, sentence(error))
        return _to(request, carrier)
    if tried.works:
        messages.success(request, _("It works. {text}").format(text=tried.text).strip())
    else:
        messages.error(request, _("It does not work: {text}").format(text=tried.text))
    return _to(request, carrier)


@account_page(Action.CARRIER_MANAGE)
@require_POST
def carrier_numbers(request: AccountRequest, carrier: UUID) -> HttpResponse:
    """Read the numbers that it lists."""
    try:
        read = work.read_numbers(request.actor, carrier_id=carrier)
    except RequestError as error:
        messages.error(request, sentence(error))
    except CarrierError as trouble:
        messages.error(request, _("It could not be asked: {text}").format(text=trouble))
    else:
        words = _("It lists {listed} numbers: {new} are new, {gone} are gone.")
        messages.success(request, words.format(listed=read.listed, new=read.new, gone=read.gone))
    return _to(request, carrier)


@account_page(Action.CARRIER_MANAGE, confirmed=True)
@require_POST
def carrier_switch(request: AccountRequest, carrier: UUID) -> HttpResponse:
    """Put it out of service, or back."""
    on = request.POST.get("on") == "yes"
    work.set_in_service(request.actor, carrier_id=carrier, in_service=on)
    messages.success(
        request,
        _("It is back in service.") if on else _("It is out of service: nothing goes by it."),
    )
    return _to(request, carrier)


@account_page(Action.CARRIER_MANAGE, confirmed=True)
@require_POST
def carrier_remove(request: AccountRequest, carrier: UUID) -> HttpResponse:
    """Remove it, if nothing names it."""
    try:
        work.remove(request.actor, carrier_id=carrier)
    except RequestError as error:
        messages.error(request, sentence(error))
        return _to(request, carrier)
    messages.success(request, _("The carrier is removed."))
    return redirect("carriers", account=request.account.pk)


def _all(request: AccountRequest) -> dict[str, object]:
    standings = [shown(each) for each in found.standings(request.actor)]
    return {
        "own": [each for each in standings if each.own],
        "above": [each for each in standings if not each.own],
        "pulse": PULSE,
    }


def _to(request: AccountRequest, carrier: UUID) -> HttpResponse:
    return redirect("carrier", account=request.account.pk, carrier=carrier)


def _tried(form: SettingsForm, act: Callable[[], "Carrier"]) -> "Carrier | None":
    """What came of acting on a form; None if something in it is wrong, which it then tells."""
    if not form.is_valid():
        return None
    try:
        return act()
    except RequestError as error:
        form.tell(error.field, sentence(error))
    return None
