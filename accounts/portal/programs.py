"""The programs that somebody let in, and ending them."""

from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.auth.address import address_of
from accounts.auth.confirm import single_sign_on_of
from accounts.auth.portal import AccountRequest
from accounts.errors import NotThere
from accounts.portal.page import account_page, done
from accounts.portal.profile import about_oneself
from accounts.portal.tokens import words_of
from accounts.roles import Action
from accounts.services import connections

if TYPE_CHECKING:
    from accounts.models import User


@about_oneself
@login_required
@require_http_methods(["GET", "HEAD"])
def program_list(request: HttpRequest) -> HttpResponse:
    """Every program that the person let in."""
    user = cast("User", request.user)
    found = connections.connections_of(user, only=single_sign_on_of(request))
    programs = [(each, words_of(each.scopes)) for each in found]
    return render(request, "accounts/programs.html", {"programs": programs})


@about_oneself
@login_required
@require_POST
def program_end(request: HttpRequest, grant: UUID) -> HttpResponse:
    """Take back what one said yes to."""
    user = cast("User", request.user)
    try:
        connections.disconnect(
            user, grant=grant, address=address_of(request), only=single_sign_on_of(request)
        )
    except NotThere:
        raise Http404 from None
    messages.success(request, _("The program is ended. It is refused from now on."))
    return redirect("programs")


@account_page(Action.TOKEN_MANAGE, confirmed=True)
@require_POST
def connection_end(request: AccountRequest, grant: UUID) -> HttpResponse:
    """End a program that somebody let into the account."""
    return done(
        request,
        "tokens",
        lambda: connections.disconnect_in(request.actor, grant=grant),
        _("The program is ended. It is refused from now on."),
    )
