"""Who may sign in with a password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest

from accounts.auth.hosts import is_known_here
from accounts.services import sign_in_digests


class PortalBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """People by email and password; those of the demonstration only in a demonstration."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person of these credentials, or None; also if they are nobody on this host.

        allauth remembers a person whose password was right but who may not sign in, and goes on
        with them; here the two look alike to whoever tries.
        """
        user = super().authenticate(request, **credentials)
        if user is not None and not is_known_here(request, user):
            user = None
        if user is None:
            self.unstash_authenticated_user()
        else:
            sign_in_digests.keep(user, str(credentials.get("password", "")))
        return user

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether this person may sign in, and stay so."""
        if user.demo and not settings.DEMO:
            return False
        return bool(super().user_can_authenticate(user))
