"""Credit of an account below: how it stands and pays, top-ups, corrections, its ledger, papers."""

from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import clock, wording
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountsError, CurrencyDiffers
from accounts.portal.money_fields import MoneyField
from accounts.portal.months import month_asked, neighbours
from accounts.portal.page import TOLD_ELSEWHERE, reseller_page
from accounts.roles import Action
from accounts.services import money
from accounts.services.amounts import readable
from accounts.services.money import BillingTerms, Standing
from accounts.services.statements import statement_pdf_below
from accounts.services.usage import ledger_below, ledger_csv_below, statement_below, this_month

_UNPROCESSABLE: Final = 422
_NOTE: Final = 200


class TermsForm(forms.Form):
    """How an account pays."""

    plan_id = forms.TypedChoiceField(label=lazy("Plan"), coerce=UUID)
    mode = forms.ChoiceField(
        label=lazy("It pays"),
        choices=[
            ("prepaid", lazy("Ahead (prepaid)")),
            ("postpaid", lazy("Later, up to a limit (postpaid)")),
        ],
    )
    credit_limit = MoneyField(
        label=lazy("Credit limit"),
        required=False,
        help_text=lazy("How far below zero it may go, if it pays later."),
    )
    low_balance = MoneyField(
        label=lazy("Warn below"),
        required=False,
        help_text=lazy("Its administrators get a mail when less than this is left. Zero: never."),
    )

    def __init__(self, *args: Any, standing: Standing, **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [(str(plan.pk), f"{plan} ({plan.deck.currency})") for plan in standing.plans]
        field = self.fields["plan_id"]
        field.choices = choices if standing.billing else [("", _("Choose…")), *choices]  # type: ignore[attr-defined]


class _BookForm(forms.Form):
    """An order that is booked once, however often it is sent."""

    key = forms.CharField(max_length=36, min_length=36, widget=forms.HiddenInput)


class TopUpForm(_BookForm):
    """Money that came in."""

    amount = MoneyField(label=lazy("Amount"))
    note = forms.CharField(
        label=lazy("Note"),
        max_length=_NOTE,
        required=False,
        help_text=lazy("Such as the number of an invoice. The customer sees it."),
    )

    def clean_amount(self) -> int:
        """Some money."""
        amount: int = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError(_("Write an amount above zero."))
        return amount


class AdjustForm(_BookForm):
    """A correction."""

    amount = MoneyField(
        label=lazy("Amount"),
        signed=True,
        help_text=lazy("With a minus sign if it is taken away."),
    )
    note = forms.CharField(
        label=lazy("Reason"), max_length=_NOTE, help_text=lazy("The customer sees it.")
    )

    def clean_amount(self) -> int:
        """Some money, up or down."""
        amount: int = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("Write an amount other than zero."))
        return amount


@reseller_page(Action.MONEY_MANAGE)
@require_safe
def credit(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """How an account below stands, what it pays, and its ledger of a month."""
    return _page(request, tenant)


@reseller_page(Action.MONEY_MANAGE, confirmed=True)
@require_POST
def credit_terms(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Put it on a plan, with how it pays."""
    standing = money.terms_below(request.actor, account_id=tenant)
    form = TermsForm(request.POST, standing=standing, prefix="terms")
    if form.is_valid():
        try:
            terms = BillingTerms(**form.cleaned_data)
            money.set_billing(request.actor, account_id=tenant, terms=terms)
        except TOLD_ELSEWHERE:
            raise
        except AccountsError as error:
            field = "terms-plan_id" if isinstance(error, CurrencyDiffers) else None
            form.add_error(field and "plan_id", wording.sentence(error))
        else:
            return _done(request, tenant, _("This holds from now on."))
    return _page(request, tenant, terms=form)


@reseller_page(Action.MONEY_MANAGE, confirmed=True)
@require_POST
def credit_top_up(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Book money that came in."""
    form = TopUpForm(request.POST, prefix="top")
    if not form.is_valid():
        return _page(request, tenant, top_up=form)
    entry = money.top_up(request.actor, account_id=tenant, **form.cleaned_data)
    return _booked(request, tenant, entry.amount)


@reseller_page(Action.MONEY_MANAGE, confirmed=True)
@require_POST
def credit_adjust(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Book a correction."""
    form = AdjustForm(request.POST, prefix="fix")
    if not form.is_valid():
        return _page(request, tenant, adjust=form)
    entry = money.adjust(request.actor, account_id=tenant, **form.cleaned_data)
    return _booked(request, tenant, entry.amount)


@reseller_page(Action.MONEY_MANAGE)
@require_safe
def credit_csv(request: AccountRequest, tenant: UUID) -> StreamingHttpResponse:
    """Its ledger of a month as CSV."""
    month = _month(request, tenant)
    lines = ledger_csv_below(request.actor, account_id=tenant, month=month)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="ledger-{month:%Y-%m}.csv"'
    return answer


@reseller_page(Action.MONEY_MANAGE)
@require_safe
def credit_pdf(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Its statement of a month."""
    month = _month(request, tenant)
    paper = statement_pdf_below(request.actor, account_id=tenant, month=month)
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="statement-{month:%Y-%m}.pdf"'
    return answer


def _page(request: AccountRequest, tenant: UUID, **forms_used: forms.Form) -> HttpResponse:
    standing = money.terms_below(request.actor, account_id=tenant)
    month = month_asked(request, standing.account)
    below = request.GET.get("below", "")
    keys = {"key": str(uuid4())}
    context: dict[str, Any] = {
        "standing": standing,
        "tenant": standing.account,
        "terms": TermsForm(standing=standing, initial=_terms_of(standing), prefix="terms"),
        "top_up": TopUpForm(initial=keys, prefix="top"),
        "adjust": AdjustForm(initial=keys, prefix="fix"),
        "statement": statement_below(request.actor, account_id=tenant, month=month),
        "ledger": ledger_below(
            request.actor,
            account_id=tenant,
            month=month,
            below=int(below) if below.isdecimal() and len(below) < len(str(2**62)) else 0,
        ),
        "later_entries": bool(below),
        **neighbours(month, this_month(standing.account, clock.now())),
        **forms_used,
    }
    status = _UNPROCESSABLE if forms_used else 200
    return render(request, "accounts/credit.html", context, status=status)


def _terms_of(standing: Standing) -> dict[str, Any]:
    billing = standing.billing
    names = ("plan_id", "mode", "credit_limit", "low_balance")
    return {name: getattr(billing, name) for name in names} if billing else {}


def _month(request: AccountRequest, tenant: UUID) -> date:
    return month_asked(request, money.terms_below(request.actor, account_id=tenant).account)


def _booked(request: AccountRequest, tenant: UUID, amount: int) -> HttpResponse:
    standing = money.terms_below(request.actor, account_id=tenant)
    currency = standing.funds.currency if standing.funds else ""
    return _done(request, tenant, _("{amount} booked.").format(amount=readable(amount, currency)))


def _done(request: AccountRequest, tenant: UUID, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("tenant-credit", account=request.account.pk, tenant=tenant)
