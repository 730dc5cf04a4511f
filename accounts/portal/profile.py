"""One's own name, and ways to sign in."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.auth.confirm import single_sign_on_of
from accounts.auth.hosts import accounts_here
from accounts.portal.languages import PersonLanguageForm, TimeZoneForm
from accounts.services import people
from accounts.services.signin import has_second_step, is_of_others

if TYPE_CHECKING:
    from accounts.models import User

_FORBIDDEN: Final = 403
_UNPROCESSABLE: Final = 422
View = Callable[..., HttpResponseBase]


class NameForm(forms.Form):
    """What a person is called."""

    name = forms.CharField(
        label=lazy("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


def own_sign_in(view: View) -> View:
    """Serve a page about the person's own password, codes and passkeys.

    Not to whom only an account's identity provider vouches for: its administrators could make
    themselves a way in to the person's other accounts.
    """

    @wraps(view)
    def served(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and single_sign_on_of(request) is not None:
            return render(request, "accounts/not_your_own.html", status=_FORBIDDEN)
        return view(request, *args, **kwargs)

    return never_cache(served)


def about_oneself(view: View) -> View:
    """Serve a page about the person in all of their accounts: name, devices.

    Not to whom only an identity provider vouches for, if they are of another account than its own.
    """

    @wraps(view)
    def served(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        vouching = single_sign_on_of(request) if request.user.is_authenticated else None
        if vouching is not None and is_of_others(cast("User", request.user), than=vouching):
            return render(request, "accounts/not_your_own.html", status=_FORBIDDEN)
        return view(request, *args, **kwargs)

    return never_cache(served)


@about_oneself
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """One's name, and where to change how one signs in."""
    user = cast("User", request.user)
    form = NameForm(request.POST or None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        people.rename(user, name=form.cleaned_data["name"])
        messages.success(request, _("Your name is saved."))
        return redirect("profile")
    context = {
        "form": form,
        "languages": PersonLanguageForm(initial={"language": user.language or ""}),
        "zones": TimeZoneForm(kept=user.time_zone or ""),
        "second_step": has_second_step(user),
        "vouched": single_sign_on_of(request) is not None,
        "memberships": accounts_here(request, user),
    }
    return render(
        request, "accounts/profile.html", context, status=_UNPROCESSABLE if form.errors else 200
    )


@about_oneself
@login_required
@require_POST
def time_zone_choose(request: HttpRequest) -> HttpResponse:
    """Keep the zone in which the person is told of times."""
    user = cast("User", request.user)
    form = TimeZoneForm(request.POST, kept=user.time_zone or "")
    if form.is_valid():
        people.live_in(user, time_zone=form.cleaned_data["time_zone"])
        messages.success(request, _("Your time zone is saved."))
    else:
        messages.error(request, _("There is no such time zone. Choose one from the list."))
    return redirect("profile")
