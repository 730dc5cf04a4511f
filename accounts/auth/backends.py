"""Who may sign in with a password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings


class PortalBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """People by email and password; those of the demonstration only in a demonstration."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether this person may sign in, and stay so."""
        if user.demo and not settings.DEMO:
            return False
        return bool(super().user_can_authenticate(user))
