"""One act on the tenants that are ticked: first what would happen, then how it went for each."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from accounts import wording
from accounts.auth.portal import AccountRequest
from accounts.errors import TooManyTenants
from accounts.portal.money_fields import MoneyField
from accounts.portal.page import reseller_page
from accounts.roles import Action
from accounts.services import rates
from accounts.services.tenant_bulk import MOST_AT_ONCE, BulkAct, BulkOrder, do_to_many
from faxes.queries import tenants as queries

_UNPROCESSABLE: Final = 422


class BulkForm(forms.Form):
    """What an act needs to know; each act has its own one field, resuming has none."""

    reason = forms.CharField(
        label=lazy("Reason"),
        required=False,
        max_length=200,
        help_text=lazy("It goes on record, for you and for the tenants."),
    )
    plan = forms.TypedChoiceField(label=lazy("Plan"), coerce=UUID)
    amount = MoneyField(
        label=lazy("Amount for each"),
        help_text=lazy("In the currency of each tenant, such as 50.00."),
    )
    form_key = forms.CharField(widget=forms.HiddenInput, max_length=36)

    _NEEDS: Final = {BulkAct.SUSPEND: "reason", BulkAct.PLAN: "plan", BulkAct.TOP_UP: "amount"}

    def __init__(
        self, *args: Any, act: BulkAct, plans: Sequence[tuple[str, str]], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        for name in set(self._NEEDS.values()) - {self._NEEDS.get(act, "")}:
            del self.fields[name]
        if (plan := self.fields.get("plan")) is not None:
            assert isinstance(plan, forms.ChoiceField)  # noqa: S101 (for the type)
            plan.choices = [("", _("Choose a plan")), *plans]

    def clean_amount(self) -> int:
        """Micro-units above zero."""
        amount: int = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError(_("Write an amount above zero."))
        return amount


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenants_bulk(request: AccountRequest) -> HttpResponse:
    """Tell what would happen; done is it once that is confirmed."""
    try:
        act, ids = BulkAct(request.POST.get("act", "")), _ticked(request)
    except ValueError:
        return _back(request, _("Choose what to do with the ticked tenants."))
    except TooManyTenants as error:
        return _back(request, wording.sentence(error))
    rows = queries.chosen_tenants(request.actor, ids)
    if not rows:
        return _back(request, _("Tick at least one tenant."))
    confirmed = "confirmed" in request.POST
    plans = [each for each in rates.plans_of(request.actor) if each.archived_at is None]
    form = BulkForm(
        request.POST if confirmed else None,
        initial={"form_key": str(uuid4())},
        act=act,
        plans=[(str(each.pk), f"{each.name} ({each.deck.currency})") for each in plans],
    )
    context: dict[str, Any] = {"act": act.value, "rows": rows, "form": form}
    if not confirmed or not form.is_valid():
        status = _UNPROCESSABLE if confirmed else 200
        return render(request, "faxes/tenants_bulk.html", context, status=status)
    data = form.cleaned_data
    order = BulkOrder(
        act=act,
        account_ids=[row.account.pk for row in rows],
        reason=data.get("reason", ""),
        plan_id=data.get("plan"),
        amount=data.get("amount", 0),
        key=data["form_key"],
    )
    outcomes = [
        (each.account, wording.sentence(each.error) if each.error else "")
        for each in do_to_many(request.actor, order=order)
    ]
    failed = sum(1 for _account, trouble in outcomes if trouble)
    context |= {"outcomes": outcomes, "failed": failed, "succeeded": len(outcomes) - failed}
    return render(request, "faxes/tenants_bulk_done.html", context)


def _ticked(request: AccountRequest) -> list[UUID]:
    """The tenants that are ticked.

    Raises:
        ValueError: what should be an id is none.
        TooManyTenants

    """
    written = request.POST.getlist("tenant")
    if len(written) > MOST_AT_ONCE:
        raise TooManyTenants(MOST_AT_ONCE)
    return [UUID(each) for each in written]


def _back(request: AccountRequest, trouble: str) -> HttpResponse:
    messages.error(request, trouble)
    return redirect("tenants", account=request.account.pk)
