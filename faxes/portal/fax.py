"""One fax: its page, its live parts, and what can be done with it."""

from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountSuspended
from accounts.roles import Action
from faxes.enums import Direction, DocumentRole, ErrorCode, FaxState
from faxes.errors import FaxError, InvalidRequest, MoveNotAllowed
from faxes.portal.approvals import approval_of
from faxes.portal.filing import filed_of
from faxes.portal.next_try_shown import next_try_of
from faxes.portal.once import new_form_key, once
from faxes.portal.page import STOP_ASKING, account_page, beside_fields
from faxes.portal.rows import party_of, pulse_of, title_of
from faxes.portal.timeline import linked, timeline_of
from faxes.portal.told import told_of
from faxes.queries.carriers import owner_in
from faxes.queries.far_ends import far_end_of
from faxes.queries.faxes import FaxDetail, detail_for, fax_for, numbers_of
from faxes.queries.legal_holds import holds_on
from faxes.queries.notifications import notifications_of
from faxes.queries.retention import until_of
from faxes.queries.standing import standing_of
from faxes.services import control, pages, privacy
from faxes.services.legal_holds import REASON_LENGTH
from faxes.services.submit import forward_fax, resend_fax
from faxes.services.undo import may_undo
from faxes.wording import sentence, sentence_for

