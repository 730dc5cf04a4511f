"""A form that is sent twice does its work once: the repeat is led to where the first one went."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import uuid4

from django.http import HttpResponseBase, HttpResponseRedirect

from accounts.auth.portal import AccountRequest, AccountView

_REMEMBERED: Final = 20
_USED: Final = "used_forms"


def new_form_key() -> str:
    """A key for one rendered form."""
    return str(uuid4())


def once(view: AccountView) -> Callable[..., HttpResponseBase]:
    """Answer a form whose key was used with the address that the first one led to."""

    @wraps(view)
    def served(request: AccountRequest, **kwargs: Any) -> HttpResponseBase:
        key = request.POST.get("form_key", "")[:64]
        if request.method != "POST" or not key:
            return view(request, **kwargs)
        used: list[list[str]] = request.session.get(_USED, [])
        key = f"{request.path} {key}"
        for earlier, address in used:
            if earlier == key:
                return HttpResponseRedirect(address)
        answer = view(request, **kwargs)
        if isinstance(answer, HttpResponseRedirect):
            request.session[_USED] = [*used, [key, answer.url]][-_REMEMBERED:]
        return answer

    return served
