"""A form that is sent twice does its work once: the repeat is led to where the first one went."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.auth.portal import AccountRequest, AccountView
from accounts.errors import KeyUnderWay
from accounts.services import idempotency

_LETTERS: Final = 64
_FOUND: Final = 302


def new_form_key() -> str:
    """A key for one rendered form."""
    return str(uuid4())


def once(view: AccountView) -> Callable[..., HttpResponseBase]:
    """Answer a form whose key was used with the address that the first one led to.

    The key is claimed before the work begins: of two that come together one waits for the other.
    What each button of the form does is done once; a form that led nowhere may be sent again.
    """

    @wraps(view)
    def served(request: AccountRequest, **kwargs: Any) -> HttpResponseBase:
        key = request.POST.get("form_key", "")[:_LETTERS]
        if request.method != "POST" or not key:
            return view(request, **kwargs)
        try:
            found = idempotency.claim(
                request.actor, key=_act(request, key), request_digest=_SAME_REQUEST
            )
        except KeyUnderWay:
            messages.info(request, _("This is being done already. Look again in a moment."))
            return redirect("today", account=request.account.pk)
        if isinstance(found, idempotency.Told):
            return HttpResponseRedirect(found.answer)
        try:
            answer = view(request, **kwargs)
        except BaseException:
            idempotency.release(found)
            raise
        if isinstance(answer, HttpResponseRedirect):
            idempotency.keep(found, status=_FOUND, answer=answer.url)
        else:
            idempotency.release(found)
        return answer

    return served


# Whatever else stands in a form whose key was used: it did its work.
_SAME_REQUEST: Final = hashlib.sha256(b"form").hexdigest()


def _act(request: AccountRequest, key: str) -> str:
    """Who presses which button of which form."""
    action = request.POST.get("action", "")[:_LETTERS]
    return f"form {request.user.pk} {request.path} {key} {action}"
