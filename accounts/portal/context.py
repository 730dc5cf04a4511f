"""What every page shows around its content."""

from typing import Any

from django.http import HttpRequest

from accounts.roles import Action
from accounts.tenancy import accounts_of


def portal(request: HttpRequest) -> dict[str, Any]:
    """The account at hand, what the person may do in it, and the accounts to switch to."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {
        "account": request.account,  # type: ignore[attr-defined]
        "actor": actor,
        "can": {action.name.lower(): actor.may(action) for action in Action},
        "memberships": accounts_of(request.user),  # type: ignore[arg-type]
    }
