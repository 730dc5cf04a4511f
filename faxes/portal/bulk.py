"""One act on the faxes that are ticked: told first if it cannot be taken back, and how it went."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountSuspended
from faxes.enums import ErrorCode
from faxes.errors import FaxError, FaxNotFound, InvalidRequest, RequestError
from faxes.portal.filing import chosen
from faxes.portal.once import new_form_key, once
from faxes.portal.page import account_page
from faxes.portal.places import UNDO, back_to, list_named, place_of
from faxes.portal.rows import party_of, row_of
from faxes.queries.filing import Filed
from faxes.services import bulk, bulk_files
from faxes.services.bulk import BulkAct, BulkOrder, Outcome
from faxes.services.bulk_files import Bundle
from faxes.wording import sentence

_ERASING: Final = frozenset({BulkAct.STRIP, BulkAct.DELETE})


@account_page
@require_POST
@once
def faxes_bulk(request: AccountRequest) -> HttpResponse:
    """Do something with the ticked faxes, or first tell what that means."""
    try:
        act = BulkAct(request.POST.get("act", ""))
    except ValueError:
        messages.error(request, _("Choose what to do with the ticked faxes."))
        return back_to(request)
    bulk.require_act(request.actor, act=act)
    try:
        ids = _ticked(request)
        if act in bulk.CONFIRMED and "confirmed" not in request.POST:
            return _sure(request, act, ids)
        order = BulkOrder(
            act=act,
            fax_ids=ids,
            label_id=chosen(request, "label", ErrorCode.LABEL_NOT_FOUND),
            person=chosen(request, "person", ErrorCode.OWNER_NOT_MEMBER),
        )
        outcomes = bulk.do_to_many(request.actor, order=order)
    except FaxError as error:
        messages.error(request, sentence(error))
        return back_to(request)
    _tell(request, act, outcomes)
    return back_to(request)


@account_page
@require_POST
def faxes_zip(request: AccountRequest) -> HttpResponseBase:
    """The ticked faxes as a ZIP with a PDF each."""
    without = _("These faxes have no pages to download:")
    return _download(
        request, "zip", lambda ids: bulk_files.zip_of(request.actor, fax_ids=ids, without=without)
    )


@account_page
@require_POST
def faxes_pdf(request: AccountRequest) -> HttpResponseBase:
    """The ticked faxes as one PDF."""
    return _download(request, "pdf", lambda ids: bulk_files.pdf_of(request.actor, fax_ids=ids))


def _download(request: AccountRequest, form: str, pack: Any) -> HttpResponseBase:
    try:
        bundle: Bundle = pack(_ticked(request))
    except FaxError as error:
        messages.error(request, sentence(error))
        return back_to(request)
    if bundle.left_out and form == "pdf":
        names = ", ".join(party_of(fax, request.account) for fax in bundle.left_out)
        messages.error(
            request, _("Not in the PDF, as they have no pages: {names}").format(names=names)
        )
    return FileResponse(
        bundle.stream,
        as_attachment=True,
        filename=f"{list_named(request)}-{clock.now():%Y-%m-%d}.{form}",
        content_type=f"application/{form}",
    )


def _ticked(request: AccountRequest) -> list[UUID]:
    """The faxes that are ticked; what is no id names none.

    Raises:
        RequestError: there are too many.

    """
    written = request.POST.getlist("fax")
    if len(written) > bulk.MOST_AT_ONCE:
        raise RequestError(ErrorCode.TOO_MANY_FAXES_CHOSEN, limit=bulk.MOST_AT_ONCE)
    ids = []
    for each in written:
        try:
            ids.append(UUID(each))
        except ValueError:
            continue
    if not ids:
        raise RequestError(ErrorCode.NO_FAXES_CHOSEN)
    return ids


def _sure(request: AccountRequest, act: BulkAct, ids: list[UUID]) -> HttpResponse:
    """What would happen to which faxes."""
    now = clock.now()
    faxes = bulk.chosen_faxes(request.actor, fax_ids=ids)
    if not faxes:
        raise RequestError(ErrorCode.NO_FAXES_CHOSEN)
    context = {
        "act": act.value,
        "rows": [row_of(fax, request.account, now, Filed()) for fax in faxes],
        "pages": sum(fax.pages for fax in faxes),
        "form_key": new_form_key(),
        "list_name": list_named(request),
        "place": place_of(request),
    }
    return render(request, "faxes/faxes_bulk.html", context)


def _tell(request: AccountRequest, act: BulkAct, outcomes: Sequence[Outcome]) -> None:
    """How it went: how many were done, and each that was not, by its reason."""
    done = [each for each in outcomes if each.error is None]
    if act == BulkAct.ARCHIVE and done:
        request.session[UNDO] = [str(each.fax_id) for each in done]
    elif act in _ERASING and done:
        messages.success(request, _with_receipts(request, _done(act, len(done)), done))
    elif done:
        messages.success(request, _done(act, len(done)))
    reasons: dict[str, list[str]] = {}
    for each in outcomes:
        if each.error is not None:
            party = party_of(each.fax, request.account) if each.fax else _("one that is gone")
            reasons.setdefault(_why(each.error), []).append(party)
    for why, parties in reasons.items():
        told = _("Not done for {parties}: {why}")
        names = ", ".join(dict.fromkeys(parties))
        messages.error(request, told.format(parties=names, why=why))


def _with_receipts(request: AccountRequest, told: str, done: Sequence[Outcome]) -> str:
    """What was erased, and where the receipt for each is."""
    links = [
        (
            reverse(
                "deleted-receipt-pdf", kwargs={"account": request.account.pk, "gone": each.fax_id}
            ),
            party_of(each.fax, request.account) if each.fax else str(each.fax_id),
        )
        for each in done
    ]
    named = ngettext("Deletion receipt (PDF):", "Deletion receipts (PDF):", len(links))
    listed = format_html_join(", ", '<a href="{}">{}</a>', links)
    return format_html("{} {} {}", told, named, listed)


def _done(act: BulkAct, n: int) -> str:
    words = {
        BulkAct.READ: ngettext("{n} fax marked as read.", "{n} faxes marked as read.", n),
        BulkAct.UNREAD: ngettext("{n} fax marked as unread.", "{n} faxes marked as unread.", n),
        BulkAct.UNARCHIVE: ngettext(
            "{n} fax is back in the list.", "{n} faxes are back in the list.", n
        ),
        BulkAct.LABEL: ngettext("Label put on {n} fax.", "Label put on {n} faxes.", n),
        BulkAct.UNLABEL: ngettext("Label taken off {n} fax.", "Label taken off {n} faxes.", n),
        BulkAct.ASSIGN: ngettext("Saved who sees to {n} fax.", "Saved who sees to {n} faxes.", n),
        BulkAct.RESEND: ngettext(
            "{n} fax is on its way again.", "{n} faxes are on their way again.", n
        ),
        BulkAct.STRIP: ngettext(
            "The pages of {n} fax are gone. Its record is kept.",
            "The pages of {n} faxes are gone. Their records are kept.",
            n,
        ),
        BulkAct.DELETE: ngettext("{n} fax is deleted.", "{n} faxes are deleted.", n),
    }
    return words[act].format(n=n)


def _why(error: Exception) -> str:
    """Why something was not done, in words."""
    if isinstance(error, InvalidRequest):
        return sentence(error.errors[0])
    if isinstance(error, FaxError):
        return sentence(error)
    if isinstance(error, FaxNotFound):
        return _("There is no such fax any more.")
    if isinstance(error, AccountSuspended):
        return _("This account is suspended, so nothing can be sent. Ask your provider.")
    return _("You may only look at the faxes of this fax machine.")
