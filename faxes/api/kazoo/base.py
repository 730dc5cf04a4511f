"""What all addresses of this dialect share: who asks, in which account, how it is answered."""

from http import HTTPStatus
from typing import Any, ClassVar, Final
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.auth.hosts import is_here
from accounts.errors import NotAllowed
from accounts.scoping import Actor
from accounts.tenancy import actor_below
from faxes.api.common import throttle
from faxes.api.kazoo import envelope, tokens
from faxes.api.kazoo.bodies import Body, length_of, read_body
from faxes.api.kazoo.envelope import Answer
from faxes.api.kazoo.errors import (
    REQUIRED,
    BadToken,
    Forbidden,
    Invalid,
    KazooError,
    NotFound,
    plain,
    refusal_of,
)
from faxes.wire.kazoo import read_plain

METHODS: Final = ("get", "head", "post", "put", "patch", "delete")
_TUNNELLED: Final = frozenset({"GET", "PUT", "PATCH", "DELETE"})
_UNKNOWN_MAY_SEND: Final = 8_000_000  # bytes, before anybody has shown a token
_ACCEPTED: Final = {
    "csv": "text/csv",
    "json": "application/json",
    "pdf": "application/pdf",
    "tiff": "image/tiff",
    "tif": "image/tiff",
}


