"""The page behind the link of an invitation."""

from typing import TYPE_CHECKING, Final, cast

from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import wording
from accounts.auth.address import address_of
from accounts.auth.hosts import is_here
from accounts.errors import AccountsError, InvitationGone
from accounts.services import invitations

if TYPE_CHECKING:
    from accounts.models import Invitation, User

_GONE: Final = 410
_UNPROCESSABLE: Final = 422


class NewPersonForm(forms.Form):
    """Name and password of somebody new."""

    name = forms.CharField(
        label=lazy("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=lazy("Choose a password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: object, person: "User", **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # handed on as it came
        self.person = person
        self.fields["password"].help_text = " ".join(password_validators_help_texts()[:2])

    def clean_password(self) -> str:
        """The password, if it is long enough and not one of the common ones."""
        password = str(self.cleaned_data["password"])
        self.person.name = str(self.cleaned_data.get("name", ""))
        validate_password(password, self.person)
        return password


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Join an account."""
    try:
        found = _invitation_here(request, secret)
        if request.user.is_authenticated:
            return _as_signed_in(request, found, secret)
        if invitations.is_for_known_person(found):
            context = {"invitation": found, "how": "known"}
            return render(request, "accounts/invitation.html", context)
        return _as_new(request, found, secret)
    except InvitationGone as gone:
        context = {"how": "gone", "sentence": wording.sentence(gone)}
        return render(request, "accounts/invitation.html", context, status=_GONE)


def _invitation_here(request: HttpRequest, secret: str) -> "Invitation":
    """The invitation, if its account is one of those that the host at hand is for."""
    found = invitations.invitation_for(secret)
    if not is_here(request, found.account_id):
        raise InvitationGone
    return found


def _as_signed_in(request: HttpRequest, found: "Invitation", secret: str) -> HttpResponse:
    user = cast("User", request.user)
    theirs = user.email.casefold() == found.email.casefold()
    if request.method == "POST" and theirs:
        try:
            invitations.accept(user, secret=secret, address=address_of(request))
        except InvitationGone:
            raise
        except AccountsError as error:
            messages.error(request, wording.sentence(error))
        else:
            messages.success(request, _welcome(found))
            return redirect("inbox", account=found.account_id)
    context = {"invitation": found, "how": "signed in" if theirs else "other"}
    return render(request, "accounts/invitation.html", context)


def _as_new(request: HttpRequest, found: "Invitation", secret: str) -> HttpResponse:
    person = invitations.new_person(found)
    form = NewPersonForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        user = invitations.accept_as_new(
            secret=secret,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            address=address_of(request),
        )
        messages.success(request, _welcome(found))
        answer: HttpResponse = perform_login(request, user)
        return answer
    status = _UNPROCESSABLE if form.errors else 200
    context = {"invitation": found, "how": "new", "form": form}
    return render(request, "accounts/invitation.html", context, status=status)


def _welcome(found: "Invitation") -> str:
    return _("Welcome to {account}.").format(account=found.account.name)
