"""How somebody signed in, how long ago, and asking once more before what is dangerous."""

import time
from typing import Any, cast
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest

SINGLE_SIGN_ON = "socialaccount"  # as allauth calls it


def confirmed_lately(request: HttpRequest) -> bool:
    """Whether the person signed in, or confirmed who they are, in the last minutes."""
    newest = max((float(each["at"]) for each in _records(request)), default=0.0)
    return time.time() - newest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def confirm(request: HttpRequest) -> None:
    """Go on only with somebody who confirmed lately who they are.

    Raises:
        ReauthenticationRequired: allauth's middleware leads to where this is done, and back.

    """
    if not confirmed_lately(request):
        raise ReauthenticationRequired


def single_sign_on_of(request: HttpRequest) -> UUID | None:
    """The account whose identity provider vouched for the person, if nothing else does.

    An account's administrators choose its provider, who could vouch for anybody: so that opens
    this account and no other, and not what concerns the person. A password or a passkey does.
    """
    vouched = None
    for record in _records(request):
        if record["method"] == SINGLE_SIGN_ON:
            vouched = UUID(str(record["provider"]))
        elif record["method"] == "password" or record.get("passwordless"):
            return None
    return vouched


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    records = get_authentication_records(request, cast("Any", request.user))
    return cast("list[dict[str, Any]]", records)
