"""Legal holds: all of the account's, and placing and lifting them."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.tenancy import require
from faxes.errors import FaxError
from faxes.portal.once import new_form_key, once
from faxes.portal.page import account_page
from faxes.portal.rows import party_of
from faxes.queries.legal_holds import list_holds
from faxes.services.legal_holds import REASON_LENGTH, lift, place
from faxes.wording import sentence

_UNPROCESSABLE: Final = 422


@account_page
@require_safe
def legal_holds(request: AccountRequest) -> HttpResponse:
    """All legal holds, lasting and lifted, newest first."""
    return _page(request)


@account_page
@require_POST
@once
def account_hold(request: AccountRequest) -> HttpResponse:
    """Put all faxes of the account under legal hold."""
    try:
        place(request.actor, reason=request.POST.get("reason", ""))
    except FaxError as error:
        return _page(request, problem=sentence(error), status=_UNPROCESSABLE)
    messages.success(request, _("Everything in this account is under legal hold."))
    return redirect("legal-holds", account=request.account.pk)


@account_page
@require_POST
@once
def faxbox_hold(request: AccountRequest, faxbox: UUID) -> HttpResponse:
    """Put all faxes of a fax machine under legal hold."""
    try:
        place(request.actor, reason=request.POST.get("reason", ""), faxbox_id=faxbox)
    except FaxError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("All faxes of this fax machine are under legal hold."))
    return redirect("faxbox-retention", account=request.account.pk, faxbox=faxbox)


@account_page
@require_POST
@once
def fax_hold(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Put a fax under legal hold."""
    try:
        place(request.actor, reason=request.POST.get("reason", ""), fax_id=fax)
    except FaxError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("This fax is under legal hold."))
    return redirect("fax", account=request.account.pk, fax=fax)


@account_page
@require_POST
def legal_hold_lift(request: AccountRequest, hold: UUID) -> HttpResponse:
    """End a legal hold."""
    require(request.actor, Action.LEGAL_HOLD)
    confirm(request)
    try:
        lift(request.actor, hold_id=hold)
    except FaxError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(
            request, _("The legal hold is lifted. What was kept for it alone may go again.")
        )
    return redirect("legal-holds", account=request.account.pk)


def _page(request: AccountRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    require(request.actor, Action.LEGAL_HOLD)
    cursor, errors = request.GET.get("cursor", ""), []
    try:
        page = list_holds(request.actor, cursor=cursor)
    except FaxError as error:
        errors, status = [sentence(error)], _UNPROCESSABLE
        page = list_holds(request.actor)
    context = {
        "holds": [
            (hold, party_of(hold.fax, request.account) if hold.fax else "") for hold in page.holds
        ],
        "next_cursor": page.next_cursor,
        "problem": problem or "".join(errors),
        "reason": request.POST.get("reason", "") if problem else "",
        "reason_length": REASON_LENGTH,
        "form_key": new_form_key(),
    }
    return render(request, "faxes/legal_holds.html", context, status=status)
