"""The program that is asked before a number answers: named by the account's administrators."""

from typing import Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.tenancy import require
from faxes.errors import RequestError
from faxes.portal.page import account_page
from faxes.queries.numbers import own_number_for
from faxes.services.own_numbers import set_number_webhook
from faxes.wording import sentence

_UNPROCESSABLE: Final = 422


class ProgramForm(forms.Form):
    """Where the program listens, and how it is asked."""

    url = forms.CharField(
        label=lazy("Address"),
        max_length=2000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
        help_text=lazy(
            "Where the program listens, such as https://example.com/fax. Leave it empty and every "
            "fax is taken without asking."
        ),
    )
    method = forms.ChoiceField(
        label=lazy("It is asked by"), choices=[("post", "POST"), ("get", "GET")]
    )


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def number_program(request: AccountRequest, number: UUID) -> HttpResponse:
    """Which program is asked before a number answers; POST changes that."""
    require(request.actor, Action.FAXBOX_MANAGE)
    held = own_number_for(request.actor, number)
    status = 200
    form = ProgramForm(initial={"url": held.webhook_url, "method": held.webhook_method})
    if request.method == "POST":
        confirm(request)
        form, status = ProgramForm(request.POST), _UNPROCESSABLE
        if form.is_valid() and _saved(request, number, form):
            messages.success(request, _("The changes are saved."))
            return redirect("numbers", account=request.account.pk)
    context = {"number": held, "form": form}
    return render(request, "faxes/number_program.html", context, status=status)


def _saved(request: AccountRequest, number: UUID, form: ProgramForm) -> bool:
    """Whether it is so now; else the form tells why not."""
    try:
        set_number_webhook(request.actor, number_id=number, **form.cleaned_data)
    except RequestError as error:
        form.add_error("url", sentence(error))
        return False
    return True
