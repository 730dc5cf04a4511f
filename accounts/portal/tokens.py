"""Tokens of programs: made, shown once, ended."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock, wording
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountsError
from accounts.portal.page import TOLD_ELSEWHERE, account_page, done
from accounts.roles import Action, Scope
from accounts.services import connections, tokens
from accounts.services.credentials import NewCredential
from accounts.services.tokens import KINDS, TokenRequest

if TYPE_CHECKING:
    from datetime import datetime

_UNPROCESSABLE: Final = 422
SCOPES: Final = (
    (Scope.FAXES_READ.value, lazy("Read faxes: lists, states, pages")),
    (Scope.FAXES_WRITE.value, lazy("Send faxes, cancel them, mark them as read")),
    (Scope.FAXES_DELETE.value, lazy("Strip and delete faxes")),
    (Scope.FAXES_APPROVE.value, lazy("Approve faxes that somebody else sent, or decline them")),
    (Scope.ACCOUNT_READ.value, lazy("Read the account: its numbers, settings and figures")),
    (Scope.ACCOUNT_ADMIN.value, lazy("Administer the account: people, tokens, settings")),
)
_WORDS: Final = dict(SCOPES)
LASTS: Final = (
    ("90", lazy("90 days")),
    ("30", lazy("30 days")),
    ("365", lazy("A year")),
    ("", lazy("Until it is ended")),
)


class TokenForm(forms.Form):
    """What the program is called and may do, for how long and from where."""

    name = forms.CharField(
        label=lazy("What is it for?"),
        max_length=120,
        help_text=lazy("A name that tells you later which program uses it."),
    )
    kind = forms.ChoiceField(
        label=lazy("Kind"),
        choices=[
            (KINDS.API_TOKEN.value, lazy("A token, sent with each request")),
            (KINDS.OAUTH_CLIENT.value, lazy("An OAuth client: id and secret")),
        ],
    )
    scopes = forms.MultipleChoiceField(
        label=lazy("It may"), choices=SCOPES, widget=forms.CheckboxSelectMultiple
    )
    lasts = forms.ChoiceField(
        label=lazy("It works for"), choices=LASTS, required=False, initial="90"
    )
    networks = forms.CharField(
        label=lazy("Only from these networks"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=lazy("Such as 192.0.2.0/24, one a line. Empty: from anywhere."),
    )
    redirect_uris = forms.CharField(
        label=lazy("Redirect addresses of an OAuth client"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=lazy(
            "Only if people are to let the program in by saying yes here: where they are then sent "
            "back to, such as https://example.com/back, one a line."
        ),
    )


@account_page(Action.TOKEN_MANAGE)
@require_http_methods(["GET", "HEAD"])
def token_list(request: AccountRequest) -> HttpResponse:
    """All tokens, and a form for a new one."""
    return _page(request, TokenForm())


@account_page(Action.TOKEN_MANAGE, confirmed=True)
@require_POST
def token_new(request: AccountRequest) -> HttpResponse:
    """Make a token and show it: the only page that ever does."""
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            made = tokens.create_token(request.actor, request=_wanted(form))
        except TOLD_ELSEWHERE:
            raise
        except AccountsError as error:
            form.add_error(getattr(error, "field", "scopes"), wording.sentence(error))
        else:
            return _page(request, TokenForm(), made=made)
    return _page(request, form, status=_UNPROCESSABLE)


@account_page(Action.TOKEN_MANAGE, confirmed=True)
@require_POST
def token_revoke(request: AccountRequest, token: UUID) -> HttpResponse:
    """End a token."""
    return done(
        request,
        "tokens",
        lambda: tokens.revoke_token(request.actor, credential_id=token),
        _("The token is ended. Programs that use it are refused from now on."),
    )


def words_of(scopes: Iterable[str]) -> list[str]:
    """What scopes allow, in words for people."""
    return [str(_WORDS[each]) for each in scopes if each in _WORDS]


def _wanted(form: TokenForm) -> TokenRequest:
    typed = form.cleaned_data
    expires: datetime | None = None
    if typed["lasts"]:
        expires = clock.now() + timedelta(days=int(typed["lasts"]))
    return TokenRequest(
        name=typed["name"],
        kind=KINDS(typed["kind"]),
        scopes=tuple(Scope(each) for each in typed["scopes"]),
        expires_at=expires,
        networks=typed["networks"],
        redirect_uris=typed["redirect_uris"],
    )


def _page(
    request: AccountRequest,
    form: TokenForm,
    *,
    made: NewCredential | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "made": made,
        "tokens": tokens.tokens_for(request.actor),
        "connections": connections.connections_in(request.actor),
        "now": clock.now(),
    }
    return render(request, "accounts/tokens.html", context, status=status)
