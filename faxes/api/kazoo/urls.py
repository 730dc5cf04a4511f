"""Addresses of this dialect, ``/v2/…``; a slash at the end is taken off before they are looked up.

``account`` is the account's id, or absent where the address is of that of the token.
"""

from collections.abc import Sequence

from django.urls import URLPattern, URLResolver, include, path, re_path

from faxes.api.kazoo import accounts, apps, auth, faxboxes, faxes, smtplog, users, webhooks
from faxes.api.kazoo.base import NothingHere, OldVersion

Routes = Sequence[URLPattern | URLResolver]


def _faxes(scope: str) -> Routes:
    """The folders of faxes: of the account, or of one faxbox or person of it."""
    return [
        path("faxes", faxes.Faxes.as_view(), name=f"kazoo{scope}-faxes"),
        path("faxes/outgoing", faxes.Outgoing.as_view(), name=f"kazoo{scope}-outgoing"),
        path(
            "faxes/outgoing/<str:fax>",
            faxes.OutgoingOne.as_view(),
            name=f"kazoo{scope}-outgoing-one",
        ),
        path("faxes/outbox", faxes.Outbox.as_view(), name=f"kazoo{scope}-outbox"),
        path("faxes/outbox/<str:fax>", faxes.OutboxOne.as_view(), name=f"kazoo{scope}-outbox-one"),
        path(
            "faxes/outbox/<str:fax>/attachment",
            faxes.OutboxAttachment.as_view(),
            name=f"kazoo{scope}-outbox-attachment",
        ),
        path("faxes/inbox", faxes.Inbox.as_view(), name=f"kazoo{scope}-inbox"),
        path("faxes/inbox/<str:fax>", faxes.InboxOne.as_view(), name=f"kazoo{scope}-inbox-one"),
        path(
            "faxes/inbox/<str:fax>/attachment",
            faxes.InboxAttachment.as_view(),
            name=f"kazoo{scope}-inbox-attachment",
        ),
        path("faxes/incoming", faxes.Incoming.as_view(), name=f"kazoo{scope}-incoming"),
        path(
            "faxes/incoming/<str:fax>",
            faxes.IncomingOne.as_view(),
            name=f"kazoo{scope}-incoming-one",
        ),
    ]


def _mails(scope: str) -> Routes:
    """The log of mails: of the account, or of one faxbox."""
    return [
        path("faxes/smtplog", smtplog.SmtpLog.as_view(), name=f"kazoo{scope}-smtplog"),
        path(
            "faxes/smtplog/<str:mail>",
            smtplog.OneMail.as_view(),
            name=f"kazoo{scope}-smtplog-one",
        ),
    ]


_people: Routes = [
    path("users", users.Users.as_view(), name="kazoo-users"),
    path("users/<str:user>", users.OneUser.as_view(), name="kazoo-user"),
    path("users/<str:user>/user_auth", auth.Impersonation.as_view(), name="kazoo-impersonation"),
    path("users/<str:user>/", include(_faxes("-user"))),
]
_kin: Routes = [
    path("children", accounts.Children.as_view(), name="kazoo-children"),
    path("descendants", accounts.Descendants.as_view(), name="kazoo-descendants"),
    path("siblings", accounts.Siblings.as_view(), name="kazoo-siblings"),
    path("parents", accounts.Parents.as_view(), name="kazoo-parents"),
    path("tree", accounts.Tree.as_view(), name="kazoo-tree"),
]
_hooks: Routes = [
    path("webhooks", webhooks.Webhooks.as_view(), name="kazoo-webhooks"),
    path("webhooks/attempts", webhooks.Attempts.as_view(), name="kazoo-webhooks-attempts"),
    path("webhooks/<str:hook>", webhooks.OneWebhook.as_view(), name="kazoo-webhook"),
    path(
        "webhooks/<str:hook>/attempts",
        webhooks.Attempts.as_view(),
        name="kazoo-webhook-attempts",
    ),
]
_apps: Routes = [
    path("apps_store", apps.Apps.as_view(), name="kazoo-apps"),
    path("apps_store/<str:app>", apps.OneApp.as_view(), name="kazoo-app"),
    path("apps_store/<str:app>/icon", apps.AppIcon.as_view(), name="kazoo-app-icon"),
    path("phone_numbers", apps.PhoneNumbers.as_view(), name="kazoo-phone-numbers"),
]
# All of an account.
_account: Routes = [
    *_faxes(""),
    *_mails(""),
    *_people,
    *_kin,
    *_hooks,
    *_apps,
    path("api_key", auth.ApiKey.as_view(), name="kazoo-api-key"),
    path("faxboxes", faxboxes.Faxboxes.as_view(), name="kazoo-faxboxes"),
    path("faxboxes/<str:faxbox>", faxboxes.OneFaxbox.as_view(), name="kazoo-faxbox"),
    path("faxboxes/<str:faxbox>/", include([*_faxes("-faxbox"), *_mails("-faxbox")])),
]
_whitelabel: Routes = [
    path("whitelabel", apps.Whitelabel.as_view(), name="kazoo-whitelabel"),
    path("whitelabel/<str:host>", apps.Whitelabel.as_view(), name="kazoo-whitelabel-host"),
    path(
        "whitelabel/<str:host>/<str:part>",
        apps.Whitelabel.as_view(),
        name="kazoo-whitelabel-part",
    ),
]
_sign_in: Routes = [
    path("user_auth", auth.UserAuth.as_view(), name="kazoo-user-auth"),
    path("user_auth/<str:token>", auth.OneUserAuth.as_view(), name="kazoo-user-auth-one"),
    path("api_auth", auth.ApiAuth.as_view(), name="kazoo-api-auth"),
    path("token_auth", auth.TokenAuth.as_view(), name="kazoo-token-auth"),
]
v2: Routes = [
    *_sign_in,
    *_whitelabel,
    path("webhooks", webhooks.Catalogue.as_view(), name="kazoo-webhooks-catalogue"),
    path("accounts", accounts.NewAccount.as_view(), name="kazoo-accounts"),
    path("accounts/<str:account>", accounts.OneAccount.as_view(), name="kazoo-account"),
    path("account", accounts.OneAccount.as_view(), name="kazoo-own-account"),
    path("accounts/<str:account>/", include(_account)),
    path("account/", include(_account)),
    re_path("", NothingHere.as_view(), name="kazoo-nothing"),
]
old: Routes = [
    re_path("^(accounts|user_auth|api_auth)(/.*)?$", OldVersion.as_view(), name="kazoo-old"),
]
urlpatterns: Routes = [
    path("v2", NothingHere.as_view(), name="kazoo-root"),
    path("v2/", include(v2)),
    path("v1/", include(old)),
]
