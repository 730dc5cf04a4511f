"""Addresses of signing in, of oneself, of an account's people, and of the front door."""

from collections.abc import Sequence

from allauth.account import views
from allauth.mfa.base import views as second_step
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as codes
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as elsewhere
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.urls import URLPattern, URLResolver, include, path, re_path

from accounts.portal import (
    audit,
    brand_files,
    callbacks,
    check,
    credit,
    joining,
    languages,
    oauth,
    profile,
    programs,
    sessions,
    sharing,
    sign_in,
    team,
    tokens,
    usage,
    webhooks,
)
from accounts.portal.home import home
from accounts.portal.profile import own_sign_in

Routes = Sequence[URLPattern | URLResolver]

_password: Routes = [
    path("change/", own_sign_in(views.password_change), name="account_change_password"),
    path("set/", own_sign_in(views.password_set), name="account_set_password"),
    path("reset/", views.password_reset, name="account_reset_password"),
    path("reset/sent/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",  # the key has dashes too
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "reset/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
_passkeys: Routes = [
    path("", own_sign_in(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("add/", own_sign_in(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("confirm/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("<int:pk>/remove/", own_sign_in(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("<int:pk>/edit/", own_sign_in(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
]
_second_step: Routes = [
    path("", own_sign_in(second_step.index), name="mfa_index"),
    path("authenticate/", second_step.authenticate, name="mfa_authenticate"),
    path("confirm/", second_step.reauthenticate, name="mfa_reauthenticate"),
    path("codes/", own_sign_in(codes.activate_totp), name="mfa_activate_totp"),
    path("codes/off/", own_sign_in(codes.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "recovery/",
        own_sign_in(recovery_codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "recovery/new/",
        own_sign_in(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "recovery/codes.txt",
        own_sign_in(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("passkeys/", include(_passkeys)),
]
_single_sign_on: Routes = [
    path("", sign_in.single_sign_on, name="single-sign-on"),
    path("canceled/", elsewhere.login_cancelled, name="socialaccount_login_cancelled"),
    path(
        "<uuid:provider_id>/login/",
        sign_in.answered_elsewhere(openid_connect.login),
        name="openid_connect_login",
    ),
    path(
        "<uuid:provider_id>/login/callback/",
        sign_in.answered_elsewhere(openid_connect.callback),
        name="openid_connect_callback",
    ),
]
_credit: Routes = [
    path("", credit.credit, name="tenant-credit"),
    path("terms/", credit.credit_terms, name="tenant-credit-terms"),
    path("top-up/", credit.credit_top_up, name="tenant-credit-top-up"),
    path("correct/", credit.credit_adjust, name="tenant-credit-adjust"),
    path("ledger.csv", credit.credit_csv, name="tenant-credit-csv"),
    path("statement.pdf", credit.credit_pdf, name="tenant-credit-pdf"),
]
_webhooks: Routes = [
    path("", webhooks.webhook_list, name="webhooks"),
    path("new/", webhooks.webhook_new, name="webhook-new"),
    path("callbacks/", callbacks.callbacks, name="callbacks"),
    path("callbacks/key/", callbacks.callback_key, name="callback-key"),
    path("<uuid:webhook>/", webhooks.webhook, name="webhook"),
    path("<uuid:webhook>/switch/", webhooks.webhook_switch, name="webhook-switch"),
    path("<uuid:webhook>/secret/", webhooks.webhook_rotate, name="webhook-rotate"),
    path("<uuid:webhook>/test/", webhooks.webhook_test, name="webhook-test"),
    path("<uuid:webhook>/delete/", webhooks.webhook_delete, name="webhook-delete"),
    path("<uuid:webhook>/again/", webhooks.webhook_again, name="webhook-again"),
    path("messages/<uuid:message>/", webhooks.webhook_message, name="webhook-message"),
    path("messages/<uuid:message>/again/", webhooks.webhook_redeliver, name="webhook-redeliver"),
]
_account: Routes = [
    path("tenants/<uuid:tenant>/credit/", include(_credit)),
    path("usage/", usage.usage, name="usage"),
    path("usage/ledger.csv", usage.usage_csv, name="usage-csv"),
    path("usage/statement.pdf", usage.usage_pdf, name="usage-pdf"),
    path("team/", team.team, name="team"),
    path("team/invite/", team.team_invite, name="team-invite"),
    path("team/<uuid:user>/role/", team.team_role, name="team-role"),
    path("team/<uuid:user>/remove/", team.team_remove, name="team-remove"),
    path(
        "team/invitations/<uuid:invitation>/resend/",
        team.invitation_resend,
        name="invitation-resend",
    ),
    path(
        "team/invitations/<uuid:invitation>/withdraw/",
        team.invitation_withdraw,
        name="invitation-withdraw",
    ),
    path("webhooks/", include(_webhooks)),
    path("tokens/", tokens.token_list, name="tokens"),
    path("tokens/new/", tokens.token_new, name="token-new"),
    path("tokens/<uuid:token>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("tokens/connections/<uuid:grant>/end/", programs.connection_end, name="connection-end"),
    path("connect/", oauth.consent, name="program-connect"),
    path("sharing/", sharing.sharing, name="sharing"),
    path("sharing/records/", sharing.sharing_set, name="sharing-set"),
    path("sharing/support/", sharing.support_grant, name="support-grant"),
    path("sharing/support/end/", sharing.support_end, name="support-end"),
    path("audit/", audit.audit_log, name="audit"),
    path("audit/log.csv", audit.audit_csv, name="audit-csv"),
    path("language/", languages.account_language, name="account-language"),
    path("sign-in/", sign_in.sign_in_rules, name="sign-in-rules"),
]
_oauth: Routes = [
    path("token", oauth.token, name="oauth-token"),
    path("token.php", oauth.token, name="oauth-token-php"),
    path("authorize", oauth.authorize, name="oauth-authorize"),
    path("authorize.php", oauth.authorize, name="oauth-authorize-php"),
    path("revoke", oauth.revoke, name="oauth-revoke"),
]
_brand: Routes = [
    path("<str:name>.css", brand_files.brand_sheet, name="brand-sheet"),
    path("<str:name>.svg", brand_files.brand_icon, name="brand-icon"),
    path("full/<str:name>.svg", brand_files.brand_icon_full, name="brand-icon-full"),
    path("<str:digest>.png", brand_files.brand_logo, name="brand-logo"),
    path("domain/", brand_files.brand_domain, name="brand-domain"),
]
urlpatterns = [
    path("", home, name="home"),
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("password/", include(_password)),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("second-step/", include(_second_step)),
    path("single-sign-on/", include(_single_sign_on)),
    path("profile/", profile.profile, name="profile"),
    path("language/", languages.language_choose, name="language-choose"),
    path("profile/time-zone/", profile.time_zone_choose, name="time-zone-choose"),
    path("profile/sessions/", sessions.session_list, name="sessions"),
    path("profile/programs/", programs.program_list, name="programs"),
    path("profile/programs/<uuid:grant>/end/", programs.program_end, name="program-end"),
    path("oauth/", include(_oauth)),
    path(".well-known/oauth-authorization-server", oauth.metadata, name="oauth-metadata"),
    path("invitations/<str:secret>/", joining.invitation, name="invitation"),
    path("check/", check.check, name="check"),
    path("brand/", include(_brand)),
    path("manifest.webmanifest", brand_files.manifest, name="manifest"),
    path("a/<uuid:account>/", include(_account)),
]
