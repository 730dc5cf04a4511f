"""The fax records of a tenant, as far as it shares them, and the way in with support access."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.auth.portal import AccountRequest
from accounts.portal.page import reseller_page
from accounts.roles import Action
from accounts.services.support import lasting_at
from faxes.errors import FaxError
from faxes.services.tenant_faxes import look_at_tenant_faxes


@reseller_page(Action.TENANTS_MANAGE)
@require_safe
def tenant_faxes(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """A page of the list, newest first."""
    cursor = request.GET.get("cursor", "")
    try:
        account, page = look_at_tenant_faxes(request.actor, account_id=tenant, cursor=cursor)
    except FaxError:
        raise Http404 from None  # a cursor that nobody was given
    context = {
        "tenant": account,
        "page": page,
        "cursor": cursor,
        "support": lasting_at(account.pk),
    }
    return render(request, "faxes/tenant_faxes.html", context)
