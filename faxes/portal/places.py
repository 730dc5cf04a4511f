"""Where a form on a list leads back to: the same list, narrowed as it was."""

from urllib.parse import urlencode

from django.http import HttpResponseRedirect, QueryDict
from django.urls import reverse

from accounts.auth.portal import AccountRequest
from faxes.enums import Direction
from faxes.portal.filters import NAMES

UNDO = "archived_just_now"  # what the session calls the faxes that were put away a moment ago
LISTS = {"inbox": Direction.INBOUND, "outbox": Direction.OUTBOUND}


def list_named(request: AccountRequest) -> str:
    """The list that a form was on."""
    name = request.POST.get("list", "")
    return name if name in LISTS else "inbox"


def place_of(request: AccountRequest, *, cursor: bool = True) -> str:
    """What the list was narrowed by, behind the ?; nothing but filters goes through."""
    told = QueryDict(request.POST.get("place", "")[:2000])
    names = [name for name in NAMES if cursor or name != "cursor"]
    return urlencode({name: told[name] for name in names if told.get(name)})


def back_to(request: AccountRequest) -> HttpResponseRedirect:
    """Lead back to the list."""
    address = reverse(list_named(request), kwargs={"account": request.account.pk})
    place = place_of(request)
    return HttpResponseRedirect(f"{address}?{place}" if place else address)