class KazooView(APIView):
    """An address of this dialect. Methods return an ``Answer``, or a whole response such as a file.

    ``public``: it is asked without a token, and ``actor`` is there only if a right one was shown.
    ``with_files``: bodies may bring a file. ``opens_pages``: what is asked for is content, so who
    comes from an account above needs support access. All three may be set for some methods only,
    by naming them: ``frozenset({"get"})``.

    ``self.actor`` is who asks, in the account of the address; ``self.home`` the same in the account
    of the token; ``self.body`` what was sent.
    """

    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()
    schema = None  # the reference describes the portal's own API alone
    http_method_names = METHODS
    public: ClassVar[bool | frozenset[str]] = False
    with_files: ClassVar[bool | frozenset[str]] = False
    opens_pages: ClassVar[bool | frozenset[str]] = False
    names_token: ClassVar[bool] = False  # the address does, and so it stands in no log

    actor: Actor
    home: Actor
    body: Body = Body()
    shown: tokens.Shown = tokens.NOTHING
    _account: str | None = None

    def dispatch(
        self, request: HttpRequest, *args: Any, account: str | None = None, **kwargs: Any
    ) -> HttpResponseBase:
        """Keep the account of the address to ourselves: methods have ``self.actor``."""
        self._account = account
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find out what is asked for, by whom, and in which account."""
        del args, kwargs
        given = request._request  # noqa: SLF001 (what DRF wraps; its parsers are not used here)
        _accept(given)
        if request.method == "POST" and (verb := request.GET.get("verb", "")):
            _tunnel(given, verb)
        self.shown = tokens.shown_in(given)
        if self.shown:
            self._know(given)
        self._read(given)
        if request.method == "POST" and (verb := self.body.text("verb")):
            _tunnel(given, verb)
        if str(given.method).lower() not in METHODS or not hasattr(self, self._method):
            raise MethodNotAllowed(str(given.method))
        if not self.shown and (told := tokens.in_body(self.body)):
            self.shown = told
            self._know(given)
        if not self.is_for("public") and not hasattr(self, "home"):
            raise BadToken
        if hasattr(self, "home"):
            self.actor = self._in_account(given, self._account)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None: what stands before all addresses says what may be done here."""
        return {}

    def is_for(self, trait: str) -> bool:
        """Whether a trait of the class (``public``, …) is the method's that was asked for."""
        told: bool | frozenset[str] = getattr(self, trait)
        return told if isinstance(told, bool) else self._method in told

    @property
    def data(self) -> dict[str, Any]:
        """The ``data`` of the body.

        Raises:
            Invalid: there is none.

        """
        if not self.body.has_data:
            raise Invalid({"data": REQUIRED})
        return dict(self.body.data)

    def handle_exception(self, exc: Exception) -> Any:
        """Any error as this dialect tells it."""
        try:
            found = refusal_of(exc)
        except Exception as worse:  # noqa: BLE001 (to tell of an error must not be another)
            found = refusal_of(RuntimeError(str(type(worse))))
        headers = dict(found.headers)
        if found.status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(verbs_of(type(self)))
        answer = envelope.failure(
            self.request._request,  # noqa: SLF001
            status=found.status,
            message=found.message,
            data=found.data,
            token=self.shown.token if found.status != HTTPStatus.UNAUTHORIZED else "",
            headers=headers,
        )
        # a client's mistake, whatever its status: no alarm here
        if isinstance(exc, KazooError) or self.names_token:
            answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 (Django's)
        return answer

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Wrap an answer, and let go of what came along."""
        if isinstance(response, Answer):
            response = envelope.success(
                request._request,  # noqa: SLF001
                response,
                token=self.shown.token,
            )
        self.body.close()
        throttle.tell(request, response)
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def _method(self) -> str:
        method = str(self.request.method).lower()
        return "get" if method == "head" else method

    def _know(self, given: HttpRequest) -> None:
        """Who shows the token; a wrong one is nobody where none is needed.

        Raises:
            AuthenticationFailed, TooManyRequests, AccountSuspended

        """
        try:
            self.home = tokens.actor_showing(given, self.shown)
        except Exception:
            if self.is_for("public"):
                return
            raise
        throttle.count(self.request, self.home)

    def _read(self, given: HttpRequest) -> None:
        known = hasattr(self, "home")
        if known and given.method in {"GET", "HEAD"}:
            return  # a body may show a token, and says nothing else here
        if not known and length_of(given) > _UNKNOWN_MAY_SEND:
            raise BadToken
        try:
            self.body = read_body(given, with_files=self.is_for("with_files"))
        except KazooError:
            if not known and not self.is_for("public"):
                raise BadToken from None
            raise

    def _in_account(self, given: HttpRequest, written: str | None) -> Actor:
        """Who asks, in the account of the address; without one there, in their own.

        Raises:
            Forbidden: it is not theirs, nor below theirs; or there is none.

        """
        if written is None:
            return self.home
        account = read_plain(written)
        if account is None:
            raise Forbidden
        return in_account(given, self.home, account, pages=self.is_for("opens_pages"))


def in_account(request: HttpRequest, home: Actor, account: UUID, *, pages: bool = False) -> Actor:
    """Who asks, in their own account or one below.

    Raises:
        Forbidden: it is neither, or there is none.

    """
    try:
        actor = actor_below(home, account, pages=pages)
    except NotAllowed:
        raise Forbidden from None
    if not is_here(request, account):
        raise Forbidden
    return actor


class NothingHere(KazooView):
    """An address that nothing is at."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say so, whoever asks.

        Raises:
            NotFound: always.

        """
        del request, args, kwargs
        raise NotFound


class OldVersion(KazooView):
    """The first version of this dialect, which is over."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say so, whoever asks.

        Raises:
            KazooError: always.

        """
        del request, args, kwargs
        raise KazooError(410, "gone", plain(410).data)


def verbs_of(view: type) -> list[str]:
    """What may be done at an address; where anything may, POST may say so with ``?verb=``."""
    found = [each.upper() for each in METHODS if each != "head" and hasattr(view, each)]
    if "GET" in found:
        found.append("HEAD")
    if found and "POST" not in found:
        found.append("POST")
    return [*found, "OPTIONS"]


def _tunnel(request: HttpRequest, verb: str) -> None:
    if verb.upper() in _TUNNELLED:
        request.method = verb.upper()


def _accept(request: HttpRequest) -> None:
    """Let ``?accept=`` say what ``Accept`` cannot, in a link."""
    if written := request.GET.get("accept", "").strip().lower():
        request.META["HTTP_ACCEPT"] = _ACCEPTED.get(written, written if "/" in written else "*/*")
        for read_already in ("headers", "accepted_types", "accepted_types_by_precedence"):
            request.__dict__.pop(read_already, None)
