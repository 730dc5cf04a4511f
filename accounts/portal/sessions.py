"""Where one is signed in, and signing out elsewhere."""

import re
from typing import TYPE_CHECKING, cast

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.auth.address import address_of
from accounts.services import people
from accounts.services.signin import note_for_person

if TYPE_CHECKING:
    from accounts.models import User

# The first that fits; others' browsers call themselves by these names too.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_list(request: HttpRequest) -> HttpResponse:
    """Every browser in which the person is signed in; posting signs out all others."""
    user = cast("User", request.user)
    if request.method == "POST":
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


def device(user_agent: str) -> str:
    """A browser and its system, as far as it says."""

    def named(names: tuple[tuple[str, str], ...]) -> str:
        return next((name for mark, name in names if re.search(mark, user_agent)), "")

    browser, system = named(_BROWSERS), named(_SYSTEMS)
    if browser and system:
        return _("{browser} on {system}").format(browser=browser, system=system)
    return browser or system or _("An unknown browser")
