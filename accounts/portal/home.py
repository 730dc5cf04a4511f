"""The front door: a signed-in person goes on to the account used last."""

from typing import TYPE_CHECKING, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.auth.hosts import accounts_here
from accounts.roles import Role

if TYPE_CHECKING:
    from accounts.models import Membership, User


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the inbox or tenants of the account used last, else of the first in use."""
    chosen = used_last(request)
    if chosen is None:
        return render(request, "accounts/no_account.html", status=403)
    # who provides for others rarely faxes
    sells = chosen.account.provides and chosen.role == Role.ADMIN
    return redirect("tenants" if sells else "inbox", account=chosen.account_id)


def used_last(request: HttpRequest) -> "Membership | None":
    """The signed-in person's membership in the account used last, else in the first in use."""
    user = cast("User", request.user)
    memberships = accounts_here(request, user)
    used = [each for each in memberships if not each.blocked]  # type: ignore[attr-defined]
    them = {membership.account_id: membership for membership in used or memberships}
    last = user.last_account_id
    return them[last] if last in them else next(iter(them.values()), None)
