"""The do-not-fax list: numbers that nothing is sent to, with why, when and by whom."""

from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.auth.portal import AccountRequest
from faxes import phone
from faxes.errors import InvalidRequest, RequestError
from faxes.portal.once import new_form_key, once
from faxes.portal.page import account_page, beside_fields
from faxes.queries.do_not_fax import list_do_not_fax, names_of
from faxes.services import do_not_fax as work

_UNPROCESSABLE: Final = 422
_LONGEST: Final = 80


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
@once
def do_not_fax(request: AccountRequest) -> HttpResponse:
    """The list, page by page; another number for it."""
    typed = dict.fromkeys(("number", "reason"), "")
    errors, status = {}, 200
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        try:
            entry = work.forbid(request.actor, number=typed["number"], reason=typed["reason"])
        except InvalidRequest as refused:
            errors, status = beside_fields(refused.errors), _UNPROCESSABLE
        else:
            words = _("Nothing is sent to {number} any more.")
            messages.success(request, words.format(number=_readable(request, entry.number)))
            return redirect("do-not-fax", account=request.account.pk)
    q, cursor = request.GET.get("q", "").strip()[:_LONGEST], request.GET.get("cursor", "")
    try:
        page = list_do_not_fax(request.actor, q=q, cursor=cursor)
    except RequestError:  # such a place there is not
        return redirect("do-not-fax", account=request.account.pk)
    names = names_of(request.actor, page.entries)
    more = {"q": q, "cursor": page.next_cursor}
    context = {
        "entries": [(entry, names.get(entry.created_by, "")) for entry in page.entries],
        "typed": typed,
        "errors": errors,
        "form_key": new_form_key(),
        "q": q,
        "later": bool(cursor),
        "next": urlencode(more) if page.next_cursor else "",
    }
    return render(request, "faxes/do_not_fax.html", context, status=status)


@account_page
@require_POST
def do_not_fax_remove(request: AccountRequest, entry: UUID) -> HttpResponse:
    """Take a number off the list."""
    number = work.allow_again(request.actor, entry_id=entry)
    words = _("Faxes may be sent to {number} again.")
    messages.success(request, words.format(number=_readable(request, number)))
    return redirect("do-not-fax", account=request.account.pk)


def _readable(request: AccountRequest, number: str) -> str:
    return phone.readable(number, country=request.account.country)
