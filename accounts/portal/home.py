"""The front door: a signed-in person goes on to the account used last."""

from typing import TYPE_CHECKING, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.tenancy import accounts_of

if TYPE_CHECKING:
    from accounts.models import User


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the inbox of the account used last, else of the first."""
    user = cast("User", request.user)
    memberships = accounts_of(user)
    if not memberships:
        return render(request, "accounts/no_account.html", status=403)
    ids = [membership.account_id for membership in memberships]
    last = user.last_account_id
    return redirect("inbox", account=last if last in ids else ids[0])
