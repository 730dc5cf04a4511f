"""What django-allauth asks about this portal."""

import logging
from smtplib import SMTPException
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.auth import browsers
from accounts.auth.address import address_of
from accounts.auth.confirm import confirmed_lately, single_sign_on_of
from accounts.services.signin import note_for_person, person_named

log = logging.getLogger(__name__)

# What the mails about one's log-in are about, as the audit log calls it.
_CHANGES: Final = {
    "account/email/password_changed": "password.change",
    "account/email/password_set": "password.change",
    "account/email/password_reset": "password.reset",
    "mfa/email/totp_activated": "second_step.codes_on",
    "mfa/email/totp_deactivated": "second_step.codes_off",
    "mfa/email/webauthn_added": "second_step.passkey_added",
    "mfa/email/webauthn_removed": "second_step.passkey_removed",
    "mfa/email/recovery_codes_generated": "second_step.recovery_codes",
}


class PortalAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """People come by invitation only; what they do about their log-in goes on record."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _(
            "Too many wrong passwords from here. Wait a quarter of an hour, or choose a new "
            "password below."
        ),
        "incorrect_password": _("That is not your password."),
        "email_password_mismatch": _("This email address and password do not belong together."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 (theirs)
        """Nobody signs up by themselves."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address whose tries to sign in are counted, the same as in the audit log."""
        return address_of(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What wrong passwords are counted by: the person, and the browser if it is known."""
        email = str(credentials.get("email", "")).lower()
        return f"{email} {browsers.mark_of(request, email) or 'stranger'}"

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Put a wrong password on record, if it was for somebody whom we know."""
        if user := person_named(str(credentials.get("email", ""))):
            note_for_person(
                user, action="sign_in.failed", address=address_of(request), why="password"
            )

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in, noting whether it is the first time."""
        request.first_sign_in = user.last_login is None  # type: ignore[attr-defined]
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        """Put it on record; tell the person if they never signed in from this browser."""
        response: HttpResponse = super().post_login(request, user, **more)
        note_for_person(
            user,
            action="sign_in",
            address=address_of(request),
            only=single_sign_on_of(request),
        )
        first = getattr(request, "first_sign_in", True)
        if not first and not browsers.mark_of(request, user.email):
            self.send_notification_mail("accounts/email/new_browser", user)
        browsers.remember(request, response, user.email)
        return response

    def logout(self, request: HttpRequest) -> None:
        """Sign out."""
        if request.user.is_authenticated:
            note_for_person(
                request.user,
                action="sign_out",
                address=address_of(request),
                only=single_sign_on_of(request),
            )
        super().logout(request)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the person what changed about their log-in, and put it on record."""
        if action := _CHANGES.get(template_prefix):
            note_for_person(user, action=action, address=address_of(self.request))
        super().send_notification_mail(template_prefix, user, context, email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; what was done stays done if it cannot be sent."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            log.exception("a mail could not be sent: %s", template_prefix)

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:  # noqa: ARG002 (theirs)
        """Whether to ask once more who it is: the portal's one rule, for allauth's pages too."""
        return not confirmed_lately(context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """How somebody can confirm who they are; over there, for who has no other way."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        vouching = single_sign_on_of(context.request) if context.request else None
        if methods or vouching is None:
            return methods
        return [
            {
                "id": "single_sign_on",
                "description": _("Sign in with your organization again"),
                "url": reverse("openid_connect_login", kwargs={"provider_id": vouching}),
            }
        ]
