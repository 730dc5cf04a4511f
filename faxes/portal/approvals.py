"""Faxes that wait for a second person: the list, and saying yes or no."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.enums import Held
from faxes.errors import FaxError, MoveNotAllowed
from faxes.portal.page import account_page
from faxes.portal.rows import row_of
from faxes.queries.approvals import list_held
from faxes.queries.faxes import FaxPage
from faxes.queries.filing import Filed
from faxes.services import holding
from faxes.services.approval import approvers_of, may_approve, senders_of
from faxes.wording import sentence

if TYPE_CHECKING:
    from accounts.models import Account
    from faxes.models import Fax

WHY: Final[dict[Held, Promise]] = {
    Held.PAGES: lazy("It has more pages than go without asking."),
    Held.NUMBER: lazy(
        "Nothing was ever delivered to this number, and only its sender put it in the contacts, "
        "if anybody did."
    ),
    Held.PROGRAM: lazy("A program sent it."),
    Held.MAIL: lazy("It was sent by email."),
}


@account_page
@require_safe
def approvals(request: AccountRequest) -> HttpResponse:
    """All that wait, to be looked at, approved or declined."""
    require(request.actor, Action.FAX_APPROVE)
    errors: list[str] = []
    try:
        page = list_held(request.actor, cursor=request.GET.get("cursor", ""))
    except FaxError as error:
        page, errors = FaxPage([], ""), [sentence(error)]
    now = clock.now()
    shown = [
        {
            "row": row_of(fax, request.account, now, Filed()),
            "why": WHY[Held(fax.held_for)],
            "until": fax.due_at,
            "decides": holding.decides_on(request.actor, fax=fax, account=request.account),
            "own": request.user.pk in senders_of(fax),
        }
        for fax in page.faxes
        if fax.held_for
    ]
    context = {
        "shown": shown,
        "next_cursor": page.next_cursor,
        "errors": errors,
        "may": may_approve(request.actor, account=request.account),
        "most": holding.REASON_LENGTH,
    }
    return render(request, "faxes/approvals.html", context)


@account_page
@require_POST
def approvals_decide(request: AccountRequest) -> HttpResponse:
    """Approve or decline those that were chosen."""
    require(request.actor, Action.FAX_APPROVE)
    chosen, yes = _chosen(request), request.POST.get("decision") == "approve"
    if not chosen:
        messages.error(request, _("Choose one or more faxes first."))
        return redirect("approvals", account=request.account.pk)
    try:
        if yes:
            done = holding.approve_all(request.actor, fax_ids=chosen)
            told = ngettext("{n} fax is approved.", "{n} faxes are approved.", done)
        else:
            reason = request.POST.get("reason", "")
            done = holding.decline_all(request.actor, fax_ids=chosen, reason=reason)
            told = ngettext("{n} fax is declined.", "{n} faxes are declined.", done)
    except FaxError as error:
        messages.error(request, sentence(error))
        return redirect("approvals", account=request.account.pk)
    messages.success(request, told.format(n=done))
    return redirect("approvals", account=request.account.pk)


@account_page
@require_POST
def fax_approve(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Let a fax go that somebody else sent."""
    return _decided(
        request,
        fax,
        lambda: holding.approve(request.actor, fax_id=fax),
        _("Approved: the fax is on its way."),
    )


@account_page
@require_POST
def fax_decline(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Have a fax that somebody else sent not go."""
    reason = request.POST.get("reason", "")
    return _decided(
        request,
        fax,
        lambda: holding.decline(request.actor, fax_id=fax, reason=reason),
        _("Declined: the fax is not sent. Who sent it is told."),
    )


def approval_of(actor: Actor, account: "Account", fax: "Fax") -> dict[str, Any] | None:
    """What the page of a fax says of its approval; None if it waits for none."""
    if not fax.held_for:
        return None
    others = approvers_of(account, fax)
    return {
        "why": WHY[Held(fax.held_for)],
        "until": fax.due_at,
        "decides": holding.decides_on(actor, fax=fax, account=account),
        "own": actor.user_id in senders_of(fax),
        "others": [str(each.user) for each in others if each.user_id != actor.user_id],
        "nobody": not others,
        "most": holding.REASON_LENGTH,
    }


def _decided(
    request: AccountRequest, fax: UUID, decide: Callable[[], object], told: str
) -> HttpResponse:
    try:
        decide()
    except MoveNotAllowed:
        messages.error(request, _("Nothing was changed: somebody else was quicker."))
    except FaxError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, told)
    return redirect("fax", account=request.account.pk, fax=fax)


def _chosen(request: AccountRequest) -> list[UUID]:
    chosen = []
    for written in request.POST.getlist("fax")[: holding.MOST_AT_ONCE]:
        try:
            chosen.append(UUID(written))
        except ValueError:
            continue
    return chosen
