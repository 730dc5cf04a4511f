"""What django-allauth asks about this portal."""

from typing import Any, Final
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.auth import browsers, hosts
from accounts.auth.address import address_of
from accounts.auth.confirm import confirmed_lately, single_sign_on_of
from accounts.auth.device import device
from accounts.auth.shut import why_shut
from accounts.services import mail, program_sessions, sign_in_digests
from accounts.services.signin import note_for_person, person_named
from accounts.tenancy import shut_out

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

    def pre_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse | None:
        """Lead back who would find no account here, or all of theirs shut, and say so."""
        if not hosts.is_known_here(request, user):
            clear_login(request)
            messages.error(request, self.error_messages["email_password_mismatch"])
            return redirect("account_login")
        if account := shut_out(user):
            clear_login(request)
            messages.error(request, why_shut(account))
            return redirect("account_login")
        response: HttpResponse | None = super().pre_login(request, user, **more)
        return response

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

    def set_password(self, user: Any, password: str) -> None:
        """Give somebody a new password."""
        super().set_password(user, password)
        sign_in_digests.keep(user, password)
        program_sessions.end_all_of(user)

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
        """Send a mail in the brand's name; what was done stays done if it cannot be sent."""
        user = person_named(email)
        brand = hosts.brand_for_mail(self.request, user)
        words = {name: value for name, value in context.items() if name != "request"}
        if agent := words.get("user_agent"):
            words["user_agent"] = device(agent)
        if link := words.get("password_reset_url"):
            words["password_reset_url"] = brand.base_url + urlsplit(link).path
        mail.send(email, template=template_prefix, brand=brand, **words)

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
