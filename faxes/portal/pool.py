"""Numbers of those who provide: all of them as a list, given out, taken back, let go, exported."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.portal.page import read_id, reseller_page
from accounts.roles import Action
from faxes.enums import ErrorCode
from faxes.errors import RequestError
from faxes.queries import numbers as found
from faxes.queries.numbers import NumberFilter
from faxes.services import numbers as work
from faxes.wording import sentence

if TYPE_CHECKING:
    from faxes.models import Number

_UNPROCESSABLE: Final = 422
_STATES: Final = {"": None, "free": True, "used": False}
_E164: Final = re.compile(r"\+\d{1,15}")
_LONGEST: Final = 80
_TO_CHOOSE: Final = 200


@reseller_page(Action.TENANTS_MANAGE)
@require_safe
def number_list(request: AccountRequest) -> HttpResponse:
    """All numbers of the account and of those below it, page by page."""
    shown, asked = _asked(request.GET)
    after = request.GET.get("after", "")
    page = found.list_numbers(request.actor, shown, after=after if _E164.fullmatch(after) else "")
    context = {
        "numbers": page.numbers,
        "counts": found.count_numbers(request.actor),
        "asked": asked,
        "narrowed": any(asked.values()),
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "next": urlencode({**asked, "after": page.after}) if page.after else "",
        "later": bool(after),
    }
    return render(request, "faxes/pool.html", context)


@reseller_page(Action.TENANTS_MANAGE)
@require_safe
def number_csv(request: AccountRequest) -> StreamingHttpResponse:
    """The same numbers as a table for a spreadsheet, which can be brought in again."""
    shown, _asked_for = _asked(request.GET)
    lines = work.export_numbers(request.actor, shown=shown)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="numbers.csv"'
    return answer


@reseller_page(Action.TENANTS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def number_assign(request: AccountRequest) -> HttpResponse:
    """Give numbers of the pool to somebody: asks to whom, and does it."""
    if request.method != "POST":
        return _assign_page(request, request.GET)
    confirm(request)
    chosen = _ids(request.POST)
    account_id, faxbox_id = _id(request.POST, "account"), _id(request.POST, "faxbox")
    if account_id is None:
        return _assign_page(request, request.POST, error=_("Choose who gets them."))
    try:
        count = work.assign(
            request.actor, number_ids=chosen, account_id=account_id, faxbox_id=faxbox_id
        )
    except RequestError as error:
        machine = account_id if error.code == ErrorCode.FAXBOX_UNCLEAR else None
        return _assign_page(request, request.POST, error=sentence(error), machine_of=machine)
    words = ngettext("{count} number is assigned.", "{count} numbers are assigned.", count)
    messages.success(request, words.format(count=count))
    return redirect("tenants-numbers", account=request.account.pk)


@reseller_page(Action.TENANTS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def number_take_back(request: AccountRequest) -> HttpResponse:
    """Take numbers back into the pool: asks once more, and does it."""
    if request.method != "POST":
        return _sure_page(request, request.GET, "take-back")
    confirm(request)
    try:
        count = work.take_back(request.actor, number_ids=_ids(request.POST))
    except RequestError as error:
        return _sure_page(request, request.POST, "take-back", error=sentence(error))
    words = ngettext("{count} number is free again.", "{count} numbers are free again.", count)
    messages.success(request, words.format(count=count))
    return redirect("tenants-numbers", account=request.account.pk)


@reseller_page(Action.TENANTS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def number_release(request: AccountRequest) -> HttpResponse:
    """Let numbers of the pool go for good: asks once more, and does it."""
    if request.method != "POST":
        return _sure_page(request, request.GET, "release")
    confirm(request)
    try:
        count = work.release(request.actor, number_ids=_ids(request.POST))
    except RequestError as error:
        return _sure_page(request, request.POST, "release", error=sentence(error))
    words = ngettext("{count} number is released.", "{count} numbers are released.", count)
    messages.success(request, words.format(count=count))
    return redirect("tenants-numbers", account=request.account.pk)


def _assign_page(
    request: AccountRequest,
    typed: QueryDict,
    *,
    error: str = "",
    machine_of: UUID | None = None,
) -> HttpResponse:
    find = typed.get("find", "").strip()[:_LONGEST]
    chosen = found.chosen_numbers(request.actor, _ids(typed))
    free = [each for each in chosen if _is_free(request, each)]
    tenants = found.receivers(request.actor, find=find, limit=_TO_CHOOSE + 1)
    context = {
        "numbers": free,
        "left_out": len(chosen) - len(free),
        "tenants": tenants[:_TO_CHOOSE],
        "many": len(tenants) > _TO_CHOOSE or bool(find),
        "find": find,
        "to": _id(typed, "account"),
        "machines": found.faxboxes_of(request.actor, account_id=machine_of) if machine_of else [],
        "error": error,
    }
    status = _UNPROCESSABLE if error else 200
    return render(request, "faxes/pool_assign.html", context, status=status)


def _sure_page(
    request: AccountRequest, typed: QueryDict, act: str, *, error: str = ""
) -> HttpResponse:
    chosen = found.chosen_numbers(request.actor, _ids(typed))
    wanted = act == "release"
    fit = [each for each in chosen if _is_free(request, each) == wanted]
    context = {
        "act": act,
        "numbers": fit,
        "left_out": len(chosen) - len(fit),
        "error": error,
    }
    status = _UNPROCESSABLE if error else 200
    return render(request, "faxes/pool_sure.html", context, status=status)


def _is_free(request: AccountRequest, number: "Number") -> bool:
    return number.account_id == request.account.pk and number.faxbox_id is None


def _asked(query: QueryDict) -> tuple[NumberFilter, dict[str, str]]:
    """What the list is narrowed to, and that as it was typed."""
    state, tenant = query.get("state", ""), _id(query, "tenant")
    asked = {
        "q": query.get("q", "").strip()[:_LONGEST],
        "state": state if state in _STATES else "",
        "tenant": str(tenant or ""),
    }
    shown = NumberFilter(q=asked["q"], free=_STATES[asked["state"]], account_id=tenant)
    return shown, asked


def _ids(typed: QueryDict) -> Sequence[UUID]:
    """The ticked numbers; what is no id is nothing."""
    written = typed.getlist("number")[: work.MOST_AT_ONCE + 1]
    return [key for key in map(read_id, written) if key is not None]


def _id(typed: QueryDict, name: str) -> UUID | None:
    return read_id(typed.get(name, ""))
