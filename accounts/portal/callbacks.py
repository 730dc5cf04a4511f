"""Callbacks of programs that speak LaML: the key that they are signed with, and what was told."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.auth.portal import AccountRequest
from accounts.portal.page import account_page
from accounts.portal.webhook_words import EVENTS, STATES, came_of
from accounts.roles import Action
from accounts.services import signing_keys
from accounts.services.signing_keys import Called


@account_page(Action.WEBHOOK_MANAGE)
@require_safe
def callbacks(request: AccountRequest) -> HttpResponse:
    """What the key is for, and what was told and asked last."""
    return _page(request)


@account_page(Action.WEBHOOK_MANAGE, confirmed=True)
@require_POST
def callback_key(request: AccountRequest) -> HttpResponse:
    """Show the key, or make a new one and show that."""
    if request.POST.get("act") == "new":
        return _page(request, signing_keys.new_signing_key(request.actor))
    return _page(request, signing_keys.signing_key(request.actor))


def _page(request: AccountRequest, key: str = "") -> HttpResponse:
    calls = [
        (each.message, _what(each), STATES[each.message.state], each.last and came_of(each.last))
        for each in signing_keys.recent_calls(request.actor)
    ]
    return render(request, "accounts/callbacks.html", {"key": key, "calls": calls})


def _what(called: Called) -> str:
    """What it was about."""
    if called.asked:
        return _("A fax was about to come in")
    return str(EVENTS[called.message.type])