_CONFLICT: Final = 409
_FORBIDDEN: Final = 403
_UNPROCESSABLE: Final = 422
_CAN_STOP: Final = frozenset({FaxState.PREPARING, FaxState.QUEUED, FaxState.SENDING})
_CAN_RESEND: Final = frozenset({FaxState.DELIVERED, FaxState.FAILED, FaxState.CANCELED})
# What a page is shown larger at where no script does it: of its true width, in pixels.
_LARGER: Final = tuple({"percent": each, "width": 816 * each // 100} for each in (100, 150, 200))


@account_page
@require_safe
def fax_page(request: AccountRequest, fax: UUID) -> HttpResponse:
    """The fax. An arrival that is opened by somebody who works here counts as read."""
    detail = detail_for(request.actor, fax)
    if not _looks_ahead(request):
        pages.looked_at(request.actor, fax_id=fax)
    arrived = detail.fax.state == FaxState.RECEIVED and detail.fax.read_at is None
    if arrived and request.actor.may(Action.FAX_MARK) and not _looks_ahead(request):
        control.mark_read(request.actor, fax_id=fax, read=True)
    return page_of(request, detail)


@account_page
@require_safe
def fax_status(request: AccountRequest, fax: UUID) -> HttpResponse:
    """The part of the page that changes while the fax is under way, told anew.

    The pages are left out if the asking page says that it has that many already.
    """
    context = _context(request, detail_for(request.actor, fax))
    leaves = len(context["leaves"])
    context["leaves_there"] = leaves > 0 and request.GET.get("leaves") == str(leaves)
    status = 200 if context["pulse"] else STOP_ASKING
    return render(request, "faxes/_fax_live.html", context, status=status)


@account_page
@require_POST
def fax_cancel(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Stop a fax that is not finished."""
    try:
        control.cancel_fax(request.actor, fax_id=fax)
    except MoveNotAllowed as error:
        return refused(request, fax, error)
    return to_fax(request, fax)


@account_page
@require_POST
@once
def fax_resend(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Send the same pages to the same number once more."""
    try:
        again = resend_fax(request.actor, fax_id=fax)
    except InvalidRequest as invalid:
        return refused(request, fax, invalid.errors[0])
    except AccountSuspended:
        return refused_while_suspended(request, fax)
    except FaxError as error:
        return refused(request, fax, error)
    messages.success(request, _("The fax is on its way again."))
    return to_fax(request, again.pk)


@account_page
@require_POST
@once
def fax_forward(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Send the pages to somebody else."""
    to = request.POST.get("to", "")
    try:
        sent = forward_fax(request.actor, fax_id=fax, to=to)
    except InvalidRequest as invalid:
        if not any(error.field for error in invalid.errors):  # not what was typed: the account
            return refused(request, fax, invalid.errors[0])
        return page_of(
            request,
            detail_for(request.actor, fax),
            forward_to=to,
            errors=beside_fields(invalid.errors),
            status=_UNPROCESSABLE,
        )
    except AccountSuspended:
        return refused_while_suspended(request, fax)
    except FaxError as error:
        return refused(request, fax, error)
    if len(sent) == 1:
        messages.success(request, _("The pages are on their way."))
        return to_fax(request, sent[0].pk)
    messages.success(
        request, _("The pages are on their way to {count} numbers.").format(count=len(sent))
    )
    outbox = reverse("outbox", kwargs={"account": request.account.pk})
    undoable = sent[0].undo_until is not None
    return redirect(f"{outbox}?sent={sent[0].pk}" if undoable else outbox)


@account_page
@require_POST
def fax_strip(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Remove the pages and keep the record."""
    try:
        privacy.strip_fax(request.actor, fax_id=fax)
    except MoveNotAllowed as error:
        return refused(request, fax, error)
    _told_with_receipt(request, fax, _("The pages are gone. The record of the fax is kept."))
    return to_fax(request, fax)


@account_page
@require_POST
def fax_delete(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Remove the fax with everything that belongs to it."""
    gone = fax_for(request.actor, fax)
    try:
        privacy.delete_fax(request.actor, fax_id=fax)
    except MoveNotAllowed as error:
        return refused(request, fax, error)
    party = party_of(gone, request.account)
    if gone.direction == Direction.INBOUND:
        _told_with_receipt(request, fax, _("The fax from {party} is deleted.").format(party=party))
        return redirect("inbox", account=request.account.pk)
    _told_with_receipt(request, fax, _("The fax to {party} is deleted.").format(party=party))
    return redirect("outbox", account=request.account.pk)


@account_page
@require_POST
def fax_read(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Mark an arrival as read, or as unread again."""
    read = request.POST.get("read", "1") != "0"
    try:
        control.mark_read(request.actor, fax_id=fax, read=read)
    except MoveNotAllowed as error:
        return refused(request, fax, error)
    if read:
        return to_fax(request, fax)
    # The fax page itself would mark it as read again.
    messages.success(request, _("Marked as unread."))
    return redirect("inbox", account=request.account.pk)


def _looks_ahead(request: AccountRequest) -> bool:
    """Whether the browser, not a person, asks: to be quicker should the person ask next."""
    return "prefetch" in request.headers.get("Sec-Purpose", "") or request.method != "GET"


def _told_with_receipt(request: AccountRequest, fax: UUID, told: str) -> None:
    """Say what was erased, and where the receipt for it is."""
    receipt = reverse("deleted-receipt-pdf", kwargs={"account": request.account.pk, "gone": fax})
    named = _("Deletion receipt (PDF)")
    messages.success(request, format_html('{} <a href="{}">{}</a>', told, receipt, named))


def to_fax(request: AccountRequest, fax: UUID) -> HttpResponseRedirect:
    """To the page of a fax."""
    return redirect("fax", account=request.account.pk, fax=fax)


def refused(request: AccountRequest, fax: UUID, error: FaxError) -> HttpResponse:
    """The page again, with why it cannot be done."""
    return page_of(
        request, detail_for(request.actor, fax), problem=sentence(error), status=_CONFLICT
    )


def refused_while_suspended(request: AccountRequest, fax: UUID) -> HttpResponse:
    """The page again, with why nothing can be sent."""
    problem = _("This account is suspended, so nothing can be sent. Ask your provider.")
    return page_of(request, detail_for(request.actor, fax), problem=problem, status=_FORBIDDEN)


def page_of(
    request: AccountRequest, detail: FaxDetail, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of a fax. One that says what is wrong stays until it is read."""
    context = _context(request, detail) | more
    if status >= HTTPStatus.BAD_REQUEST:
        context["pulse"] = 0
    return render(request, "faxes/fax.html", context, status=status)


def _context(request: AccountRequest, detail: FaxDetail) -> dict[str, Any]:
    """All that the page shows of a fax, in the words of its template."""
    fax, now = detail.fax, clock.now()
    state = FaxState(fax.state)
    finished = state not in _CAN_STOP and state != FaxState.RECEIVING
    leaves = detail.fax_document.pages if detail.fax_document else 0
    outbound = fax.direction == Direction.OUTBOUND
    sources = [each for each in detail.documents if each.role == DocumentRole.SOURCE]
    covers = [each for each in detail.documents if each.role == DocumentRole.COVER]
    return {
        "fax": fax,
        "form_key": new_form_key(),
        "bad_rows": _bad_rows(detail),
        "filed": filed_of(request, fax),
        "detail": detail,
        "party": party_of(fax, request.account),
        "title": title_of(fax, sources[0].name if sources else ""),
        "standing": standing_of(fax, now),
        "pulse": pulse_of(fax, now),
        "leaves": range(1, leaves + 1),
        "larger": _LARGER,
        "steps": timeline_of(detail, others=numbers_of(request.actor, linked(detail))),
        "next_try": next_try_of(fax, now),
        "holds": holds_on(request.actor, fax),
        "until": until_of(request.account, fax),
        "reason_length": REASON_LENGTH,
        "approval": approval_of(request.actor, request.account, fax),
        "undoable": fax if may_undo(request.actor, fax=fax, now=now) else None,
        "told": told_of(notifications_of(request.actor, fax.pk)),
        "attempts": detail.attempts,
        "far_end": far_end_of(request.actor, fax),
        "runs_as": owner_in(request.account),  # what a carrier costs is for who runs it
        "sources": sources,
        "trouble": _trouble(fax.error_code, fax.error_params),
        "outbound": outbound,
        "finished": finished,
        "can_stop": state in _CAN_STOP and not getattr(fax, "hang_up", False),
        "stopping": state == FaxState.SENDING and bool(getattr(fax, "hang_up", False)),
        "can_resend": outbound and state in _CAN_RESEND and leaves,
        "can_forward": finished and leaves,
        "covers": covers,
        "pages_to_forward": leaves - sum(each.pages for each in covers),
        "file_name": f"fax-{fax.created_at:%Y-%m-%d}-{fax.other_party.lstrip('+') or 'unknown'}",
        "pages_in_words": ngettext("{n} page", "{n} pages", fax.pages).format(n=fax.pages),
    }


def _bad_rows(detail: FaxDetail) -> int:
    """How many lines the last call damaged."""
    return (detail.attempts[-1].bad_rows or 0) if detail.attempts else 0


def _trouble(code: str, params: dict[str, Any]) -> str:
    """Why a fax could not be made, in words; empty if that is not the matter."""
    return sentence_for(ErrorCode(code), params) if code else ""
