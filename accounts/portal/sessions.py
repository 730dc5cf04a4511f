"""Where one is signed in, and signing out elsewhere."""

from typing import TYPE_CHECKING, cast

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.auth.address import address_of
from accounts.auth.confirm import confirm
from accounts.auth.device import device
from accounts.portal.profile import about_oneself
from accounts.services import people
from accounts.services.signin import note_for_person

if TYPE_CHECKING:
    from accounts.models import User


@about_oneself
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_list(request: HttpRequest) -> HttpResponse:
    """Every browser in which the person is signed in; posting signs out all others.

    That asks once more who it is: else whoever finds an open browser keeps its owner out with it.
    """
    user = cast("User", request.user)
    if request.method == "POST":
        confirm(request)
        ended = people.end_sessions(user, but=request.session.session_key or "")
        note_for_person(user, action="sessions.end", address=address_of(request), ended=ended)
        messages.success(
            request,
            ngettext(
                "One other device is signed out.", "{n} other devices are signed out.", ended
            ).format(n=ended),
        )
        return redirect("sessions")
    sessions = [
        (session, device(session.user_agent))
        for session in UserSession.objects.purge_and_list(user)
    ]
    sessions.sort(key=lambda each: (not each[0].is_current(), -each[0].created_at.timestamp()))
    return render(request, "accounts/sessions.html", {"sessions": sessions})
