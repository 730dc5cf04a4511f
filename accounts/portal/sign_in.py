"""An account's rules for signing in, and the way to an account's identity provider."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Final
from uuid import UUID

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import DisallowedRedirect
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException  # noqa: TID251 (what allauth's single sign-on raises)
from urllib3.exceptions import HTTPError

from accounts import wording
from accounts.auth.hosts import is_here
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountsError, IssuerInvalid
from accounts.portal.page import TOLD_ELSEWHERE, account_page
from accounts.roles import Action, Role
from accounts.services import signin
from accounts.services.brands import brand_of
from accounts.services.signin import PolicyRequest

log = logging.getLogger(__name__)
_UNPROCESSABLE: Final = 422
_BAD_GATEWAY: Final = 502


class PolicyForm(forms.Form):
    """The rules."""

    require_mfa = forms.BooleanField(
        label=lazy("Everybody needs a second step"),
        required=False,
        help_text=lazy(
            "An app that shows codes, or a passkey. Who has none sets it up before seeing "
            "anything. It holds for accounts below this one too."
        ),
    )
    program_passwords = forms.BooleanField(
        label=lazy("Programs may sign in with a person's name and password"),
        required=False,
        help_text=lazy(
            "Some older programs can do nothing else. The risk: who learns such a password, from "
            "the program or on its way, can sign in here as that person. A token can be ended "
            "and may be allowed less, so use tokens where you can. It never works for people with "
            "a second step or with your organization's log-in."
        ),
    )
    issuer = forms.CharField(
        label=lazy("Issuer"),
        required=False,
        max_length=300,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        help_text=lazy("The address of your identity provider. Empty: people use passwords."),
    )
    client_id = forms.CharField(label=lazy("Client id"), required=False, max_length=255)
    client_secret = forms.CharField(
        label=lazy("Client secret"),
        required=False,
        max_length=1000,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    domains = forms.CharField(
        label=lazy("Domains of email addresses"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=lazy("Only people with such addresses come in this way, such as clinic.example."),
    )
    create_members = forms.BooleanField(
        label=lazy("Let in people of these domains who were not invited"), required=False
    )
    new_role = forms.ChoiceField(
        label=lazy("They become"),
        required=False,
        choices=[
            (Role.MEMBER.value, lazy("Members: send, read and delete faxes")),
            (Role.VIEWER.value, lazy("Viewers: look at faxes only")),
        ],
    )

    def clean(self) -> dict[str, object]:
        """What belongs together."""
        typed = super().clean() or {}
        if typed.get("issuer") and not typed.get("client_id"):
            self.add_error("client_id", _("Your identity provider tells it, with the secret."))
        return typed


@account_page(Action.SIGN_IN_MANAGE, confirmed=True)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_rules(request: AccountRequest) -> HttpResponse:
    """How people sign in to the account."""
    policy = signin.policy_for(request.actor)
    known = {
        name: getattr(policy, name)
        for name in (
            "require_mfa",
            "program_passwords",
            "issuer",
            "client_id",
            "create_members",
            "new_role",
        )
    }
    known["domains"] = "\n".join(policy.domains)
    form = PolicyForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        messages.success(request, _("The rules for signing in are saved."))
        return redirect("sign-in-rules", account=request.account.pk)
    callback = reverse("openid_connect_callback", kwargs={"provider_id": request.account.pk})
    context = {
        "form": form,
        "has_secret": bool(policy.sealed_secret),
        "callbacks": [root + callback for root in _roots(request)],
        "above": _wanted_above(request),
        "realm": request.account.realm,
    }
    status = _UNPROCESSABLE if form.errors else 200
    return render(request, "accounts/sign_in_rules.html", context, status=status)


@never_cache
@require_safe
def single_sign_on(request: HttpRequest) -> HttpResponse:
    """Ask for an email address or an organization, and lead on to its identity provider."""
    who = request.GET.get("who", "")[:254]
    found = [each for each in signin.single_sign_on_named(who) if is_here(request, each.pk)]
    if len(found) == 1:
        return redirect("openid_connect_login", provider_id=found[0].pk)
    context = {"who": who, "found": found}
    return render(request, "accounts/single_sign_on.html", context)


def answered_elsewhere(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Serve a step of single sign-on; a provider that is away or talks nonsense is told plainly.

    What it says is another's: any of it may be missing, or be of another kind than it should.
    """

    @wraps(view)
    def served(request: HttpRequest, provider_id: UUID) -> HttpResponseBase:
        try:
            return view(request, provider_id)
        except (RequestException, HTTPError, OAuth2Error, DisallowedRedirect) as error:
            log.warning("single sign-on of %s: %s", provider_id, error)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("single sign-on of %s: not understood: %r", provider_id, error)
        return render(request, "socialaccount/authentication_error.html", status=_BAD_GATEWAY)

    return never_cache(served)


def _saved(request: AccountRequest, form: PolicyForm) -> bool:
    typed = form.cleaned_data
    wanted = PolicyRequest(
        require_mfa=typed["require_mfa"],
        program_passwords=typed["program_passwords"],
        issuer=typed["issuer"],
        client_id=typed["client_id"],
        client_secret=typed["client_secret"],
        domains=typed["domains"],
        create_members=typed["create_members"],
        new_role=Role(typed["new_role"] or Role.MEMBER),
    )
    try:
        signin.save_policy(request.actor, request=wanted)
    except TOLD_ELSEWHERE:
        raise
    except AccountsError as error:
        field = "issuer" if isinstance(error, IssuerInvalid) else "domains"
        form.add_error(field, wording.sentence(error))
        return False
    return True


def _roots(request: AccountRequest) -> list[str]:
    """Where people of the account sign in: on the brand's own host, if it has one, and here."""
    own: str = settings.BASE_URL
    return list(dict.fromkeys([brand_of(request.account).base_url, own]))


def _wanted_above(request: AccountRequest) -> str:
    """The account above that wants a second step already."""
    name = signin.who_requires_second_step(request.account)
    return "" if name == request.account.name else name
