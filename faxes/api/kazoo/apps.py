"""What the vendor's web client asks for beside faxes: its one application, and no brand."""

from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from rest_framework.request import Request

from accounts.services import kin
from faxes.api.common.links import root_of
from faxes.api.kazoo.base import KazooView
from faxes.api.kazoo.envelope import Answer
from faxes.api.kazoo.errors import BadIdentifier, NotFound
from faxes.api.kazoo.lists import listed
from faxes.queries.numbers import own_numbers

# Clients keep it with their users, so it is the same everywhere and for ever.
APP_ID: Final = uuid5(NAMESPACE_URL, "urn:fax-portal:fax-manager").hex
_LABEL: Final = "Fax Manager"
_DESCRIPTION: Final = "Send and receive faxes, and look at what was sent"
_MOST_NUMBERS: Final = 10_000


class Apps(KazooView):
    """The applications of the vendor's web client that work here."""

    def get(self, request: Request) -> Any:
        """One: faxes."""
        kin.account_of(self.actor)
        return listed(request, [store_entry(request)])


class OneApp(KazooView):
    """One application."""

    def get(self, request: Request, app: str) -> Answer:
        """What there is to know of it."""
        kin.account_of(self.actor)
        if app != APP_ID:
            raise BadIdentifier(app)
        return Answer(store_entry(request))


class AppIcon(KazooView):
    """Pictures of applications, of which there are none: the client has its own."""

    def get(self, request: Request, app: str) -> Answer:
        """Say so."""
        del request
        raise BadIdentifier(app)


class Whitelabel(KazooView):
    """How the vendor's web client is to look, which is its own matter; asked without a token."""

    public = True

    def get(self, request: Request, host: str = "", part: str = "") -> Answer:
        """Say so."""
        del request, part
        raise BadIdentifier(host) if host else NotFound()


class PhoneNumbers(KazooView):
    """The numbers of an account."""

    def get(self, request: Request) -> Any:
        """The numbers, and what each is for."""
        numbers = own_numbers(self.actor, limit=_MOST_NUMBERS)
        return listed(
            request,
            [
                {
                    "id": each.e164,
                    "state": "in_service",
                    "used_by": "faxbox" if each.faxbox_id else "",
                    "assigned_to": each.account_id.hex,
                    "features": [],
                }
                for each in numbers
            ],
        )


def app_of(request: Request) -> dict[str, str]:
    """The application as those who sign in are told of it."""
    return {"id": APP_ID, "name": "fax", "api_url": api_url(request), "label": _LABEL}


def store_entry(request: Request) -> dict[str, Any]:
    """The application as a store tells of it."""
    words = {"label": _LABEL, "description": _DESCRIPTION, "features": []}
    return {
        "id": APP_ID,
        "name": "fax",
        "api_url": api_url(request),
        "i18n": {"en-US": words},
        "tags": ["admin"],
        "users": [],
        "allowed_users": "all",
        "phase": "gold",
    }


def api_url(request: Request) -> str:
    """The address of this API as the client reached it."""
    return f"{root_of(request._request)}/v2/"  # noqa: SLF001 (what DRF wraps)
