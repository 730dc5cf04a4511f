"""The outbox: what was sent, is being sent or waits, newest first."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.auth.portal import AccountRequest
from faxes.enums import Direction
from faxes.portal.lists import fax_list
from faxes.portal.page import account_page


@account_page
@require_safe
def outbox(request: AccountRequest) -> HttpResponse:
    """Faxes out."""
    return fax_list(request, Direction.OUTBOUND, "outbox")
