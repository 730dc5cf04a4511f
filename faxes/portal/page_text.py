"""Search in the pages of faxes: an account's administrator switches it on and off."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.tenancy import require
from faxes.portal.page import account_page
from faxes.services import page_text


@account_page
@require_POST
def page_text_switch(request: AccountRequest) -> HttpResponse:
    """Switch it on or off."""
    require(request.actor, Action.SHARING_MANAGE)
    confirm(request)
    wanted = request.POST.get("search", "")
    if wanted not in {"on", "off"}:
        return HttpResponseBadRequest()
    page_text.switch(request.actor, on=wanted == "on")
    if wanted == "off":
        messages.success(request, _("Search in pages is off. What was kept for it is erased."))
    elif page_text.can_read():
        messages.success(request, _("Search in pages is on for faxes from now on."))
    else:
        messages.warning(
            request, _("Search in pages is on, but this portal cannot read pages at the moment.")
        )
    return redirect("sharing", account=request.account.pk)
