"""A browser's request becomes an actor: signed in, of the account in the address, or 404."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts.auth.address import address_of
from accounts.errors import AccountNotFound
from accounts.models import Account, User
from accounts.scoping import Actor
from accounts.tenancy import actor_in


class AccountRequest(HttpRequest):
    """A request to a page of an account, by a person who is of it."""

    user: User
    actor: Actor
    account: Account


AccountView = Callable[..., HttpResponseBase]


def in_account(view: AccountView) -> Callable[..., HttpResponseBase]:
    """Serve a page below ``/a/{account}/`` to people of that account, in its time zone.

    A stranger gets the same 404 as for an account that does not exist. Pages hold faxes, so no
    cache may keep them, unless a page says what may.
    """

    @wraps(view)
    def entered(request: HttpRequest, account: UUID, **kwargs: Any) -> HttpResponseBase:
        ours = cast("AccountRequest", request)
        try:
            ours.actor, ours.account = actor_in(
                ours.user,
                account,
                address=address_of(request),
                via="portal",
            )
        except AccountNotFound:
            raise Http404 from None
        with timezone.override(ZoneInfo(ours.account.time_zone)):
            return view(ours, **kwargs)

    return _uncached(login_required(entered))


def _uncached(view: AccountView) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def served(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        response = view(request, **kwargs)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return served
