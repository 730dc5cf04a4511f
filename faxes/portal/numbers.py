"""An account's own numbers and fax machines: seen by all of it, changed by its administrators."""

from typing import TYPE_CHECKING, Final
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.portal.page import read_id
from accounts.roles import Action
from accounts.tenancy import require
from faxes.errors import InvalidRequest
from faxes.portal.page import account_page, beside_fields
from faxes.queries.numbers import own_faxboxes, own_numbers
from faxes.services import faxboxes as work
from faxes.services.faxboxes import FaxboxTerms
from faxes.services.order import MOST_RETRIES

if TYPE_CHECKING:
    from faxes.models import Faxbox

_UNPROCESSABLE: Final = 422
_SHOWN: Final = 100
_LONGEST: Final = 80


class FaxboxForm(forms.Form):
    """What a fax machine has."""

    name = forms.CharField(label=lazy("Name"), max_length=80)
    station_id = forms.CharField(
        label=lazy("Station id"),
        max_length=20,
        required=False,
        help_text=lazy("What other fax machines show; most often the number. Empty: the number."),
    )
    header = forms.CharField(
        label=lazy("Header line"),
        max_length=50,
        required=False,
        help_text=lazy("Printed above every page that is sent, with time and page. Empty: none."),
    )
    time_zone = forms.ChoiceField(
        label=lazy("Time zone"), required=False, help_text=lazy("The clock of the header line.")
    )
    retries = forms.TypedChoiceField(
        label=lazy("Further tries if a fax does not get through"),
        required=False,
        coerce=int,
        empty_value=None,
    )

    def __init__(self, *args: object, zone: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        zones = [(each, each.replace("_", " ")) for each in sorted(available_timezones())]
        usual = _("The account's: {zone}").format(zone=zone.replace("_", " "))
        self.fields["time_zone"].choices = [("", usual), *zones]  # type: ignore[attr-defined]
        self.fields["retries"].choices = [  # type: ignore[attr-defined]
            ("", _("As many as make sense")),
            *((str(count), str(count)) for count in range(MOST_RETRIES + 1)),
        ]


@account_page
@require_safe
def numbers(request: AccountRequest) -> HttpResponse:
    """The account's fax machines, and the numbers that lead to them."""
    q = request.GET.get("q", "").strip()[:_LONGEST]
    owned = own_numbers(request.actor, q=q, limit=_SHOWN + 1)
    machines = own_faxboxes(request.actor)
    context = {
        "machines": [
            (machine, [each for each in owned[:_SHOWN] if each.faxbox_id == machine.pk])
            for machine in machines
        ],
        "q": q,
        "more": len(owned) > _SHOWN,
        "faxboxes": machines,
    }
    return render(request, "faxes/numbers.html", context)


@account_page
@require_POST
def number_lead(request: AccountRequest, number: UUID) -> HttpResponse:
    """Have a number lead to another fax machine."""
    require(request.actor, Action.FAXBOX_MANAGE)
    confirm(request)
    faxbox = read_id(request.POST.get("faxbox", ""))
    if faxbox is None:
        raise Http404
    work.lead_number(request.actor, number_id=number, faxbox_id=faxbox)
    messages.success(request, _("Faxes to this number go there from now on."))
    return redirect("numbers", account=request.account.pk)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def faxbox_new(request: AccountRequest) -> HttpResponse:
    """Add a fax machine."""
    return _faxbox_page(request, None)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def faxbox(request: AccountRequest, faxbox: UUID) -> HttpResponse:
    """Change a fax machine."""
    require(request.actor, Action.FAXBOX_MANAGE)
    machine = next((each for each in own_faxboxes(request.actor) if each.pk == faxbox), None)
    if machine is None:
        raise Http404
    return _faxbox_page(request, machine)


def _faxbox_page(request: AccountRequest, machine: "Faxbox | None") -> HttpResponse:
    require(request.actor, Action.FAXBOX_MANAGE)
    zone = request.account.time_zone
    if request.method != "POST":
        names = ("name", "station_id", "header", "time_zone", "retries")
        initial = {name: getattr(machine, name) for name in names} if machine else {}
        context = {"form": FaxboxForm(initial=initial, zone=zone), "machine": machine}
        return render(request, "faxes/faxbox.html", context)
    confirm(request)
    form = FaxboxForm(request.POST, zone=zone)
    if form.is_valid() and (saved := _saved(request, form, machine)):
        messages.success(request, _("“{name}” is saved.").format(name=saved.name))
        return redirect("numbers", account=request.account.pk)
    context = {"form": form, "machine": machine}
    return render(request, "faxes/faxbox.html", context, status=_UNPROCESSABLE)


def _saved(request: AccountRequest, form: FaxboxForm, machine: "Faxbox | None") -> "Faxbox | None":
    """The fax machine as it is now; None if it cannot be so, which the form tells."""
    terms = FaxboxTerms(**form.cleaned_data)
    try:
        if machine is None:
            return work.create_faxbox(request.actor, terms=terms)
        return work.change_faxbox(request.actor, faxbox_id=machine.pk, terms=terms)
    except InvalidRequest as invalid:
        for field, sentences in beside_fields(invalid.errors).items():
            for sentence in sentences:
                form.add_error(field or None, sentence)
    return None
