"""An account's own numbers and fax machines: seen by all of it, changed by its administrators."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.portal.page import read_id
from accounts.roles import Action
from accounts.tenancy import require
from faxes.portal.page import account_page
from faxes.queries.numbers import own_faxboxes, own_numbers
from faxes.services import faxboxes as work

_SHOWN: Final = 100
_LONGEST: Final = 80


@account_page
@require_safe
def numbers(request: AccountRequest) -> HttpResponse:
    """The account's fax machines, and the numbers that lead to them."""
    q = request.GET.get("q", "").strip()[:_LONGEST]
    owned = own_numbers(request.actor, q=q, limit=_SHOWN + 1)
    machines = own_faxboxes(request.actor)
    context = {
        "machines": [
            (
                machine,
                [each for each in owned[:_SHOWN] if each.faxbox_id == machine.pk],
                work.mail_addresses_of(machine),
            )
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
