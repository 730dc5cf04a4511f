"""Price lists and plans of those who provide: seen with who uses them, made, changed, put away."""

import re
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import wording
from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountsError, CurrencyDiffers, LineInvalid, NameTaken
from accounts.portal.money_fields import MoneyField, WholeField
from accounts.portal.page import TOLD_ELSEWHERE, done, reseller_page
from accounts.roles import Action
from accounts.services import plans, rates
from accounts.services.rates import NewRate, PlanTerms
from faxes import phone
from faxes.errors import NumberError
from faxes.portal.sheet_field import text_of

if TYPE_CHECKING:
    from accounts.models import Plan

_UNPROCESSABLE: Final = 422
_SHOWN: Final = 20
_DIGITS: Final = 15
_NOT_DIGITS: Final = re.compile(r"\D+")
FAULTS: Final[dict[str, Promise]] = {
    "unreadable": lazy("Line {line} cannot be read: write prefix, price and what may follow."),
    "prefix": lazy("Line {line} does not begin with the digits that numbers begin with."),
    "twice": lazy("Line {line} has a prefix that an earlier line has."),
    "price": lazy("Line {line} has no price in figures, such as 0.07."),
    "increment": lazy("Line {line} rounds up to no sensible time: 1 to 600 seconds."),
    "many": lazy("These are too many lines."),
}


class DeckForm(forms.Form):
    """What a price list is called, and its currency."""

    name = forms.CharField(label=lazy("Name"), max_length=80)
    currency = forms.RegexField(
        r"^\s*[A-Za-z]{3}\s*$",
        label=lazy("Currency"),
        initial="USD",
        help_text=lazy("Three letters, such as USD or EUR. It stays for good."),
        error_messages={"invalid": lazy("Write three letters, such as USD.")},
    )


class NameForm(forms.Form):
    """Another name."""

    name = forms.CharField(label=lazy("Name"), max_length=80)


