"""What django-allauth asks about codes and passkeys."""

from hashlib import sha256
from typing import Any, Final

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts import sealing
from accounts.auth.address import address_of
from accounts.auth.hosts import brand_on, host_of_passkeys
from accounts.services.brands import platform_brand
from accounts.services.resealing import Resealed, reseal_by, resealed
from accounts.services.signin import note_for_person

SEALED_FOR: Final = "second step"
_SEALED: Final = frozenset({"secret", "seed"})  # as allauth names them in what it keeps


class PortalMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets are sealed in the database; a passkey belongs to the host that it was made on."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": lazy("That did not work. Try once more."),
    }

    def encrypt(self, text: str) -> str:
        """The secret behind the codes, as the database keeps it."""
        return sealing.seal(text, purpose=SEALED_FOR)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret behind the codes."""
        return sealing.unseal(encrypted_text, purpose=SEALED_FOR)

    def get_totp_issuer(self) -> str:
        """What an app shows beside the code."""
        return _product(context.request)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 (theirs)
        """What a new passkey is called until somebody says."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey") if count == 0 else _("Passkey {number}").format(number=count + 1)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whom passkeys are for: the brand's own host, or that of the address people open."""
        return {"id": host_of_passkeys(context.request), "name": _product(context.request)}


def are_here(request: HttpRequest, user: Any) -> bool | None:
    """Whether any passkey of the person works on this host; None if they have none at all.

    Browsers offer a passkey on the host that it was made on only, and it tells which that was.
    """
    here = sha256(host_of_passkeys(request).encode()).digest()
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    made = [each.wrap().authenticator_data.rp_id_hash for each in found]
    return here in made if made else None


def _product(request: HttpRequest | None) -> str:
    return (brand_on(request) if request is not None else platform_brand()).product_name


class CodeForm(AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The code at the log-in; a wrong one goes on record."""

    @property
    def passkeys_here(self) -> bool | None:
        """Whether a passkey of the person works on this host; None if they have none."""
        return are_here(context.request, self.user)

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


def reseal_second_steps() -> Resealed:
    """Seal anew, after a new secret key, what makes people's codes."""

    def anew(row: Authenticator) -> tuple[dict[str, Any], bool]:
        told, lost = dict(row.data), False
        for name in _SEALED & set(told):
            told[name], gone = resealed(told[name], SEALED_FOR)
            lost = lost or gone
        return told, lost

    return reseal_by(Authenticator.objects.all(), "data", anew)
