"""What all addresses of this dialect share: who asks, in which account, how it is answered."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, NotAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.auth.basic import read_basic
from accounts.auth.hosts import is_here
from accounts.errors import NotAllowed
from accounts.scoping import Actor
from accounts.tenancy import actor_below
from faxes.api.common import throttle
from faxes.api.common.auth import actor_by
from faxes.api.signalwire.bodies import Arguments, read_arguments
from faxes.api.signalwire.errors import LamlError, plain, refusal_of, told
from faxes.api.signalwire.ids import ACCOUNT, read_sid, sid_of
from faxes.api.signalwire.telling import Teller

METHODS: Final = ("get", "head", "post", "delete")


class NotFound(LamlError):
    """Nothing is at this address, or nothing of the asker's: the two look alike."""

    def __init__(self) -> None:
        found = plain(404)
        super().__init__(found.status, found.code, found.message)


class LamlView(APIView):
    """An address of this dialect. Methods return a whole response.

    Addresses that name no account are Twilio's, and answered in its form. ``self.actor`` is who
    asks, in the account of the address; ``self.arguments`` is what a body says.
    """

    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()
    schema = None  # the reference describes the portal's own API alone
    http_method_names = METHODS

    actor: Actor
    teller: Teller
    arguments: Arguments = Arguments()
    _account: str | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find out who asks, in which account, and what is said."""
        del args, kwargs
        given = request._request  # noqa: SLF001 (what DRF wraps; its parsers are not used here)
        user, token = _shown(given)
        home = actor_by(given, token)
        throttle.count(request, home)
        named = home.account_id if user is None else read_sid(user, ACCOUNT)
        if named is None:
            raise AuthenticationFailed
        try:
            theirs = actor_below(home, named)
        except NotAllowed:
            raise AuthenticationFailed from None
        if request.method is None or not hasattr(self, request.method.lower()):
            raise MethodNotAllowed(str(request.method))
        self.actor = self._in_account(given, home, theirs)
        self.teller = self._telling(given, user or "")
        if request.method == "POST":
            self.arguments = read_arguments(given)

    @property
    def twilio(self) -> bool:
        """Whether the address is one of Twilio's."""
        return self._account is None

    @property
    def opens_pages(self) -> bool:
        """Whether content is asked for, so that who comes from above needs support access."""
        return False

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None."""
        return {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the account of the address to ourselves: methods have ``self.actor``."""
        rest = {name: value for name, value in kwargs.items() if name != "account"}
        self._account = kwargs.get("account")
        return super().dispatch(request, *args, **rest)

    def handle_exception(self, exc: Exception) -> Any:
        """Any error as this dialect tells it."""
        answer = told(self.request._request, refusal_of(exc))  # noqa: SLF001 (what DRF wraps)
        if isinstance(exc, MethodNotAllowed):
            answer["Allow"] = ", ".join(each.upper() for each in METHODS if hasattr(self, each))
        # a client's mistake, whatever its status: no alarm here
        answer._has_been_logged = isinstance(exc, LamlError)  # type: ignore[attr-defined]  # noqa: SLF001
        return answer

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """See to what every answer has."""
        throttle.tell(request, response)
        response["X-Content-Type-Options"] = "nosniff"
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)

    def _in_account(self, given: HttpRequest, home: Actor, theirs: Actor) -> Actor:
        """Who asks, in the account of the address: that of the name that was shown, or below it.

        Raises:
            NotFound: it is neither, or there is none.

        """
        written = self._account
        key = theirs.account_id if written is None else read_sid(written, ACCOUNT)
        within = theirs.account_id in {key, home.account_id}  # not beside whom the name names
        if key is None or not within or not is_here(given, key):
            raise NotFound
        try:
            return actor_below(home, key, pages=self.opens_pages)
        except NotAllowed:
            raise NotFound from None

    def _telling(self, given: HttpRequest, user: str) -> Teller:
        account = self.actor.account_id
        own_form = ACCOUNT if user[:2].upper() == ACCOUNT else ""
        return Teller(
            account_id=account,
            account=sid_of(account, own_form if self.twilio else ""),
            site=given.build_absolute_uri("/").rstrip("/"),
            twilio=self.twilio,
        )


class NothingHere(LamlView):
    """An address that nothing is at."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say so, whoever asks.

        Raises:
            NotFound: always.

        """
        del request, args, kwargs
        raise NotFound


def _shown(request: HttpRequest) -> tuple[str | None, str]:
    """Name and password that a request shows; a token by itself has no name.

    Raises:
        NotAuthenticated: it shows none, or none that can be read.

    """
    header = request.META.get("HTTP_AUTHORIZATION", "").strip()
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "bearer":
        return None, token.strip()
    shown = read_basic(header)
    if shown is None:
        raise NotAuthenticated
    return shown


def key_of(written: str, kind: str) -> UUID:
    """The key of a row that an address names.

    Raises:
        NotFound: it is none.

    """
    key = read_sid(written, kind)
    if key is None:
        raise NotFound
    return key
