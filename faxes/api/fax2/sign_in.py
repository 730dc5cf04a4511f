"""Where an access token is got: for a client and its secret, or a person's name and password."""

from functools import partial
from typing import Any, ClassVar, Final

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.auth.address import address_of
from accounts.auth.basic import read_basic
from accounts.auth.hosts import is_here
from accounts.services.oauth_sign_in import sign_in_client, sign_in_person
from faxes.api.fax2 import answers
from faxes.api.fax2.base import Fax2View
from faxes.api.fax2.errors import Fax2Error, Refusal
from faxes.wire.fax2 import Code
from faxes.wire.fax2 import Token as Told

_GRANT: Final = "client_credentials"


class Token(Fax2View):
    """The authorisation endpoint (RFC 6749, 4.4)."""

    public = True
    takes: ClassVar = ("grant_type",)

    def post(self, request: Request) -> Any:
        """A token for an hour.

        Raises:
            Fax2Error: the request is not as it must be.
            CredentialsWrong: nobody has this name and password.
            AccountSuspended: they are right, but nobody uses the account.
            TooManyRequests: too many were wrong lately.

        """
        given = request._request  # noqa: SLF001 (what DRF wraps)
        name, password = _shown(given)
        grant = self.parameters.get("grant_type") or ""
        if not grant:
            told = "Missing parameter: grant_type"
            raise Fax2Error(Code.INVALID_REQUEST, told, parameter="grant_type")
        if grant != _GRANT:
            raise Fax2Error(Code.UNSUPPORTED_GRANT_TYPE, parameter="grant_type")
        sign_in = sign_in_person if "@" in name else sign_in_client
        made = sign_in(name, password, address=address_of(given), is_here=partial(is_here, given))
        answer = answers.success(Told(made.token, made.expires_in).written())
        answer["Pragma"] = "no-cache"  # RFC 6749, 5.1
        return answer

    def refusal(self, error: Exception) -> Refusal:
        """Parameters, too, are part of the request here, which has a code of its own."""
        found = super().refusal(error)
        if found.code != Code.BAD_PARAMETER:
            return found
        return Refusal(Code.INVALID_REQUEST, found.description, found.parameter, found.status)


def _shown(request: HttpRequest) -> tuple[str, str]:
    """The name and password that a request shows.

    Raises:
        Fax2Error: there are none, or they cannot be read.

    """
    shown = read_basic(request.META.get("HTTP_AUTHORIZATION", ""))
    if shown is None:
        told = "Send the username and password as HTTP Basic authentication."
        raise Fax2Error(Code.INVALID_REQUEST, told)
    return shown