class PlanForm(forms.Form):
    """What a plan asks and gives."""

    name = forms.CharField(
        label=lazy("Name"), max_length=80, help_text=lazy("Your customers see it.")
    )
    deck_id = forms.TypedChoiceField(label=lazy("Price list"), coerce=UUID)
    monthly_fee = MoneyField(label=lazy("Fee a month"), required=False, initial=0)
    included_pages = WholeField(
        label=lazy("Pages included in it"),
        required=False,
        min_value=0,
        max_value=10**9,
        initial=0,
        help_text=lazy("Sent pages, a month."),
    )
    beyond = forms.ChoiceField(
        label=lazy("When they are used up"),
        choices=[
            ("charge", lazy("Charge further pages")),
            ("refuse", lazy("Send no more that month")),
        ],
    )
    received_price = MoneyField(
        label=lazy("A page that comes in"),
        required=False,
        initial=0,
        help_text=lazy("Zero where receiving is free."),
    )

    def __init__(self, *args: Any, decks: list[plans.Deck], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["deck_id"].choices = [  # type: ignore[attr-defined]
            (str(each.deck.pk), f"{each.deck.name} ({each.deck.currency})") for each in decks
        ]

    def clean_included_pages(self) -> int:
        """None is zero."""
        return self.cleaned_data["included_pages"] or 0


@reseller_page(Action.MONEY_MANAGE)
@require_safe
def plan_list(request: AccountRequest) -> HttpResponse:
    """All plans and price lists."""
    context = {
        "offers": plans.offers_of(request.actor),
        "decks": plans.decks_with_use(request.actor),
    }
    return render(request, "faxes/plans.html", context)


@reseller_page(Action.MONEY_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: AccountRequest) -> HttpResponse:
    """Make a plan."""
    return _plan_page(request, None)


@reseller_page(Action.MONEY_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_edit(request: AccountRequest, plan: UUID) -> HttpResponse:
    """Change a plan."""
    return _plan_page(request, plans.plan_of(request.actor, plan_id=plan))


@reseller_page(Action.MONEY_MANAGE, confirmed=True)
@require_POST
def plan_away(request: AccountRequest, plan: UUID) -> HttpResponse:
    """Put a plan away, or delete one that nobody is on."""
    gone = plans.put_plan_away(request.actor, plan_id=plan)
    kept = _(
        "The plan is no longer offered. Who is on it stays on it; nobody else can be put on it."
    )
    messages.success(request, _("The plan is deleted.") if gone else kept)
    return redirect("tenants-plans", account=request.account.pk)


@reseller_page(Action.MONEY_MANAGE, confirmed=True)
@require_POST
def plan_restore(request: AccountRequest, plan: UUID) -> HttpResponse:
    """Offer a plan again."""
    plans.restore_plan(request.actor, plan_id=plan)
    messages.success(request, _("The plan is offered again."))
    return redirect("tenants-plans", account=request.account.pk)


@reseller_page(Action.MONEY_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def deck_new(request: AccountRequest) -> HttpResponse:
    """Make a price list, empty at first."""
    if request.method != "POST":
        return render(request, "faxes/deck_new.html", {"form": DeckForm()})
    confirm(request)
    form = DeckForm(request.POST)
    if form.is_valid():
        try:
            deck = rates.create_deck(request.actor, **form.cleaned_data)
        except TOLD_ELSEWHERE:
            raise
        except AccountsError as error:
            form.add_error("name", wording.sentence(error))
        else:
            messages.success(request, _("“{name}” is made. Now its prices.").format(name=deck.name))
            return redirect("tenants-deck-rates", account=request.account.pk, deck=deck.pk)
    return render(request, "faxes/deck_new.html", {"form": form}, status=_UNPROCESSABLE)


@reseller_page(Action.MONEY_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def deck(request: AccountRequest, deck: UUID) -> HttpResponse:
    """A price list: its prices page by page, what a number would cost, another name."""
    kept = rates.deck_of(request.actor, deck_id=deck)
    form = NameForm(initial={"name": kept.name})
    if request.method == "POST":
        confirm(request)
        form = NameForm(request.POST)
        if form.is_valid():
            try:
                plans.rename_deck(request.actor, deck_id=deck, name=form.cleaned_data["name"])
            except NameTaken as error:
                form.add_error("name", wording.sentence(error))
            else:
                messages.success(request, _("The name is changed."))
                return redirect("tenants-deck", account=request.account.pk, deck=deck)
    after = request.GET.get("after", "")
    asked = request.GET.get("number", "").strip()[:40]
    number = _dialled(asked, request.account.country)
    context = {
        "deck": kept,
        "form": form,
        "size": next(
            each for each in plans.decks_with_use(request.actor) if each.deck.pk == kept.pk
        ),
        "page": plans.rates_in(
            request.actor, deck_id=deck, after=after if after.isdecimal() else ""
        ),
        "later": bool(after),
        "asked": asked,
        "number": number,
        "rate": plans.rate_for(request.actor, deck_id=deck, number=number) if number else None,
    }
    return render(
        request, "faxes/deck.html", context, status=_UNPROCESSABLE if form.errors else 200
    )


@reseller_page(Action.MONEY_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def deck_rates(request: AccountRequest, deck: UUID) -> HttpResponse:
    """New prices for a price list: read from CSV, looked at, then put in place of the old."""
    kept = rates.deck_of(request.actor, deck_id=deck)
    if request.method != "POST":
        return render(request, "faxes/deck_rates.html", {"deck": kept})
    confirm(request)
    text, error = text_of(request)
    read, fault = _read(text)
    context: dict[str, Any] = {"deck": kept, "text": text, "error": error or fault}
    if context["error"]:
        return render(request, "faxes/deck_rates.html", context, status=_UNPROCESSABLE)
    if request.POST.get("act") == "replace":
        rates.replace_rates(request.actor, deck_id=deck, rates=read)
        messages.success(request, _("The new prices hold from now on."))
        return redirect("tenants-deck", account=request.account.pk, deck=deck)
    context |= {"read": read[:_SHOWN], "count": len(read), "checked": True}
    return render(request, "faxes/deck_rates.html", context)


@reseller_page(Action.MONEY_MANAGE)
@require_safe
def deck_csv(request: AccountRequest, deck: UUID) -> StreamingHttpResponse:
    """A price list as CSV."""
    lines = plans.deck_csv(request.actor, deck_id=deck)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="prices.csv"'
    return answer


@reseller_page(Action.MONEY_MANAGE, confirmed=True)
@require_POST
def deck_delete(request: AccountRequest, deck: UUID) -> HttpResponse:
    """Delete a price list that no plan goes by."""
    return done(
        request,
        "tenants-plans",
        lambda: plans.delete_deck(request.actor, deck_id=deck),
        _("The price list is deleted."),
    )


def _plan_page(request: AccountRequest, plan: "Plan | None") -> HttpResponse:
    decks = plans.decks_with_use(request.actor)
    context: dict[str, Any] = {"plan": plan, "decks": decks}
    if request.method != "POST":
        initial = {name: getattr(plan, name) for name in PlanForm.base_fields} if plan else {}
        context["form"] = PlanForm(initial=initial, decks=decks)
        return render(request, "faxes/plan.html", context)
    confirm(request)
    context["form"] = form = PlanForm(request.POST, decks=decks)
    if form.is_valid() and _plan_saved(request, form, plan):
        words = _("“{name}” is saved.").format(name=form.cleaned_data["name"])
        messages.success(request, words)
        return redirect("tenants-plans", account=request.account.pk)
    return render(request, "faxes/plan.html", context, status=_UNPROCESSABLE)


def _plan_saved(request: AccountRequest, form: PlanForm, plan: "Plan | None") -> bool:
    terms = PlanTerms(**form.cleaned_data)
    try:
        if plan is None:
            rates.create_plan(request.actor, terms=terms)
        else:
            plans.change_plan(request.actor, plan_id=plan.pk, terms=terms)
    except TOLD_ELSEWHERE:
        raise
    except AccountsError as error:
        fields: dict[type[AccountsError], str] = {NameTaken: "name", CurrencyDiffers: "deck_id"}
        form.add_error(fields.get(type(error)), wording.sentence(error))
        return False
    return True


def _read(text: str) -> tuple[list[NewRate], str]:
    """The prices of a list, or what is wrong with it."""
    try:
        read = rates.rates_from_csv(text)
    except LineInvalid as fault:
        return [], str(FAULTS[fault.fault]).format(line=fault.place)
    return read, "" if read else _("There is no price yet. Write at least one line.")


def _dialled(asked: str, country: str) -> str:
    """A number to look up, or its beginning; empty if there is none in it."""
    try:
        return phone.parse_number(asked, country=country)
    except NumberError:
        digits = _NOT_DIGITS.sub("", asked)[:_DIGITS]
        return f"+{digits}" if digits else ""
