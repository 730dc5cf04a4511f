"""What all pages of the portal share: who may see them, and how trouble is told."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBase

from accounts.auth.portal import AccountRequest, AccountView, in_account
from accounts.errors import NotAllowed
from faxes.errors import FaxError, FaxNotFound
from faxes.wording import sentence

# Put this in, and stop asking.
STOP_ASKING = 286


def account_page(view: AccountView) -> Callable[..., HttpResponseBase]:
    """Serve a page of an account: 404 for what is not there or not theirs, 403 for the rest."""

    @wraps(view)
    def served(request: AccountRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, **kwargs)
        except FaxNotFound:
            raise Http404 from None
        except NotAllowed as refused:
            raise PermissionDenied(str(refused)) from None

    return in_account(served)


def is_fragment(request: AccountRequest) -> bool:
    """Whether a part of the page is asked for, to be put into a page that is there already."""
    return request.headers.get("X-Fragment") == "1"


def beside_fields(errors: Iterable[FaxError]) -> dict[str, list[str]]:
    """Sentences by the field that each belongs beside; the empty name stands for the whole."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for error in errors:
        told[error.field].append(sentence(error))
    return dict(told)
