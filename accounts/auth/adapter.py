"""What django-allauth asks about this portal."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.auth.address import address_of


class PortalAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """People come by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 (theirs)
        """Nobody signs up by themselves."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address whose tries to sign in are counted, the same as in the audit log."""
        return address_of(request)
