"""What django-allauth asks about codes and passkeys."""

from typing import Any, Final
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts import sealing
from accounts.auth.address import address_of
from accounts.services.signin import note_for_person

_PURPOSE: Final = "second step"


class PortalMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets are sealed in the database; passkeys belong to the portal's one host."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": lazy("That did not work. Try once more."),
    }

    def encrypt(self, text: str) -> str:
        """The secret behind the codes, as the database keeps it."""
        return sealing.seal(text, purpose=_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret behind the codes."""
        return sealing.unseal(encrypted_text, purpose=_PURPOSE)

    def get_totp_issuer(self) -> str:
        """What an app shows beside the code."""
        return _("Fax portal")

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 (theirs)
        """What a new passkey is called until somebody says."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey") if count == 0 else _("Passkey {number}").format(number=count + 1)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whom passkeys are for: the host of the address that people open, whoever asks."""
        return {"id": urlsplit(settings.BASE_URL).hostname or "localhost", "name": _("Fax portal")}


class CodeForm(AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The code at the log-in; a wrong one goes on record."""

    def clean_code(self) -> str:
        """The code, if it is right."""
        try:
            return str(super().clean_code())
        except ValidationError:
            note_for_person(
                self.user,
                action="sign_in.failed",
                address=address_of(context.request),
                why="second step",
            )
            raise
