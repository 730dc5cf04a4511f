"""A new tenant in one form: who it is, its number, its plan, and who administers it."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from accounts import wording
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountsError
from accounts.portal.money_fields import MoneyField
from accounts.portal.page import read_id, reseller_page
from accounts.roles import Action
from accounts.services import rates
from accounts.zones import zone_choices
from faxes import phone
from faxes.errors import FaxError, OrderRefused
from faxes.portal.once import once
from faxes.portal.tenants_places import countries
from faxes.queries import tenants as queries
from faxes.queries.numbers import free_to_choose
from faxes.services.provision import TenantOrder, provision
from faxes.wording import sentence

_UNPROCESSABLE: Final = 422
_FIND: Final = "find"
KINDS: Final = (
    ("customer", lazy("Customer: sends and receives faxes")),
    ("reseller", lazy("Reseller: has tenants of its own")),
)
_NONE: Final = lazy("None for now")


class TenantForm(forms.Form):
    """What a new tenant is to have."""

    name = forms.CharField(label=lazy("Name"), max_length=120)
    email = forms.EmailField(
        label=lazy("Email of its administrator"),
        max_length=254,
        help_text=lazy("They get an invitation to sign in, and can invite others."),
    )
    kind = forms.ChoiceField(
        label=lazy("Kind"), choices=KINDS, widget=forms.RadioSelect, initial="customer"
    )
    number = forms.TypedChoiceField(
        label=lazy("Fax number"), required=False, coerce=UUID, empty_value=None
    )
    plan = forms.TypedChoiceField(label=lazy("Plan"), required=False, coerce=UUID, empty_value=None)
    credit = MoneyField(
        label=lazy("Starting credit"),
        required=False,
        help_text=lazy("In the currency of the plan, such as 50.00. Leave it empty for none."),
    )
    time_zone = forms.ChoiceField(label=lazy("Time zone"))
    country = forms.ChoiceField(label=lazy("Country"))
    form_key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self,
        *args: Any,
        numbers: Sequence[tuple[str, str]],
        plans: Sequence[tuple[str, str]],
        zone: str,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self._offer("number", [("", _NONE), *numbers])
        self._offer("plan", [("", _NONE), *plans])
        self._offer("time_zone", zone_choices(zone))
        self._offer("country", countries())

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Credit is in the currency of a plan."""
        data = super().clean() or {}
        if data.get("credit") and not data.get("plan") and "plan" not in self.errors:
            self.add_error("plan", _("Choose the plan whose currency the credit is in."))
        return data


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def tenant_new(request: AccountRequest) -> HttpResponse:
    """Ask for what a new tenant is to have, and make it."""
    above = _above(request)
    finding = _FIND in request.POST
    form = _form(request, keep=finding)
    if request.method != "POST" or finding:
        return _page(request, form, above)
    if not form.is_valid():
        return _page(request, form, above, status=_UNPROCESSABLE)
    data = form.cleaned_data
    order = TenantOrder(
        name=data["name"],
        email=data["email"],
        kind=data["kind"],
        parent_id=above.pk if above else None,
        number_id=data["number"],
        plan_id=data["plan"],
        credit=data["credit"],
        time_zone=data["time_zone"],
        country=data["country"],
        key=data["form_key"],
    )
    try:
        made = provision(request.actor, order=order)
    except OrderRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, _words(refused))
        return _page(request, form, above, status=_UNPROCESSABLE)
    if made.mailed:
        messages.success(request, _("{name} is set up.").format(name=made.account.name))
    else:
        messages.error(
            request,
            _("{name} is set up, but the mail to {email} could not be sent. Send it again in a "
              "while.").format(name=made.account.name, email=order.email),
        )  # fmt: skip
    return redirect("tenant", account=request.account.pk, tenant=made.account.pk)


def _above(request: AccountRequest) -> Any:
    """The reseller below whom it is to be made; None for the account itself."""
    wanted = read_id(request.GET.get("below", ""))
    return None if wanted is None else queries.reseller_for(request.actor, wanted)


def _form(request: AccountRequest, *, keep: bool) -> TenantForm:
    chosen = request.POST.get("number", "")
    numbers = free_to_choose(request.actor, q=request.POST.get("q", ""), chosen=chosen)
    plans = [each for each in rates.plans_of(request.actor) if each.archived_at is None]
    typed: dict[str, Any] = {}
    if keep:
        typed["initial"] = {name: request.POST.get(name, "") for name in TenantForm.base_fields}
    elif request.method == "POST":
        typed["data"] = request.POST
    else:
        typed["initial"] = {
            "form_key": str(uuid4()),
            "time_zone": request.account.time_zone,
            "country": request.account.country,
        }
    return TenantForm(
        **typed,
        numbers=[(str(each.pk), phone.readable(each.e164)) for each in numbers],
        plans=[(str(each.pk), f"{each.name} ({each.deck.currency})") for each in plans],
        zone=request.account.time_zone,
    )


def _page(
    request: AccountRequest, form: TenantForm, above: Any, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "above": above,
        "q": request.POST.get("q", ""),
        "found": len(form.fields["number"].choices) - 1,  # type: ignore[attr-defined]
        "plans": len(form.fields["plan"].choices) - 1,  # type: ignore[attr-defined]
    }
    return render(request, "faxes/tenant_new.html", context, status=status)


def _words(refused: OrderRefused) -> str:
    reason = refused.reason
    if isinstance(reason, AccountsError):
        return wording.sentence(reason)
    assert isinstance(reason, FaxError)  # noqa: S101 (an order is refused for nothing else)
    return sentence(reason)
