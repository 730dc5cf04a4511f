"""A browser's request becomes an actor: signed in, of the account in the address, or 404."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts import zones
from accounts.auth.address import address_of
from accounts.auth.confirm import single_sign_on_of
from accounts.auth.hosts import is_here
from accounts.auth.languages import speak_of
from accounts.errors import AccountClosed, AccountNotFound, AccountSuspended
from accounts.models import Account, User
from accounts.roles import Role
from accounts.scoping import Actor
from accounts.services.brands import brand_of
from accounts.services.signin import has_second_step, who_requires_second_step
from accounts.services.support import record_support_look
from accounts.tenancy import accounts_of, actor_in

_BAD_REQUEST: Final = 400
_FORBIDDEN: Final = 403


class AccountRequest(HttpRequest):
    """A request to a page of an account, by a person who is of it."""

    user: User
    actor: Actor
    account: Account


AccountView = Callable[..., HttpResponseBase]


def in_account(view: AccountView) -> Callable[..., HttpResponseBase]:
    """Serve a page below ``/a/{account}/`` to people of that account.

    Times are told in the time zone that the person chose, else in the account's.

    A stranger gets the same 404 as for an account that does not exist. Pages hold faxes, so no
    cache may keep them, unless a page says what may. Who came by another account's identity
    provider, or lacks the second step that the account wants, sees what to do about it and nothing
    else.
    """
    return _entered(view, closed=False)


def in_account_with_second_step(view: AccountView) -> Callable[..., HttpResponseBase]:
    """Serve a page as ``in_account``, to who has a second step, whatever the account wants."""
    return _entered(view, closed=False, strictly=True)


def in_closed_account(view: AccountView) -> Callable[..., HttpResponseBase]:
    """Serve a page of an account that waits to be erased, to its administrators."""
    return _entered(view, closed=True)


def _entered(
    view: AccountView, *, closed: bool, strictly: bool = False
) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def entered(request: HttpRequest, account: UUID, **kwargs: Any) -> HttpResponseBase:
        ours = cast("AccountRequest", request)
        if not is_here(request, account):
            raise Http404
        try:
            ours.actor, ours.account = actor_in(
                ours.user, account, address=address_of(request), via="portal", closed=closed
            )
        except AccountNotFound:
            raise Http404 from None
        except AccountSuspended as shut:
            return _shut(request, shut)
        speak_of(request, ours.account)
        if (instead := _gate(ours, strictly=strictly)) is not None:
            return instead
        with timezone.override(zones.of_reader(ours.user, ours.account)):
            answer = view(ours, **kwargs)
        if ours.actor.role == Role.SUPPORT and answer.status_code < _BAD_REQUEST:
            _on_record(ours, kwargs)
        return answer

    return _uncached(login_required(entered))


def _on_record(request: AccountRequest, kwargs: dict[str, Any]) -> None:
    """Note that support looked at this page, before it is handed out."""
    match = request.resolver_match
    named = next(((name, key) for name, key in kwargs.items() if isinstance(key, UUID)), None)
    record_support_look(request.actor, page=(match and match.url_name) or "", looked_at=named)


def _uncached(view: AccountView) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def served(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        response = view(request, **kwargs)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return served


def _gate(request: AccountRequest, *, strictly: bool) -> HttpResponse | None:
    """What is shown instead of any page of the account, to who must do something first."""
    vouched = single_sign_on_of(request)
    if vouched is not None:
        # whoever vouched is answerable for how its people prove themselves
        ours = {request.account.pk, request.actor.home_id}
        return None if vouched in ours else _told(request, "accounts/other_way.html")
    wanted_by = who_requires_second_step(request.account)
    wanted_by = wanted_by or (request.account.name if strictly else "")
    if not wanted_by or has_second_step(request.user):
        return None
    return _told(request, "accounts/second_step_first.html", wanted_by=wanted_by)


def _shut(request: HttpRequest, shut: AccountSuspended) -> HttpResponse:
    """That the account is suspended or closed, and whom to ask; nothing else of it."""
    closed = isinstance(shut, AccountClosed)
    context = {
        "where": shut.account,
        "brand": brand_of(shut.account),
        "closed": closed,
        "administers": isinstance(shut, AccountClosed) and shut.administers,
        "others": any(not each.blocked for each in accounts_of(request.user)),  # type: ignore[arg-type,attr-defined]
    }
    speak_of(request, shut.account)
    with timezone.override(zones.of_reader(request.user, shut.account)):
        return render(request, "accounts/shut.html", context, status=_FORBIDDEN)


def _told(request: AccountRequest, template: str, **words: str) -> HttpResponse:
    context = {"where": request.account, "next": request.get_full_path(), **words}
    del request.actor  # the page around it must not show anything of the account either
    return render(request, template, context, status=_FORBIDDEN)
