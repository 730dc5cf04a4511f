"""What every page shows around its content."""

from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import languages
from accounts.auth.hosts import accounts_here, brand_on, host_of_passkeys
from accounts.roles import Action, Role
from accounts.services.support import lasting_at

if TYPE_CHECKING:
    from accounts.models import User


def portal(request: HttpRequest) -> dict[str, Any]:
    """The brand, the account at hand, what the person may do in it, the accounts to switch to."""
    shown: dict[str, Any] = {
        "brand": SimpleLazyObject(lambda: brand_on(request)),
        "passkey_host": host_of_passkeys(request),
        "spoken": languages.choices(),
    }
    actor = getattr(request, "actor", None)
    if actor is None:
        return shown
    here = request.account.pk  # type: ignore[attr-defined]
    user = cast("User", request.user)
    return shown | {
        "support_access": SimpleLazyObject(lambda: lasting_at(here)),
        "inside_as_support": actor.role == Role.SUPPORT,
        "account": request.account,  # type: ignore[attr-defined]
        "actor": actor,
        "can": {action.name.lower(): actor.may(action) for action in Action},
        "memberships": SimpleLazyObject(lambda: accounts_here(request, user)),
    }
