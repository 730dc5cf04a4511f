"""Broadcasts: the list, one of them followed live, and what can be done with it."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountSuspended
from accounts.roles import Action
from accounts.services.amounts import readable
from faxes.enums import BroadcastState, ErrorCode, FaxState, RecipientState, RecipientStatus
from faxes.errors import FaxError, InvalidRequest, MoveNotAllowed, RequestError
from faxes.portal.once import new_form_key, once
from faxes.portal.page import STOP_ASKING, account_page
from faxes.queries import broadcasts as found
from faxes.queries.broadcasts import BroadcastDetail
from faxes.services import broadcast_again, broadcast_results
from faxes.services import broadcasts as work
from faxes.services.broadcast_results import standing_of_recipient
from faxes.standings import Standing
from faxes.wording import sentence, sentence_for

_CONFLICT: Final = 409
_FORBIDDEN: Final = 403
# What people ask for, and the statuses of those who are shown then.
SHOWN: Final[Mapping[str, tuple[Promise, tuple[RecipientStatus, ...]]]] = {
    "": (lazy("All"), ()),
    "delivered": (lazy("Delivered"), (RecipientStatus.DELIVERED,)),
    "failed": (lazy("Not delivered"), (RecipientStatus.FAILED, RecipientStatus.REFUSED)),
    "waiting": (
        lazy("Waiting"),
        (
            RecipientStatus.WAITING,
            RecipientStatus.PREPARING,
            RecipientStatus.QUEUED,
            RecipientStatus.SENDING,
        ),
    ),
    "canceled": (lazy("Canceled"), (RecipientStatus.CANCELED,)),
}
_STATES: Final[Mapping[BroadcastState, tuple[str, Promise]]] = {
    BroadcastState.PREPARING: ("wait", lazy("Being prepared")),
    BroadcastState.SCHEDULED: ("wait", lazy("Will be sent later")),
    BroadcastState.SENDING: ("move", lazy("Being sent")),
    BroadcastState.DONE: ("good", lazy("Finished")),
    BroadcastState.CANCELED: ("off", lazy("Canceled")),
    BroadcastState.FAILED: ("bad", lazy("Cannot be sent")),
}
_OFTEN, _SELDOM = 3, 30  # seconds


@account_page
@require_safe
def broadcasts(request: AccountRequest) -> HttpResponse:
    """All broadcasts, newest first."""
    cursor = request.GET.get("cursor", "")
    try:
        page = found.list_broadcasts(request.actor, cursor=cursor)
    except RequestError:  # such a place there is not
        return redirect("broadcasts", account=request.account.pk)
    context = {
        "rows": [_row(request, each) for each in page.broadcasts],
        "next_cursor": page.next_cursor,
        "later": bool(cursor),
    }
    return render(request, "faxes/broadcasts.html", context)


@account_page
@require_safe
def broadcast(request: AccountRequest, broadcast: UUID) -> HttpResponse:
    """One broadcast: how far it is, and what became of each recipient."""
    return _page(request, broadcast)


@account_page
@require_safe
def broadcast_status(request: AccountRequest, broadcast: UUID) -> HttpResponse:
    """The part of the page that changes while it is under way, told anew."""
    context = _context(request, broadcast)
    status = 200 if context["pulse"] else STOP_ASKING
    return render(request, "faxes/_broadcast_live.html", context, status=status)


@account_page
@require_safe
def broadcast_csv(request: AccountRequest, broadcast: UUID) -> HttpResponseBase:
    """What became of each recipient, as a table."""
    lines = broadcast_results.export_results(request.actor, broadcast_id=broadcast)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="broadcast.csv"'
    return answer


@account_page
@require_POST
def broadcast_cancel(request: AccountRequest, broadcast: UUID) -> HttpResponse:
    """Stop what waits."""
    try:
        work.cancel_broadcast(request.actor, broadcast_id=broadcast)
    except MoveNotAllowed as error:
        return _page(request, broadcast, problem=sentence(error), status=_CONFLICT)
    messages.success(request, _("Whoever waited gets no fax. Faxes on the line go to their end."))
    return redirect("broadcast", account=request.account.pk, broadcast=broadcast)


@account_page
@require_POST
@once
def broadcast_send_again(request: AccountRequest, broadcast: UUID) -> HttpResponse:
    """Send it again to those whom it did not reach."""
    try:
        again = broadcast_again.send_again(request.actor, broadcast_id=broadcast)
    except InvalidRequest as invalid:
        told = sentence(invalid.errors[0])
        return _page(request, broadcast, problem=told, status=_CONFLICT)
    except AccountSuspended:
        told = _("This account is suspended, so nothing can be sent. Ask your provider.")
        return _page(request, broadcast, problem=told, status=_FORBIDDEN)
    except FaxError as error:
        return _page(request, broadcast, problem=sentence(error), status=_CONFLICT)
    count = again.recipients_total
    words = ngettext(
        "On its way again to {count} number.", "On its way again to {count} numbers.", count
    )
    messages.success(request, words.format(count=count))
    return redirect("broadcast", account=request.account.pk, broadcast=again.pk)


@account_page
@require_POST
def broadcast_delete(request: AccountRequest, broadcast: UUID) -> HttpResponse:
    """Remove a finished broadcast with its list of recipients."""
    try:
        work.delete_broadcast(request.actor, broadcast_id=broadcast)
    except MoveNotAllowed as error:
        return _page(request, broadcast, problem=sentence(error), status=_CONFLICT)
    messages.success(request, _("The broadcast and its list are deleted. Its faxes stay."))
    return redirect("broadcasts", account=request.account.pk)


def _page(
    request: AccountRequest, key: UUID, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = _context(request, key) | {"problem": problem}
    return render(request, "faxes/broadcast.html", context, status=status)


def _context(request: AccountRequest, key: UUID) -> dict[str, Any]:
    detail = found.broadcast_for(request.actor, key)
    one, now = detail.broadcast, clock.now()
    show = request.GET.get("show", "")
    show = show if show in SHOWN else ""
    cursor = request.GET.get("cursor", "")
    try:
        page = found.list_recipients(request.actor, key, among=SHOWN[show][1], cursor=cursor)
    except RequestError:  # such a place there is not
        cursor = ""
        page = found.list_recipients(request.actor, key, among=SHOWN[show][1])
    spent = found.spent_on(request.actor, one)
    missed = 0
    if detail.finished and request.actor.may(Action.FAX_SEND):
        missed = broadcast_again.missed(request.actor, broadcast=one).count()
    return {
        **_row(request, detail),
        "rows": [(each, standing_of_recipient(each, now)) for each in page.recipients],
        "next_cursor": page.next_cursor,
        "later": bool(cursor),
        "show": show,
        "tabs": [(name, words) for name, (words, _statuses) in SHOWN.items()],
        "asking": request.GET.urlencode(),
        "pulse": _pulse(detail),
        "trouble": sentence_for(ErrorCode(one.error_code), one.error_params)
        if one.error_code
        else "",
        "missed": missed,
        "can_cancel": not detail.finished and one.canceled_at is None,
        "finished": detail.finished,
        "cost": readable(spent.cost, spent.currency) if spent else "",
        "included": spent.included if spent else 0,
        "form_key": new_form_key(),
    }


def _pulse(detail: BroadcastDetail) -> int:
    """After how many seconds it is worth looking at again; 0 once it is finished."""
    if detail.finished:
        return 0
    return _SELDOM if detail.state == BroadcastState.SCHEDULED else _OFTEN


def _row(request: AccountRequest, detail: BroadcastDetail) -> dict[str, Any]:
    """A broadcast as a line of the list, and as the head of its page."""
    one = detail.broadcast
    delivered = detail.faxes.get(FaxState.DELIVERED, 0)
    failed = detail.faxes.get(FaxState.FAILED, 0) + detail.recipients.get(RecipientState.REFUSED, 0)
    canceled = detail.faxes.get(FaxState.CANCELED, 0) + detail.recipients.get(
        RecipientState.CANCELED, 0
    )
    waiting = one.recipients_total - delivered - failed - canceled - detail.deleted
    words = ngettext("To {count} number", "To {count} numbers", one.recipients_total)
    tone, state = _STATES[detail.state]
    return {
        "broadcast": one,
        "href": reverse("broadcast", args=[request.account.pk, one.pk]),
        "title": one.name or words.format(count=one.recipients_total),
        "standing": Standing(tone, str(state)),
        "delivered": delivered,
        "failed": failed,
        "waiting": waiting,
        "canceled": canceled,
        "deleted": detail.deleted,
        "done": one.recipients_total - waiting,
        "total": one.recipients_total,
    }
