"""Asking for a new password."""

from allauth.account.forms import ResetPasswordForm
from allauth.core import context

from accounts.auth.hosts import is_known_here
from accounts.models import User


class ResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Whose password; who is nobody on this host is answered as who is nobody at all."""

    users: list[User]

    def clean_email(self) -> str:
        """The address, with the people whom it may concern noted."""
        email = str(super().clean_email())
        self.users = [user for user in self.users if is_known_here(context.request, user)]
        return email
