"""How long a provider has the accounts below keep their faxes, at least and at most."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import moments
from accounts.auth.portal import AccountRequest
from accounts.errors import TermsInvalid
from accounts.portal.money_fields import WholeField
from accounts.portal.page import reseller_page
from accounts.roles import Action
from accounts.services.retention_bounds import (
    MOST_DAYS,
    Bounds,
    bounds_set_for,
    check_bounds,
    set_bounds,
    tightens,
)
from faxes.queries import tenants as queries

if TYPE_CHECKING:
    from accounts.models import Account

_UNPROCESSABLE: Final = 422
_CONFLICT: Final = 409


class BoundsForm(forms.Form):
    """Days at least and at most, of pages and of records; what is empty is no bound."""

    pages_least = WholeField(label=lazy("Pages at least"), required=False)
    pages_most = WholeField(label=lazy("Pages at most"), required=False)
    record_least = WholeField(label=lazy("Record at least"), required=False)
    record_most = WholeField(label=lazy("Record at most"), required=False)

    @classmethod
    def of(cls, bounds: Bounds) -> "BoundsForm":
        """The form with these bounds in it."""
        return cls(initial=asdict(bounds))

    @property
    def bounds(self) -> Bounds:
        """What was typed."""
        return Bounds(**self.cleaned_data)

    def clean(self) -> None:
        """Let pass what can be."""
        if self.errors:
            return
        try:
            check_bounds(self.bounds)
        except TermsInvalid:
            raise forms.ValidationError(
                _(
                    "Write whole numbers of days from 1 to {most}. “At least” cannot be more than "
                    "“at most”, and a record cannot go before its pages."
                ).format(most=moments.count(MOST_DAYS))
            ) from None


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def retention_below(request: AccountRequest) -> HttpResponse:
    """Bounds for all accounts below one's own."""
    return _saved(request, request.account, None)


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenant_retention(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Bounds for one tenant, and all below it."""
    return _saved(request, queries.tenant_for(request.actor, tenant), tenant)


def as_seen(form: forms.Form) -> str:
    """What a warning was about: the values of the form, for it to bring along."""
    return "-".join(str(value) for value in form.cleaned_data.values())


def is_sure(request: AccountRequest, form: forms.Form) -> bool:
    """Whether somebody says yes to just the values that they were warned of."""
    seen = request.POST.get("seen", as_seen(form))
    return request.POST.get("sure") == "1" and seen == as_seen(form)


def told_bounds(bounds: Bounds) -> list[str]:
    """Bounds as sentences."""
    told = []
    for days, words in (
        (bounds.pages_least, _("Pages are kept for at least {days}.")),
        (bounds.pages_most, _("Pages are kept for at most {days}.")),
        (bounds.record_least, _("The record of a fax is kept for at least {days}.")),
        (bounds.record_most, _("The record of a fax is kept for at most {days}.")),
    ):
        if days is not None:
            counted = ngettext("{n} day", "{n} days", days).format(n=moments.count(days))
            told.append(words.format(days=counted))
    return told


def _saved(request: AccountRequest, account: "Account", tenant: UUID | None) -> HttpResponse:
    form = BoundsForm(request.POST)
    if not form.is_valid():
        return _page(request, form, account, tenant, _UNPROCESSABLE)
    old = bounds_set_for(account, for_below=tenant is None)
    if tightens(old, form.bounds) and not is_sure(request, form):
        return _page(request, form, account, tenant, _CONFLICT)
    set_bounds(request.actor, account=account, bounds=form.bounds)
    messages.success(request, _("Saved how long faxes may be kept."))
    if tenant is None:
        return redirect("retention", account=request.account.pk)
    return redirect("tenant", account=request.account.pk, tenant=tenant)


def _page(
    request: AccountRequest, form: BoundsForm, account: "Account", tenant: UUID | None, status: int
) -> HttpResponse:
    """The form by itself: something is wrong, or it is to be confirmed."""
    context = {
        "bounds_form": form,
        "tenant": account if tenant else None,
        "sure": status == _CONFLICT,
        "seen": as_seen(form) if status == _CONFLICT else "",
    }
    return render(request, "faxes/retention_bounds.html", context, status=status)
