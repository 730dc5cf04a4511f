"""Faxes are sent: the one thing that this dialect does with them."""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.auth.hosts import is_here
from accounts.errors import NotAllowed
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services.codes import account_of
from accounts.services.people import is_of
from accounts.tenancy import actor_below, require
from faxes.api.common import throttle
from faxes.api.common.auth import actor_by
from faxes.api.voipnow import answers, ids
from faxes.api.voipnow.bodies import read_body
from faxes.api.voipnow.errors import Told, VoipNowError, refusal_of
from faxes.api.voipnow.recipients import read_recipients
from faxes.services.extensions import machine_of
from faxes.services.faxboxes import owner_email
from faxes.services.order import FaxRequest
from faxes.services.submit import submit_fax

if TYPE_CHECKING:
    from faxes.models import Faxbox

_ORIGIN: Final = "voipnow"
_SELVES: Final = frozenset({"", "@me", "@viewer"})
_OWNER: Final = "@owner"
_ANYBODY: Final = frozenset({Role.ADMIN, Role.PROVIDER})  # who may send for anybody of an account


class VoipNowView(APIView):
    """An address of this dialect."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()
    schema = None  # the reference describes the portal's own API alone
    http_method_names = ("post",)

    home: Actor

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let pass who shows a token."""
        del args, kwargs
        if request.method != "POST":
            raise MethodNotAllowed(str(request.method))
        self.home = actor_by(request, _shown(request))
        throttle.count(request, self.home)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None."""
        return {}

    def handle_exception(self, exc: Exception) -> Any:
        """Any error as this dialect tells it."""
        response = answers.failure(refusal_of(exc))
        if isinstance(exc, MethodNotAllowed):
            response["Allow"] = "POST"
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Write an answer, and say how who asked stands with their limits."""
        if not isinstance(response, HttpResponseBase):
            response = answers.success(response)
        throttle.tell(request, response)
        return super().finalize_response(request, response, *args, **kwargs)


class Faxes(VoipNowView):
    """The faxes of a user at an extension."""

    def post(self, request: Request, user: str, extension: str) -> Any:
        """Send files to each recipient, all of them as one fax.

        One recipient's is answered as an object, several's as a list of such; where there is
        nothing to send, nothing.
        """
        given = request._request  # noqa: SLF001 (what DRF wraps; its parsers are not used here)
        require(self.home, Action.FAX_SEND)
        actor, machine = _machine(given, self.home, extension)
        sent_for = _sent_for(actor, machine, user)
        with read_body(given) as body:
            recipients = read_recipients(body.recipients, machine)
            if not body.files:
                return None
            asked = FaxRequest(
                to="\n".join(recipients), documents=body.files, faxbox=str(machine.pk)
            )
            made = submit_fax(actor, request=asked, origin=_ORIGIN, sent_for=sent_for)
        told = [ids.told(fax.pk) for fax in made]
        return told if len(told) > 1 else told[0]


class NothingHere(VoipNowView):
    """An address that nothing is at."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say so, whoever asks.

        Raises:
            VoipNowError: always.

        """
        del request, args, kwargs
        raise VoipNowError(Told.NOTHING_HERE)


def _shown(request: Request) -> str:
    """The token: after ``Bearer``, bare, or in the address as either.

    Raises:
        NotAuthenticated: none is shown.

    """
    for written in (
        request.META.get("HTTP_AUTHORIZATION", ""),
        request.query_params.get("accessRequestToken", ""),
    ):
        scheme, _, rest = written.strip().partition(" ")
        token = rest.strip() if scheme.lower() == "bearer" else scheme if not rest else ""
        if token:
            return token
    raise NotAuthenticated


def _machine(given: HttpRequest, home: Actor, extension: str) -> "tuple[Actor, Faxbox]":
    """The machine of an extension, and who asks in its account, which is theirs or below theirs.

    Raises:
        VoipNowError: there is none, or none that they may know of.

    """
    code, star, digits = extension.strip().rpartition("*")
    account_id = account_of(code) if star else home.account_id
    if account_id is None or not is_here(given, account_id):
        raise VoipNowError(Told.NOT_FOUND)
    try:
        actor = actor_below(home, account_id)
    except NotAllowed:
        raise VoipNowError(Told.NOT_FOUND) from None
    machine = machine_of(account_id, digits)
    if machine is None:
        raise VoipNowError(Told.NOT_FOUND)
    return actor, machine


def _sent_for(actor: Actor, machine: "Faxbox", user: str) -> UUID | None:
    """Whose faxes they are; None for those of who asks.

    Raises:
        VoipNowError: it is somebody whom who asks may not send for, or nobody of the account.

    """
    if user in _SELVES:
        return None
    if user == _OWNER:
        wanted = machine.owner_id if owner_email(machine) else None
        if wanted is None:
            return None
    else:
        wanted = ids.read(user)
    if wanted is not None and wanted == actor.user_id and actor.home_id is None:
        return None
    if actor.role not in _ANYBODY:
        raise VoipNowError(Told.FORBIDDEN)
    if wanted is None or not is_of(actor, user_id=wanted):
        raise VoipNowError(Told.NOT_FOUND)
    return wanted
