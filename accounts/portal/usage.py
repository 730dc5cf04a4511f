"""Usage and money of an account: a month as a page, as CSV, and as a statement on paper."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.auth.portal import AccountRequest
from accounts.portal.months import month_asked, neighbours
from accounts.portal.page import account_page
from accounts.roles import Action
from accounts.services.statements import statement_pdf
from accounts.services.usage import ledger_csv, statement_for, this_month


@account_page(Action.USAGE_VIEW)
@require_safe
def usage(request: AccountRequest) -> HttpResponse:
    """A month: pages by day and destination, what they cost, how the account stands."""
    month, latest = month_asked(request, request.account), this_month(request.account, clock.now())
    context = {
        "statement": statement_for(request.actor, month=month),
        **neighbours(month, latest),
    }
    return render(request, "accounts/usage.html", context)


@account_page(Action.USAGE_VIEW)
@require_safe
def usage_csv(request: AccountRequest) -> StreamingHttpResponse:
    """The entries of a month as CSV."""
    month = month_asked(request, request.account)
    response = StreamingHttpResponse(
        ledger_csv(request.actor, month=month), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="ledger-{month:%Y-%m}.csv"'
    return response


@account_page(Action.USAGE_VIEW)
@require_safe
def usage_pdf(request: AccountRequest) -> HttpResponse:
    """The statement of a month."""
    month = month_asked(request, request.account)
    paper = statement_pdf(request.actor, month=month)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="statement-{month:%Y-%m}.pdf"'
    return response
