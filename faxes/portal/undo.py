"""Undo what was sent a moment ago: the button, and the form as it was before it was pressed."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.auth.portal import AccountRequest
from accounts.services.sending import is_night, next_night
from faxes.enums import FaxState
from faxes.errors import FaxNotFound, MoveNotAllowed
from faxes.portal.fax import refused
from faxes.portal.page import account_page
from faxes.queries.faxes import batch_of, fax_for
from faxes.services import undo
from faxes.standings import clock_time

if TYPE_CHECKING:
    from accounts.models import Account
    from faxes.models import Fax

_AS_CHOSEN: Final = "sent_a_moment_ago"  # what the session calls choices that a fax does not keep
_KEPT: Final = ("cover", "when", "send_at")
_SENT: Final = "sent"
_UNDONE: Final = "undone"
NOW: Final = "now"
LATER: Final = "later"
NIGHT: Final = "night"
_NO_TIME: Final = "-"


@account_page
@require_POST
def fax_undo(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Take back what was sent a moment ago; on to the form, with everything as it was."""
    try:
        undone = undo.undo(request.actor, fax_id=fax)
    except MoveNotAllowed as late:
        return refused(request, fax, late)
    account = request.account.pk
    if undone.copied_from is not None:
        messages.success(request, _("Undone: it is not sent, and costs nothing."))
        with suppress(FaxNotFound):
            fax_for(request.actor, undone.copied_from)
            return redirect("fax", account=account, fax=undone.copied_from)
        return redirect("fax", account=account, fax=fax)
    messages.success(request, _("Undone: it is not sent, and costs nothing. Here it is again."))
    where = {_UNDONE: str(fax), "upload": str(undone.upload.pk) if undone.upload else ""}
    return redirect(f"{reverse('compose', kwargs={'account': account})}?{urlencode(where)}")


def restored(request: AccountRequest) -> dict[str, str]:
    """What stood in the form of a fax that its sender has undone; nothing for any other."""
    try:
        faxes = batch_of(request.actor, UUID(request.GET.get(_UNDONE, "")))
    except (ValueError, FaxNotFound):
        return {}
    fax = faxes[0]
    theirs = fax.created_by == request.user.pk and fax.undo_until is not None
    if not theirs or fax.state != FaxState.CANCELED:
        return {}
    chosen = request.session.get(_AS_CHOSEN, {})
    kept = chosen if chosen.get("batch") == str(fax.batch_id) else {}
    return {
        "to": ", ".join(each.to_number for each in faxes),
        "subject": fax.subject,
        "message": fax.message,
        "faxbox": str(fax.faxbox_id),
        "quality": fax.quality,
        **{name: kept.get(name, "") for name in _KEPT},
    }


def remember(request: AccountRequest, faxes: Sequence["Fax"], draft: Any) -> str:
    """Keep what was chosen while it can be undone; what to add to an address that tells of it."""
    first = faxes[0]
    if first.undo_until is None:
        return ""
    chosen = {name: getattr(draft, name) for name in _KEPT}
    request.session[_AS_CHOSEN] = {"batch": str(first.batch_id), **chosen}
    return f"?{_SENT}={first.pk}"


def undoable_at(request: AccountRequest) -> "Fax | None":
    """The fax that the address tells was sent a moment ago, if it can still be undone."""
    named = request.GET.get(_SENT, "")
    if not named:
        return None
    with suppress(ValueError, FaxNotFound):
        fax = fax_for(request.actor, UUID(named))
        if undo.may_undo(request.actor, fax=fax, now=clock.now()):
            return fax
    return None


def send_at_of(account: "Account", *, when: str, typed: str) -> str:
    """The time that a fax is asked for: at once, as typed, or when the next night begins."""
    if when == NOW:
        return ""
    if when == LATER:
        return typed_time(typed) or _NO_TIME  # never at once, as that is not what was asked for
    if when == NIGHT:
        now = clock.now()
        return "" if is_night(account, now) else next_night(account, now).isoformat()
    return typed_time(typed)


def typed_time(typed: str) -> str:
    """A time as somebody typed it into a page, with the zone that the page is in."""
    try:
        moment = datetime.fromisoformat(typed.strip())
    except ValueError:
        return typed  # whoever reads it says what is wrong with it
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.get_current_timezone())
    return moment.isoformat()


def night_words(account: "Account", now: datetime) -> str:
    """When a fax goes that is to go at night."""
    if is_night(account, now):
        return _("It is night now, so it goes at once.")
    begins = timezone.localtime(next_night(account, now))
    if begins.date() == timezone.localtime(now).date():
        return _("Tonight at {time}").format(time=date_format(begins, "TIME_FORMAT"))
    return clock_time(begins, now)
