"""The front door: a signed-in person goes on to the account used last."""

from typing import TYPE_CHECKING, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.auth.hosts import accounts_here
from accounts.roles import Role

if TYPE_CHECKING:
    from accounts.models import User


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the inbox or tenants of the account used last, else of the first in use."""
    user = cast("User", request.user)
    memberships = accounts_here(request, user)
    if not memberships:
        return render(request, "accounts/no_account.html", status=403)
    used = [each for each in memberships if not each.blocked]  # type: ignore[attr-defined]
    them = {membership.account_id: membership for membership in used or memberships}
    last = user.last_account_id
    chosen = them[last] if last in them else next(iter(them.values()))
    # who provides for others rarely faxes
    sells = chosen.account.provides and chosen.role == Role.ADMIN
    return redirect("tenants" if sells else "inbox", account=chosen.account_id)
