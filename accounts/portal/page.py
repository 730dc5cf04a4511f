"""What pages about people share: who may see them, and how trouble is told."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts import wording
from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest, AccountView, in_account
from accounts.errors import AccountNotFound, AccountsError, NotAllowed, NotThere
from accounts.roles import Action
from accounts.tenancy import require

# What the page itself cannot tell: it answers 403 or 404 to these.
TOLD_ELSEWHERE: Final = (NotAllowed, NotThere, AccountNotFound)


def account_page(
    needs: Action, *, confirmed: bool = False
) -> Callable[[AccountView], Callable[..., HttpResponseBase]]:
    """Serve a page of an account to who may do ``needs``: 403 to the others of the account.

    ``confirmed`` pages ask once more who it is, unless that was proven a moment ago.
    """

    def decorated(view: AccountView) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def served(request: AccountRequest, **kwargs: Any) -> HttpResponseBase:
            try:
                require(request.actor, needs)
                if confirmed:
                    confirm(request)
                return view(request, **kwargs)
            except NotThere:
                raise Http404 from None
            except NotAllowed as refused:
                raise PermissionDenied(str(refused)) from None

        return in_account(served)

    return decorated


def reseller_page(
    needs: Action, *, confirmed: bool = False
) -> Callable[[AccountView], Callable[..., HttpResponseBase]]:
    """Serve a page of whoever sells to others: as ``account_page``, but a customer has none (404).

    A tenant that is not below the account is not there either.
    """

    def decorated(view: AccountView) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def served(request: AccountRequest, **kwargs: Any) -> HttpResponseBase:
            if not request.account.provides:
                raise Http404
            if confirmed:
                confirm(request)
            try:
                return view(request, **kwargs)
            except AccountNotFound:
                raise Http404 from None

        return account_page(needs)(served)

    return decorated


def read_id(written: str) -> UUID | None:
    """The id that an address or a form names; None if it is none."""
    try:
        return UUID(written)
    except ValueError:
        return None


def done(
    request: AccountRequest,
    page: str,
    act: Callable[[], object],
    words: str | Callable[[], str],
    **where: UUID,
) -> HttpResponse:
    """Do something, and lead back to a page that tells that it is done, or why not."""
    try:
        act()
    except TOLD_ELSEWHERE:
        raise
    except AccountsError as error:
        messages.error(request, wording.sentence(error))
    else:
        messages.success(request, words if isinstance(words, str) else words())
    return redirect(reverse(page, kwargs={"account": request.account.pk, **where}))
