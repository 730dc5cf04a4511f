"""OAuth 2: where programs get tokens and give them back, and where people say yes to them."""

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from accounts.auth.hosts import accounts_here
from accounts.auth.oauth import Asked, Server, denied
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountSuspended, NotAllowed, TooManyRequests
from accounts.portal.page import account_page
from accounts.portal.tokens import words_of
from accounts.roles import Action, Role
from accounts.services import connections
from accounts.services.redirects import origin_of

_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_ALLOWED: Final = 405
_TOO_MANY: Final = 429
_CHALLENGE: Final = 'Basic realm="fax portal", charset="UTF-8"'
_UNREADABLE: Final = (
    BadRequest,
    MultiPartParserError,
    RequestDataTooBig,
    SuspiciousOperation,
    UnreadablePostError,
)
_ONCE: Final = (
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "scope",
    "token",
)
# What oauthlib tells by a word alone, for whoever reads the answer.
_SENTENCES: Final = {
    "invalid_client": "There is no such client, or its secret is wrong.",
    "invalid_grant": "It was used already, has run out, was taken back, or is another client's.",
    "invalid_scope": "The client has no such scope.",
    "unsupported_grant_type": ("Ask with client_credentials, authorization_code or refresh_token."),
}
Endpoint = Callable[..., tuple[dict[str, str], str, int]]


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """A token for a client that shows its secret, or what somebody's yes gave it."""
    return _told(request, lambda server: server.create_token_response)


@csrf_exempt
def revoke(request: HttpRequest) -> HttpResponse:
    """A client gives a token back (RFC 7009)."""
    return _told(request, lambda server: server.create_revocation_response)


@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """Where everything is, for programs that ask (RFC 8414)."""
    root = request.build_absolute_uri("/").rstrip("/")
    where = {
        "authorization_endpoint": root + reverse("oauth-authorize"),
        "token_endpoint": root + reverse("oauth-token"),
        "revocation_endpoint": root + reverse("oauth-revoke"),
        "service_documentation": root + reverse("api-docs"),
    }
    answer = JsonResponse(Server(request).metadata(root, where))
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@never_cache
@require_safe
def authorize(request: HttpRequest) -> HttpResponseBase:
    """A program sends somebody here to say yes: lead them to do so, in an account of theirs."""
    asked = _asked(request)
    if not isinstance(asked, Asked):
        return asked
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse(settings.LOGIN_URL))
    memberships = accounts_here(request, request.user)
    open_ones = [each for each in memberships if connections.may_ask(asked.client, each.account)]
    if not open_ones:
        return _page(request, "none", asked, status=_FORBIDDEN)
    if len(open_ones) == 1:
        return redirect(_to_consent(request, open_ones[0].account_id))
    places = [(each.account, _to_consent(request, each.account_id)) for each in open_ones]
    return _page(request, "choose", asked, places=places)


@account_page(Action.ACCOUNT_VIEW, confirmed=True)
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: AccountRequest) -> HttpResponseBase:
    """Who asks for what, and the answer of somebody of the account."""
    if request.actor.role == Role.SUPPORT:
        raise NotAllowed("connect")  # they are in somebody's place
    asked = _asked(request)
    if not isinstance(asked, Asked):
        return asked
    if not connections.may_ask(asked.client, request.account):
        raise Http404
    scopes = connections.scopes_open_to(request.actor, asked.scopes)
    if request.method == "POST":
        return redirect(_answered(request, asked, scopes))
    shown = _page(
        request,
        "consent" if scopes else "nothing",
        asked,
        status=200 if scopes else _FORBIDDEN,
        where=request.account,
        may=words_of(scopes),
        less=len(scopes) < len(asked.scopes),
    )
    # browsers hold the answer to a form to where forms may lead
    led = csp_update({"form-action": [origin_of(asked.redirect_uri)]})
    return led(lambda _: shown)(request)


def _answered(request: AccountRequest, asked: Asked, scopes: tuple[str, ...]) -> str:
    """Where to send somebody who said yes or no."""
    if request.POST.get("answer") != "allow":
        return denied(asked, state=request.GET.get("state", ""))
    return Server(request).allowed(_query(request), actor=request.actor, scopes=scopes)


def _asked(request: HttpRequest) -> Asked | HttpResponse:
    """What is asked; or where to go instead, as RFC 6749, 4.1.2.1 tells.

    Nobody is sent to an address that the client has not registered, whatever is wrong.
    """
    try:
        return Server(request).asked(_query(request))
    except FatalClientError:
        return _page(request, "wrong", None, status=_BAD_REQUEST)
    except OAuth2Error as wrong:
        return redirect(wrong.in_uri(wrong.redirect_uri))


def _page(
    request: HttpRequest, how: str, asked: Asked | None, *, status: int = 200, **words: Any
) -> HttpResponse:
    context = {"how": how, **words}
    if asked is not None:
        context["client"] = asked.client
        context["host"] = origin_of(asked.redirect_uri)
        context["no"] = denied(asked, state=request.GET.get("state", ""))
    return render(request, "accounts/oauth_consent.html", context, status=status)


def _query(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.GET.lists() for value in values]


def _to_consent(request: HttpRequest, account: object) -> str:
    where = reverse("program-connect", kwargs={"account": account})
    return f"{where}?{urlencode(_query(request))}"


def _told(request: HttpRequest, choose: Callable[[Server], Endpoint]) -> HttpResponse:
    """What an endpoint for programs answers; every refusal is told as RFC 6749, 5.2 says."""
    if request.method != "POST":
        answer = _refused("invalid_request", "Send a POST.", status=_NOT_ALLOWED)
        answer["Allow"] = "POST"
        return answer
    try:
        form = _form(request)
        headers, body, status = choose(Server(request))(
            request.path + ("?query" if request.META.get("QUERY_STRING") else ""),
            body=urlencode(form),
        )
    except OAuth2Error as wrong:
        return _refused(wrong.error, wrong.description, status=wrong.status_code)
    except TooManyRequests as refused:
        answer = _refused("temporarily_unavailable", "Too many requests.", status=_TOO_MANY)
        answer["Retry-After"] = str(refused.retry_after)
        return answer
    except AccountSuspended:
        return _refused("unauthorized_client", "The account is suspended.")
    if status >= _BAD_REQUEST:
        told = json.loads(body)
        return _refused(told["error"], told.get("error_description", ""), status=status)
    return _never_kept(HttpResponse(body, status=status, headers=headers))


def _form(request: HttpRequest) -> list[tuple[str, str]]:
    """What was sent as a form, of either kind; what has no value was not sent (RFC 6749, 3.2).

    Raises:
        InvalidRequest: it cannot be read, or something came twice.

    """
    try:
        lists = list(request.POST.lists())
    except _UNREADABLE:
        raise _Wrong("The body cannot be read as a form.") from None
    for name, values in lists:
        if name in _ONCE and len(values) > 1:
            raise _Wrong(f"Duplicate {name} parameter.")
    return [(name, value) for name, values in lists for value in values if value]


class _Wrong(OAuth2Error):  # type: ignore[misc]  # oauthlib has no types
    """The form is none."""

    error = "invalid_request"


def _refused(error: str, words: str, *, status: int = _BAD_REQUEST) -> HttpResponse:
    told = {"error": error, "error_description": words or _SENTENCES.get(error, "")}
    return _never_kept(JsonResponse(told, status=status))


def _never_kept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["Pragma"] = "no-cache"
    if answer.status_code == _UNAUTHORIZED:
        answer["WWW-Authenticate"] = _CHALLENGE
    return answer
