"""The account's settings: one page that leads to all of them, and how faxes are sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.conf import settings as site
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.portal.money_fields import WholeField
from accounts.roles import Action, Role
from accounts.services.sending import MOST_PAGES, Sending, sending_of, set_sending
from accounts.tenancy import require
from faxes.portal.page import account_page
from faxes.services.approval import approvers

_UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of settings: what it is for, and how it stands, where that is known at once."""

    name: str
    why: str
    href: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Pages of settings that belong together."""

    name: str
    icon: str
    entries: list[Entry]


class SendingForm(forms.Form):
    """Night, and approval."""

    night_from = forms.TimeField(
        label=lazy("The night begins at"), widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    night_until = forms.TimeField(
        label=lazy("and ends at"), widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    approve_pages = WholeField(
        label=lazy("Faxes with more pages than"),
        required=False,
        min_value=0,
        max_value=MOST_PAGES,
        help_text=lazy("Leave it empty if the length does not matter."),
    )
    approve_new_numbers = forms.BooleanField(
        label=lazy("Faxes to new numbers"),
        required=False,
        help_text=lazy(
            "Numbers that no fax of yours was ever delivered to, and that are not in the contacts."
        ),
    )
    approve_programs = forms.BooleanField(
        label=lazy("Faxes that programs send"),
        required=False,
        help_text=lazy("Whatever is sent with a token, and not by a person in these pages."),
    )
    approve_mail = forms.BooleanField(
        label=lazy("Faxes that are sent by email"),
        required=False,
        help_text=lazy("Mails that become faxes."),
    )
    approve_by_members = forms.BooleanField(
        label=lazy("Members may approve, too"),
        required=False,
        help_text=lazy("Else only administrators may. Nobody approves what they sent themselves."),
    )


@account_page
@require_safe
def settings_hub(request: AccountRequest) -> HttpResponse:
    """All pages of settings that the person may see."""
    groups = [group for group in _groups(request) if group.entries]
    return render(request, "faxes/settings.html", {"groups": groups})


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def sending(request: AccountRequest) -> HttpResponse:
    """When the night is, and which faxes wait for a second person."""
    require(request.actor, Action.FAXBOX_MANAGE)
    chosen = sending_of(request.account)
    begun = {name: getattr(chosen, name) for name in Sending.__slots__}
    form = SendingForm(request.POST if request.method == "POST" else None, initial=begun)
    status = 200
    if request.method == "POST":
        confirm(request)
        if form.is_valid():
            set_sending(request.actor, chosen=Sending(**form.cleaned_data))
            messages.success(request, _("How faxes are sent is saved."))
            return redirect("sending", account=request.account.pk)
        status = _UNPROCESSABLE
    people = [str(each.user) for each in approvers(request.account)]
    context = {
        "form": form,
        "approves": chosen.approves,
        "people": people,
        "alone": len(people) == 1,
        "undo_seconds": site.UNDO_SECONDS,
    }
    return render(request, "faxes/sending.html", context, status=status)


def _groups(request: AccountRequest) -> Iterator[Group]:
    """The groups, each with what the person may see of it."""
    yield Group(_("Fax machines and numbers"), "fax", list(_machines(request)))
    yield Group(_("Sending"), "outbox", list(_sending(request)))
    yield Group(_("Team and sign-in"), "user", list(_people(request)))
    yield Group(_("Programs"), "key", list(_programs(request)))
    yield Group(_("Account and privacy"), "report", list(_privacy(request)))


def _machines(request: AccountRequest) -> Iterator[Entry]:
    may, to = request.actor.may, _to(request)
    support = request.actor.role == Role.SUPPORT
    if not support:
        yield Entry(
            _("Numbers and fax machines"),
            _("Which number leads where, what machines are called, and who is told of faxes."),
            to("numbers"),
        )
    if may(Action.CARRIER_MANAGE):
        yield Entry(_("Carriers"), _("Who carries your faxes over the line."), to("carriers"))
    if may(Action.FAX_MARK):
        yield Entry(_("Labels"), _("Words to find faxes by."), to("labels"))


def _sending(request: AccountRequest) -> Iterator[Entry]:
    may, to, chosen = request.actor.may, _to(request), sending_of(request.account)
    if may(Action.FAXBOX_MANAGE):
        night = _("Night: {begin} to {end}").format(
            begin=time_format(chosen.night_from),
            end=time_format(chosen.night_until),
        )
        held = _("Some faxes wait for approval") if chosen.approves else _("No approval needed")
        yield Entry(
            _("Night and approval"),
            _("When faxes go that may wait for the night, and which a second person approves."),
            to("sending"),
            f"{night} · {held}",
        )
    if may(Action.COVER_MANAGE):
        yield Entry(_("Cover pages"), _("The first page, with your letterhead."), to("covers"))
    if may(Action.CONTACT_VIEW):
        yield Entry(
            _("Numbers not to fax"), _("Where nothing is ever to be sent."), to("do-not-fax")
        )


def _people(request: AccountRequest) -> Iterator[Entry]:
    may, to = request.actor.may, _to(request)
    if may(Action.TEAM_MANAGE):
        yield Entry(_("People"), _("Who works here and as what; invite others."), to("team"))
        yield Entry(
            _("Who uses which fax machine"),
            _("Machines that only certain people see or send from."),
            to("access"),
        )
    if may(Action.SIGN_IN_MANAGE):
        yield Entry(
            _("How people sign in"),
            _("The second step, and your organization's log-in."),
            to("sign-in-rules"),
        )
    if request.actor.role != Role.SUPPORT:
        yield Entry(
            _("Yourself"), _("Your name, password, second step and browsers."), reverse("profile")
        )


def _programs(request: AccountRequest) -> Iterator[Entry]:
    may, to = request.actor.may, _to(request)
    if may(Action.TOKEN_MANAGE):
        yield Entry(_("Tokens"), _("Keys with which programs send and read faxes."), to("tokens"))
    if may(Action.WEBHOOK_MANAGE):
        yield Entry(_("Webhooks"), _("Programs that are told what happens."), to("webhooks"))
        yield Entry(_("Callbacks"), _("What programs were told of single faxes."), to("callbacks"))


def _privacy(request: AccountRequest) -> Iterator[Entry]:
    may, to, account = request.actor.may, _to(request), request.account
    if may(Action.BRAND_MANAGE) and account.provides:
        yield Entry(_("Branding"), _("Name, logo, colour and address."), to("brand"))
    if may(Action.SHARING_MANAGE) and account.parent_id:
        yield Entry(
            _("Sharing and support access"),
            _("What your provider sees of your faxes."),
            to("sharing"),
        )
    if may(Action.RETENTION_MANAGE):
        yield Entry(
            _("How long faxes are kept"),
            _("When pages go, and when all of a fax does."),
            to("retention"),
        )
    if may(Action.LEGAL_HOLD):
        yield Entry(_("Legal holds"), _("What nobody can remove."), to("legal-holds"))
    if may(Action.USAGE_VIEW):
        yield Entry(_("Usage"), _("Pages, charges and statements."), to("usage"))
    if may(Action.ACCOUNT_EXPORT):
        yield Entry(_("Export"), _("Take along everything that you have here."), to("export"))
    if may(Action.AUDIT_VIEW):
        yield Entry(_("Audit log"), _("Who did what, and when."), to("audit"))


def _to(request: AccountRequest) -> Any:
    return lambda name: reverse(name, kwargs={"account": request.account.pk})
