"""Usage and money of an account: a month as a page, as CSV, and as a statement on paper."""

from datetime import date
from typing import Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.auth.portal import AccountRequest
from accounts.portal.page import account_page
from accounts.roles import Action
from accounts.services.periods import month_of, next_month
from accounts.services.statements import statement_pdf
from accounts.services.usage import ledger_csv, statement_for, this_month

_FIRST: Final = date(2020, 1, 1)  # before any account


@account_page(Action.USAGE_VIEW)
@require_safe
def usage(request: AccountRequest) -> HttpResponse:
    """A month: pages by day and destination, what they cost, how the account stands."""
    month, latest = _month(request), this_month(request.account, clock.now())
    context = {
        "statement": statement_for(request.actor, month=month),
        "earlier": month_of(date.fromordinal(month.toordinal() - 1)),
        "later": next_month(month) if month < latest else None,
    }
    return render(request, "accounts/usage.html", context)


@account_page(Action.USAGE_VIEW)
@require_safe
def usage_csv(request: AccountRequest) -> StreamingHttpResponse:
    """The entries of a month as CSV."""
    month = _month(request)
    response = StreamingHttpResponse(
        ledger_csv(request.actor, month=month), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="ledger-{month:%Y-%m}.csv"'
    return response


@account_page(Action.USAGE_VIEW)
@require_safe
def usage_pdf(request: AccountRequest) -> HttpResponse:
    """The statement of a month."""
    month = _month(request)
    paper = statement_pdf(request.actor, month=month)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="statement-{month:%Y-%m}.pdf"'
    return response


def _month(request: AccountRequest) -> date:
    """The month asked for, such as ``2026-11``; this one if none was, or what is none."""
    latest = this_month(request.account, clock.now())
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return latest
    return asked if _FIRST <= asked <= latest else latest
