"""What all endpoints of this dialect share: who asks, with which parameters, how it is answered."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Final

from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.scoping import Actor
from faxes.api.common import throttle
from faxes.api.common.auth import actor_by
from faxes.api.fax2 import answers
from faxes.api.fax2.errors import Fax2Error, Refusal, refusal_of
from faxes.api.fax2.parameters import Parameters, read_parameters
from faxes.wire.fax2 import Code

_METHODS: Final = ("get", "head", "post")


class Fax2View(APIView):
    """An endpoint. Methods return the members of an answer, or a whole response such as a file.

    ``takes`` are the names of its parameters, ``names`` its own for fields of ours that errors
    tell. ``public``: it is asked without a token. With ``own_body`` it reads its body itself.
    """

    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()
    schema = None  # the reference describes the portal's own API alone
    http_method_names = _METHODS
    takes: ClassVar[Collection[str]] = ()
    names: ClassVar[Mapping[str, str]] = {}
    public: ClassVar[bool] = False
    own_body: ClassVar[bool] = False

    actor: Actor
    parameters: Parameters = Parameters()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let pass who shows a token and asks with parameters that there are."""
        del args, kwargs
        method = str(request.method).lower()
        if method not in _METHODS or not hasattr(self, method):
            raise MethodNotAllowed(str(request.method))
        if not self.public:
            self.actor = _actor_of(request)
            throttle.count(request, self.actor)
        given = request._request  # noqa: SLF001 (what DRF wraps; its parsers are not used here)
        self.parameters = read_parameters(given, self.takes, body=not self.own_body)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None."""
        return {}

    def refusal(self, error: Exception) -> Refusal:
        """How an error is told."""
        return refusal_of(error, self.names)

    def handle_exception(self, exc: Exception) -> Any:
        """Any error as this dialect tells it."""
        given = self.request._request  # noqa: SLF001
        response = answers.failure(given, self.refusal(exc))
        if isinstance(exc, MethodNotAllowed):
            allowed = [each.upper() for each in _METHODS if hasattr(self, each)]
            response["Allow"] = ", ".join(allowed)
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Write an answer, and say how who asked stands with their limits."""
        if not isinstance(response, HttpResponseBase):
            response = answers.success(response)
        throttle.tell(request, response)
        return super().finalize_response(request, response, *args, **kwargs)


class NothingHere(Fax2View):
    """An address that is no endpoint."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say so, whoever asks.

        Raises:
            Fax2Error: always.

        """
        del request, args, kwargs
        raise Fax2Error(Code.INVALID_ENDPOINT)


def _actor_of(request: Request) -> Actor:
    """Who shows a token (RFC 6750, 2.1; the scheme in whatever case).

    Raises:
        NotAuthenticated, AuthenticationFailed: none is shown, or not a right one.
        TooManyRequests: too many were not right lately.
        AccountSuspended: nobody uses the account at present.

    """
    scheme, _, shown = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not shown.strip():
        raise NotAuthenticated
    return actor_by(request, shown.strip())
