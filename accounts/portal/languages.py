"""Choosing a language: for oneself, for a browser, for an account. A person's time zone."""

from typing import Final, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import languages, zones
from accounts.auth.confirm import single_sign_on_of
from accounts.auth.portal import AccountRequest
from accounts.portal.page import account_page
from accounts.roles import Action
from accounts.services import kin, people

_UNPROCESSABLE: Final = 422
_YEAR: Final = 365 * 24 * 3600


class LanguageForm(forms.Form):
    """One of the languages, or none in particular."""

    none: object = ""
    language = forms.ChoiceField(label=lazy("Language"), required=False)

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        field = cast("forms.ChoiceField", self.fields["language"])
        field.choices = [("", str(self.none)), *languages.choices()]


class PersonLanguageForm(LanguageForm):
    """What a person is spoken to in."""

    none = lazy("As your browser asks")


class TimeZoneForm(forms.Form):
    """The zone in which a person is told of times, or none in particular."""

    time_zone = forms.ChoiceField(
        label=lazy("Time zone"),
        required=False,
        help_text=lazy(
            "Pages, and mails to you, tell times in this zone. Cover pages and what stands at the "
            "top of a fax keep the fax machine's."
        ),
    )

    def __init__(self, data: QueryDict | None = None, *, kept: str = "") -> None:
        super().__init__(data, initial={"time_zone": kept})
        field = cast("forms.ChoiceField", self.fields["time_zone"])
        field.choices = [("", lazy("The account's")), *zones.zone_choices(kept)]


class AccountLanguageForm(LanguageForm):
    """What an account speaks to who chose none."""

    none = lazy("None in particular")


@require_POST
def language_choose(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen: with the person, or in the browser of who is not signed in."""
    chosen = languages.known(request.POST.get("language"))
    there = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        there, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(there if safe else resolve_url("home"))
    # whom only an identity provider vouches for changes nothing of a person
    if request.user.is_authenticated and single_sign_on_of(request) is None:
        people.speak(request.user, language=chosen)
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        with translation.override(chosen or languages.wished(request) or languages.ENGLISH):
            messages.success(request, _("Your language is saved."))
    elif chosen:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=_YEAR,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response


@account_page(Action.TEAM_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def account_language(request: AccountRequest) -> HttpResponse:
    """What the account's mails and papers are in, and its pages for who chose no language."""
    form = AccountLanguageForm(
        request.POST or None, initial={"language": request.account.language or ""}
    )
    if request.method == "POST" and form.is_valid():
        kin.speak(request.actor, language=form.cleaned_data["language"])
        messages.success(request, _("The account's language is saved."))
        return redirect("team", account=request.account.pk)
    status = _UNPROCESSABLE if form.errors else 200
    return render(request, "accounts/account_language.html", {"form": form}, status=status)
