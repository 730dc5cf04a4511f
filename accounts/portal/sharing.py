"""What providers see: of fax records always, and of everything while support access lasts."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.auth.portal import AccountRequest
from accounts.portal.page import account_page, done
from accounts.roles import Action
from accounts.services import sharing as sharing_work
from accounts.services import support

_UNPROCESSABLE: Final = 422
_HOURS: Final = (1, 4, 8, 24, 72)
SHARED: Final = (
    ("none", lazy("Nothing"), lazy("They see how many pages you send and receive, nothing else.")),
    (
        "masked",
        lazy("Records with masked numbers"),
        lazy("When, in or out, how it went, how many pages, and numbers like +1202•••0121."),
    ),
    (
        "full",
        lazy("Records with full numbers"),
        lazy("The same, with whole numbers. Helps to find out why a fax did not arrive."),
    ),
)


class SharingForm(forms.Form):
    """How much of the fax records is shown."""

    fax_records = forms.ChoiceField(choices=[(value, words) for value, words, _more in SHARED])


class GrantForm(forms.Form):
    """For how long support may look in, and what for."""

    hours = forms.TypedChoiceField(
        label=lazy("For how long"),
        coerce=int,
        choices=[
            (hours, ngettext_lazy("{n} hour", "{n} hours", hours).format(n=hours))
            for hours in _HOURS
        ],
    )
    note = forms.CharField(
        label=lazy("What for (optional)"),
        required=False,
        max_length=support.LONGEST_NOTE,
        help_text=lazy("Everybody in the account and your provider's support read it."),
    )


@account_page(Action.SHARING_MANAGE)
@require_safe
def sharing(request: AccountRequest) -> HttpResponse:
    """What is shared, and whether support may look in."""
    return _page(request)


@account_page(Action.SHARING_MANAGE, confirmed=True)
@require_POST
def sharing_set(request: AccountRequest) -> HttpResponse:
    """Say how much of the fax records is shown."""
    form = SharingForm(request.POST)
    if not form.is_valid():
        return _page(request, status=_UNPROCESSABLE)
    chosen = sharing_work.Shared(form.cleaned_data["fax_records"])
    return done(
        request,
        "sharing",
        lambda: sharing_work.set_sharing(request.actor, fax_records=chosen),
        _("What your provider sees is saved."),
    )


@account_page(Action.SHARING_MANAGE, confirmed=True)
@require_POST
def support_grant(request: AccountRequest) -> HttpResponse:
    """Let support look in for some hours."""
    form = GrantForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=_UNPROCESSABLE)
    return done(
        request,
        "sharing",
        lambda: support.grant(request.actor, **form.cleaned_data),
        _("Support access is granted. All administrators get a mail about it."),
    )


@account_page(Action.SHARING_MANAGE)
@require_POST
def support_end(request: AccountRequest) -> HttpResponse:
    """End support access now; asking once more who it is would only delay it."""
    support.end(request.actor)
    messages.success(request, _("Support access is over."))
    return redirect("sharing", account=request.account.pk)


def _page(
    request: AccountRequest, *, form: GrantForm | None = None, status: int = 200
) -> HttpResponse:
    if request.account.parent is None:
        raise Http404  # nobody is above the platform
    context: dict[str, Any] = {
        "form": form or GrantForm(),
        "shared": sharing_work.shared_by(request.account.pk),
        "choices": SHARED,
    }
    return render(request, "accounts/sharing.html", context, status=status)
