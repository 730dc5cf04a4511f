"""How long faxes are kept: chosen for the account or one fax machine, what runs did and will do."""

from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from accounts import clock, moments
from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.portal.money_fields import WholeField
from accounts.roles import Action
from accounts.services.retention_bounds import Kept, bounds_set_for
from accounts.tenancy import require
from faxes.enums import Direction, ErrorCode
from faxes.errors import InvalidRequest, RequestError
from faxes.portal.once import new_form_key
from faxes.portal.page import account_page, beside_fields
from faxes.portal.retention_bounds import BoundsForm, as_seen, is_sure, told_bounds
from faxes.queries.faxes import faxboxes_for
from faxes.queries.legal_holds import holds_of_faxbox, list_holds
from faxes.queries.numbers import faxbox_for
from faxes.queries.retention import Rules, forecast, next_run, rules_of, runs_of
from faxes.services.legal_holds import REASON_LENGTH
from faxes.services.retention import set_rules

if TYPE_CHECKING:
    from faxes.models import Faxbox

_UNPROCESSABLE: Final = 422
_CONFLICT: Final = 409
_WAYS: Final = (
    (Direction.INBOUND, lazy("Received faxes")),
    (Direction.OUTBOUND, lazy("Sent faxes")),
)


class RetentionForm(forms.Form):
    """Days for pages and records, each way; what is empty is for ever."""

    inbound_pages = WholeField(label=lazy("Keep the pages for"), required=False)
    inbound_record = WholeField(label=lazy("Keep the record for"), required=False)
    outbound_pages = WholeField(label=lazy("Keep the pages for"), required=False)
    outbound_record = WholeField(label=lazy("Keep the record for"), required=False)
    own = forms.BooleanField(required=False, label=lazy("This fax machine has its own times"))

    @property
    def chosen(self) -> dict[Direction, Kept]:
        """What was typed, each way."""
        data = self.cleaned_data
        return {
            way: Kept(data[f"{way.value}_pages"], data[f"{way.value}_record"]) for way in Direction
        }


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: AccountRequest) -> HttpResponse:
    """How long the account keeps its faxes."""
    require(request.actor, Action.RETENTION_MANAGE)
    return _answered(request, None)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def faxbox_retention(request: AccountRequest, faxbox: UUID) -> HttpResponse:
    """How long one fax machine keeps its faxes."""
    require(request.actor, Action.RETENTION_MANAGE)
    return _answered(request, faxbox_for(request.actor, faxbox))


def _answered(request: AccountRequest, machine: "Faxbox | None") -> HttpResponse:
    rules = rules_of(request.account)
    if request.method != "POST":
        return _page(request, rules, RetentionForm(initial=_shown(rules, machine)), machine)
    confirm(request)
    form = RetentionForm(request.POST)
    if not form.is_valid():
        return _page(request, rules, form, machine, status=_UNPROCESSABLE)
    chosen = form.chosen if machine is None or form.cleaned_data["own"] else {}
    faxbox_id = machine.pk if machine else None
    try:
        sure = is_sure(request, form)
        set_rules(request.actor, chosen=chosen, faxbox_id=faxbox_id, sure=sure)
    except InvalidRequest as invalid:
        for name, sentences in beside_fields(invalid.errors).items():
            for said in sentences:
                form.add_error(name, said)
        return _page(request, rules, form, machine, status=_UNPROCESSABLE)
    except RequestError as error:
        if error.code != ErrorCode.RETENTION_UNCONFIRMED:
            raise
        day = day_words(error.params["day"])
        told = {"sure": error.params, "sure_day": day, "seen": as_seen(form)}
        return _page(request, rules, form, machine, status=_CONFLICT, **told)
    messages.success(request, _("Saved how long faxes are kept."))
    if machine is None:
        return redirect("retention", account=request.account.pk)
    return redirect("faxbox-retention", account=request.account.pk, faxbox=machine.pk)


def _page(
    request: AccountRequest,
    rules: Rules,
    form: RetentionForm,
    machine: "Faxbox | None",
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    account = request.account
    day = next_run(account, clock.now())
    told = forecast(account, rules, day)
    key = machine.pk if machine else None
    context = {
        "form": form,
        "machine": machine,
        "ways": [_way(form, rules, key, way, words) for way, words in _WAYS],
        "bounds": told_bounds(rules.bounds),
        "told": told,
        "day": day_words(day),
        "runs": [] if machine else [(day_words(each.day), each) for each in runs_of(request.actor)],
        "machines": []
        if machine
        else [(each, rules.has_own(each.pk)) for each in faxboxes_for(request.actor)],
        "holds": holds_of_faxbox(request.actor, key) if key else _first_holds(request),
        "reason_length": REASON_LENGTH,
        "form_key": new_form_key(),
        "bounds_form": BoundsForm.of(bounds_set_for(account, for_below=True))
        if account.provides and not machine
        else None,
    }
    return render(request, "faxes/retention.html", context | more, status=status)


def _first_holds(request: AccountRequest) -> list[Any]:
    """What is held at present; a few, as there is a page of all."""
    return list(list_holds(request.actor, lifted=False, size=5).holds)


def _way(
    form: RetentionForm, rules: Rules, faxbox_id: UUID | None, way: Direction, words: Any
) -> dict[str, Any]:
    """One direction, as the page shows it; ``counts`` where it is not what was chosen."""
    chosen, kept = rules.chosen_for(faxbox_id, way), rules.kept(faxbox_id, way)
    return {
        "name": way.value,
        "words": words,
        "pages": form[f"{way.value}_pages"],
        "record": form[f"{way.value}_record"],
        "kept": kept,
        "bounded": chosen != kept,
    }


def _shown(rules: Rules, machine: "Faxbox | None") -> dict[str, Any]:
    key = machine.pk if machine else None
    shown: dict[str, Any] = {"own": key is not None and rules.has_own(key)}
    for way in Direction:
        kept = rules.chosen_for(key, way)
        shown |= {f"{way.value}_pages": kept.pages, f"{way.value}_record": kept.record}
    return shown


def day_words(day: date) -> str:
    """A day, as people say it."""
    return moments.tell(day, "long")
